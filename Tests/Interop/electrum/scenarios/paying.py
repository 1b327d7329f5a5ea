"""Payments over a channel between both, and how they fail."""

import time

from network import CAPACITY, new_preimage
from salama import PaymentFailure, base64_of
from waiting import Failure, eventually, expect

from . import scenario


def directions(electrum, salama):
    return ((electrum, salama), (salama, electrum))


def with_channel(net, push=2_000_000):
    electrum, salama = net.start("electrum", "salama")
    return electrum, salama, net.open(electrum, salama, push=push)


@scenario("each pays the other in two parts over two channels")
def two_parts(net):
    electrum, salama = net.start("electrum", "salama")
    points = [net.open(electrum, salama, 2_000_000, push=1_000_000) for _ in range(2)]
    for payer, payee in directions(electrum, salama):
        before = [payee.local_balance(point) for point in points]
        more_than_one_has = max(payer.local_balance(point) for point in points) + 50_000
        expect(payer.pay(payee.invoice(more_than_one_has)), f"{payer.name} cannot pay in parts")
        eventually("both parts", lambda: all(
            payee.local_balance(point) > old for point, old in zip(points, before)))


@scenario("a held payment is settled or cancelled by whoever holds it")
def hold_invoices(net):
    electrum, salama, point = with_channel(net)
    for payer, payee in directions(electrum, salama):
        for is_settled in (True, False):
            preimage, payment_hash = new_preimage()
            paying = payer.pay_in_background(payee.hold_invoice(payment_hash, 50_000))
            eventually("the payment held", lambda: payee.holds(payment_hash))
            net.wait_for_htlcs(1, point, electrum, salama)
            expect(not paying.is_done, "the payment did not wait")
            if is_settled:
                payee.settle(preimage)
                expect(paying.result() == preimage, "the payer has another preimage")
            else:
                payee.cancel(payment_hash)
                expect(paying.result() is None, "a cancelled payment was paid")
            net.wait_for_htlcs(0, point, electrum, salama)


@scenario("Electrum refuses Salama's keysend, which it does not know, and the coins come back")
def keysend_refused(net):
    electrum, salama, point = with_channel(net)
    before = salama.local_balance(point)
    try:
        salama.keysend(electrum, 10_000)
        raise Failure("the keysend was paid")
    except PaymentFailure:
        pass
    net.wait_for_htlcs(0, point, electrum, salama)
    expect(salama.local_balance(point) == before, "the coins did not come back")
    expect(salama.pay(electrum.invoice(10_000)), "the channel works no more")


@scenario("payments for unknown hashes fail at the payee, and the channel goes on")
def unknown_hash(net):
    electrum, salama, point = with_channel(net)
    invoice = salama.invoice(10_000)
    salama.cancel(salama.get(f"/v1/payreq/{invoice}")["payment_hash"])
    expect(electrum.pay(invoice) is None, "Electrum paid a cancelled invoice")
    facts = salama.get(f"/v1/payreq/{electrum.invoice(10_000)}")
    expect_refused(salama, dict(facts, payment_hash=new_preimage()[1]))
    net.wait_for_htlcs(0, point, electrum, salama)
    expect(electrum.pay(salama.invoice(10_000)), "the channel works no more")


def expect_refused(salama, facts):
    """Pays what an invoice said without the invoice, so that the payee is who refuses."""
    try:
        salama.send(
            dest=base64_of(facts["destination"]), amt=facts["num_satoshis"],
            payment_hash=base64_of(facts["payment_hash"]), payment_addr=facts["payment_addr"],
            final_cltv_delta=int(facts["cltv_expiry"]))
    except PaymentFailure as failure:
        expect(failure.reason == "FAILURE_REASON_INCORRECT_PAYMENT_DETAILS", failure.reason)
    else:
        raise Failure("the payment was taken")


@scenario("expired invoices are neither paid nor taken")
def expired(net):
    electrum, salama, point = with_channel(net)
    of_electrum, of_salama = electrum.invoice(10_000, expiry=1), salama.invoice(10_000, expiry=1)
    facts = salama.get(f"/v1/payreq/{of_electrum}")
    ends = max(int(salama.get(f"/v1/payreq/{i}")["timestamp"]) for i in (of_electrum, of_salama)) + 1
    eventually("the invoices' end", lambda: time.time() > ends + 1)
    for payer, invoice in ((electrum, of_salama), (salama, of_electrum)):
        try:
            expect(payer.pay(invoice) is None, f"{payer.name} paid an expired invoice")
        except Failure as failure:
            expect("expired" in str(failure).lower(), str(failure))
    expect_refused(salama, facts)
    net.wait_for_htlcs(0, point, electrum, salama)


@scenario("what the channel cannot carry is not paid, and all that it can is")
def too_little(net):
    electrum, salama, point = with_channel(net, push=500_000)
    for payer, payee in directions(electrum, salama):
        try:
            # Electrum makes no invoice for more than it can get.
            invoice = payee.invoice(payer.local_balance(point) + 10_000)
            expect(payer.pay(invoice) is None, f"{payer.name} paid more than it had")
        except Failure as failure:
            expect("balance" in str(failure).lower() or "inbound" in str(failure).lower(), str(failure))
    spendable = salama.local_balance(point) - int(salama.channel(point)["local_chan_reserve_sat"])
    expect(salama.pay(electrum.invoice(spendable)), "Salama cannot pay all that it may")
    net.wait_for_htlcs(0, point, electrum, salama)


@scenario("a change of the fee rate by Electrum is followed")
def fee_update(net):
    electrum, salama, point = with_channel(net)
    electrum.estimate_fees(40_000)
    # It adds a half for what may come.
    eventually("the new rate", lambda: salama.channel(point)["fee_per_kw"] == "15000")
    for payer, payee in directions(electrum, salama):
        expect(payer.pay(payee.invoice(10_000)), f"{payer.name} cannot pay")


@scenario("a change of the fee rate by Salama is followed", spoils_chain=True)
def fee_update_by_salama(net):
    electrum, salama = net.start("electrum", "salama")
    point = net.open(salama, electrum, push=1_000_000)
    before = int(salama.channel(point)["fee_per_kw"])
    for _ in range(60):
        if net.chain.estimated_fee_rate():
            break
        net.chain.teach_fee_rate(4)
        net.mine()
    expect(net.chain.estimated_fee_rate(), "bitcoind has no estimate")
    eventually("the new rate", lambda: int(salama.channel(point)["fee_per_kw"]) < before // 2)
    for payer, payee in directions(electrum, salama):
        expect(payer.pay(payee.invoice(10_000)), f"{payer.name} cannot pay")
    net.wait_for_htlcs(0, point, electrum, salama)
    # What Electrum holds of the commitment pays the new rate, too: it could close with it.
    rate = int(salama.channel(point)["fee_per_kw"])
    paid = net.chain.fee_rate(electrum.commitment(point), CAPACITY)
    expect(abs(paid - rate) <= rate // 10, f"Electrum's commitment pays {paid} sat/kw where {rate} were agreed")


@scenario("failures that Electrum makes up as payee are read by Salama, and the channel goes on")
def made_up_failures(net):
    electrum, salama, point = with_channel(net)
    before = salama.local_balance(point)
    for option in ("test_fail_malformed_htlc", "test_fail_htlcs_with_temp_node_failure"):
        electrum.call("setconfig", key=option, value=True)
        expect(salama.pay(electrum.invoice(10_000)) is None, "a failed payment was paid")
        net.wait_for_htlcs(0, point, electrum, salama)
        electrum.call("setconfig", key=option, value=False)
    expect(salama.local_balance(point) == before, "the coins did not come back")
    expect(salama.pay(electrum.invoice(10_000)), "the channel works no more")
