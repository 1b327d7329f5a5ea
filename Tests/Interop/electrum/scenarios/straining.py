"""Many payments at a time, lost connections between any two messages, and nodes killed among them."""

import time

from waiting import eventually, expect

from . import scenario
from .paying import directions, with_channel


def commit_fee(salama, point):
    return int(salama.channel(point)["commit_fee"])


def expect_agreement(net, point, electrum, salama):
    """Both sides count the same coins, none of them on its way."""
    net.wait_for_htlcs(0, point, electrum, salama)
    channel = salama.channel(point)
    eventually("the same balances", lambda: (
        electrum.channel(point)["local_balance"] == electrum.channel(point)["capacity"] - salama.local_balance(point)
        and electrum.channel(point)["remote_balance"] == salama.local_balance(point)))
    expect(channel["unsettled_balance"] == "0", "coins are unsettled")


def paid(results):
    return sum(result is not None for result in results)


@scenario("ten payments each way at a time all arrive")
def both_ways(net):
    electrum, salama, point = with_channel(net)
    before = salama.local_balance(point)
    amounts = {electrum: 20_000, salama: 7_000}
    invoices = [
        (payer, payee.invoice(amounts[payer])) for _ in range(10) for payer, payee in directions(electrum, salama)]
    results = [payer.pay_in_background(invoice) for payer, invoice in invoices]
    expect(paid(r.result() for r in results) == 20, "not every payment arrived")
    expect_agreement(net, point, electrum, salama)
    expect(salama.local_balance(point) == before + 10 * (20_000 - 7_000), "the balance is another")


@scenario("payments down to one satoshi, below what an output may have, arrive")
def dust(net):
    electrum, salama, point = with_channel(net)
    before = salama.local_balance(point)
    for payer, payee in directions(electrum, salama):
        for amount in (1, 300, 353, 354, 545, 546, 547):
            expect(payer.pay(payee.invoice(amount)), f"{payer.name} cannot pay {amount} sat")
    expect_agreement(net, point, electrum, salama)
    expect(salama.local_balance(point) == before, "the balance is another")


def settled_at_salama(salama):
    return sum(i["state"] == "SETTLED" for i in salama.get("/v1/invoices?num_max_invoices=1000")["invoices"])


def settled_at_electrum(electrum):
    return len(electrum.call("list_requests", paid=True))


def strain(net, disturb):
    """Payments both ways while something is disturbed after ever longer waits; nothing is lost, and nothing paid twice."""
    electrum, salama, point = with_channel(net, push=2_000_000)
    before = salama.local_balance(point)
    to_salama, to_electrum = [], []
    for wait in range(10):
        to_salama += [electrum.pay_in_background(salama.invoice(11_000)) for _ in range(2)]
        to_electrum += [salama.pay_in_background(electrum.invoice(5_000)) for _ in range(2)]
        # How far the payments have come is what is varied, and is not waited for.
        time.sleep(wait * 0.02)
        disturb(electrum, salama)
        net.reconnect(electrum, salama)
        net.wait_until_open(point, electrum, salama)
    sent = paid(r.result() for r in to_salama), paid(r.result() for r in to_electrum)
    expect_agreement(net, point, electrum, salama)
    received = settled_at_salama(salama), settled_at_electrum(electrum)
    expect(sent == received, f"{sent} payments were made, and {received} taken")
    gain = salama.local_balance(point) - before
    expect(gain == 11_000 * sent[0] - 5_000 * sent[1], f"the balance of Salama has changed by {gain} sat")


@scenario("connections that are lost at any moment lose no payment and pay none twice", is_long=True)
def lost_connections(net):
    strain(net, lambda electrum, salama: net.disconnect(electrum, salama))


def end_again_and_again(net, name, end):
    """Ends a node at ever other moments of its payments, and looks that both agree on what was paid."""
    electrum, salama, point = with_channel(net, push=2_000_000)
    victim, other = (electrum, salama) if name == "electrum" else (salama, electrum)
    before = salama.local_balance(point)
    to_victim, to_other = [], []
    for wait in range(6):
        to_victim += [other.pay_in_background(victim.invoice(11_000)) for _ in range(2)]
        to_other += [victim.pay_in_background(other.invoice(5_000)) for _ in range(2)]
        time.sleep(wait * 0.04)
        end(victim)
        net.restart(victim)
        net.reconnect(electrum, salama)
        net.wait_until_open(point, electrum, salama)
    received_by_victim = 11_000 * paid(r.result() for r in to_victim)
    expect_agreement(net, point, electrum, salama)
    # What the victim was asked to pay is not known from its answers, which ended with it.
    received_by_other = 5_000 * (settled_at_salama(salama) if other is salama else settled_at_electrum(electrum))
    gain = salama.local_balance(point) - before
    expected = received_by_other - received_by_victim
    expect(gain == (expected if other is salama else -expected), f"Salama's balance has changed by {gain} sat")


@scenario("Salama killed at any moment loses no payment and pays none twice", is_long=True)
def salama_killed(net):
    end_again_and_again(net, "salama", lambda node: node.kill())


@scenario("Electrum stopped at any moment loses no payment and pays none twice", is_long=True)
def electrum_stopped(net):
    # Not killed: it may then know of an update that it has not sent, does not send it again, and signs what nobody knows.
    end_again_and_again(net, "electrum", lambda node: node.stop())
