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
        salama.disconnect(electrum)
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
