"""Revoked commitments, published by either side."""

from chain import COIN
from network import new_preimage
from waiting import eventually, expect

from . import scenario

CAPACITY, PUSHED = 2_000_000, 900_000
ANCHOR = 330
FEES_OF_SALAMA, FEES_OF_ELECTRUM = 60_000, 250_000


def spendable_outputs(net, txid):
    outputs = net.chain.transaction(txid)["vout"]
    return [f"{txid}:{o['n']}" for o in outputs if round(o["value"] * COIN) > ANCHOR]


def expect_gain(node, before, whole, fees):
    gain = node.balance() - before
    expect(whole - fees <= gain <= whole, f"{node.name} has {gain} sat of {whole} sat")


def electrum_cheats(net, htlc_count):
    electrum, salama = net.start("electrum", "salama")
    point = net.open(electrum, salama, CAPACITY, push=PUSHED)
    held = []
    for payer, payee in ((electrum, salama), (salama, electrum))[:htlc_count]:
        preimage, payment_hash = new_preimage()
        held.append((payee, preimage, payer.pay_in_background(payee.hold_invoice(payment_hash, 100_000))))
        eventually("the payment held", lambda: payee.holds(payment_hash))
    net.wait_for_htlcs(htlc_count, point, electrum, salama)
    revoked = electrum.commitment(point)
    for payee, preimage, paying in held:
        payee.settle(preimage)
        paying.result()
    expect(electrum.pay(salama.invoice(200_000)), "no payment after the revoked state")
    net.wait_for_htlcs(0, point, electrum, salama)
    before = salama.balance()
    electrum.kill()
    txid = net.chain.call("sendrawtransaction", revoked)
    net.mine_transaction(txid, but=[electrum])
    outputs = spendable_outputs(net, txid)
    expect(len(outputs) == 2 + htlc_count, f"the commitment has {len(outputs)} outputs")
    net.mine_until(
        "every output taken", lambda: all(map(net.chain.spender, outputs)), step=1, limit=12, but=[electrum])
    net.mine_until(
        "the end at Salama", lambda: salama.closed_channel(point), step=6, limit=300, but=[electrum])
    kind = salama.closed_channel(point)["close_type"]
    expect(kind == "BREACH_CLOSE", kind)
    whole = sum(
        round(o["value"] * COIN) for o in net.chain.transaction(txid)["vout"]
        if round(o["value"] * COIN) > ANCHOR)
    expect_gain(salama, before, whole, FEES_OF_SALAMA)


@scenario("Electrum publishes a revoked commitment and loses all")
def electrum_publishes_revoked(net):
    electrum_cheats(net, 0)


@scenario("Electrum publishes a revoked commitment with HTLCs both ways and loses all")
def electrum_publishes_revoked_with_htlcs(net):
    electrum_cheats(net, 2)


@scenario("Salama, put back to an old state, is punished by Electrum")
def salama_publishes_revoked(net):
    electrum, salama = net.start("electrum", "salama")
    point = net.open(salama, electrum, CAPACITY, push=PUSHED)
    expect(electrum.pay(salama.invoice(300_000)), "no payment before the old state")
    net.wait_for_htlcs(0, point, electrum, salama)
    salama.stop()
    net.save(salama)
    net.restart(salama)
    net.reconnect(electrum, salama)
    net.wait_until_open(point, electrum, salama)
    expect(salama.pay(electrum.invoice(700_000)), "no payment after the old state")
    net.wait_for_htlcs(0, point, electrum, salama)
    before = electrum.balance()
    electrum.stop()
    salama.stop()
    net.put_back(salama)
    net.restart(salama)
    txid = salama.close_channel(point, force=True)
    net.mine_transaction(txid, but=[electrum])
    net.restart(electrum)
    outputs = spendable_outputs(net, txid)
    net.mine_until("every output taken", lambda: all(map(net.chain.spender, outputs)), step=1, limit=12)
    net.mine_until(
        "the end at Electrum", lambda: electrum.channel(point)["state"] == "REDEEMED", step=6, limit=300)
    whole = sum(
        round(o["value"] * COIN) for o in net.chain.transaction(txid)["vout"]
        if round(o["value"] * COIN) > ANCHOR)
    expect_gain(electrum, before, whole, FEES_OF_ELECTRUM)
