"""Connections that break and nodes that are killed while a payment is on its way."""

from network import new_preimage
from waiting import eventually, expect

from . import scenario
from .paying import directions, with_channel


def held(net, point, payer, payee):
    """A payment that the payee holds, with the preimage that ends it."""
    preimage, payment_hash = new_preimage()
    paying = payer.pay_in_background(payee.hold_invoice(payment_hash, 60_000))
    eventually("the payment held", lambda: payee.holds(payment_hash))
    net.wait_for_htlcs(1, point, payer, payee)
    return preimage, paying


@scenario("a payment that is held over a lost connection is settled after it")
def lost_connection(net):
    electrum, salama, point = with_channel(net)
    for payer, payee in directions(electrum, salama):
        preimage, paying = held(net, point, payer, payee)
        net.disconnect(electrum, salama)
        # Settled while nobody is there to be told.
        payee.settle(preimage)
        net.reconnect(electrum, salama)
        expect(paying.result() == preimage, "the payer has another preimage")
        net.wait_for_htlcs(0, point, electrum, salama)


def kill_and_settle(net, victim_name):
    electrum, salama, point = with_channel(net)
    victim = {"electrum": electrum, "salama": salama}[victim_name]
    for payer, payee in directions(electrum, salama):
        balance = payee.local_balance(point)
        preimage, paying = held(net, point, payer, payee)
        victim.kill()
        net.restart(victim)
        net.reconnect(electrum, salama)
        net.wait_until_open(point, electrum, salama)
        payee.settle(preimage)
        net.wait_for_htlcs(0, point, electrum, salama)
        eventually("the payee's balance", lambda: payee.local_balance(point) == balance + 60_000)
        if payer is not victim:
            expect(paying.result() == preimage, "the payer has another preimage")
        expect(payer.pay(payee.invoice(5_000)), "the channel works no more")


@scenario("Salama is killed with HTLCs pending, and they are settled when it is back")
def salama_killed(net):
    kill_and_settle(net, "salama")


@scenario("Electrum is killed with HTLCs pending, and they are settled when it is back")
def electrum_killed(net):
    kill_and_settle(net, "electrum")


def kill_forwarder(net, middle, ends):
    """Kills the middle of three while the last holds payments of both ends, which are settled and cancelled afterwards."""
    left, forwarder, right = net.start(ends[0], middle, ends[1])
    points = [net.open(node, forwarder, push=2_000_000) for node in (left, right)]
    held_ones = []
    for payer, payee in ((left, right), (right, left)):
        for is_settled in (True, False):
            preimage, payment_hash = new_preimage()
            paying = payer.pay_in_background(payee.hold_invoice(payment_hash, 50_000))
            eventually("the payment held", lambda: payee.holds(payment_hash))
            held_ones.append((payee, preimage, payment_hash, is_settled, paying))
    for point, node in zip(points, (left, right)):
        net.wait_for_htlcs(4, point, node, forwarder)
    forwarder.kill()
    net.restart(forwarder)
    for point, node in zip(points, (left, right)):
        net.reconnect(*((node, forwarder) if middle == "salama" else (forwarder, node)))
        net.wait_until_open(point, node, forwarder)
    for payee, preimage, payment_hash, is_settled, paying in held_ones:
        if is_settled:
            payee.settle(preimage)
            expect(paying.result() == preimage, "the payer has another preimage")
        else:
            payee.cancel(payment_hash)
            expect(paying.result() is None, "a cancelled payment was paid")
    for point, node in zip(points, (left, right)):
        net.wait_for_htlcs(0, point, node, forwarder)


@scenario("Salama is killed with HTLCs pending that it forwards between Electrums")
def forwarding_salama_killed(net):
    kill_forwarder(net, "salama", ("electrum-left", "electrum-right"))


@scenario("Electrum is killed with HTLCs pending that it forwards between Salamas")
def forwarding_electrum_killed(net):
    kill_forwarder(net, "electrum", ("salama-left", "salama-right"))
