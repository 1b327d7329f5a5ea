"""Payments through a third node."""

from network import new_preimage
from salama import PaymentFailure
from waiting import eventually, expect

from . import scenario


@scenario("two Electrums pay each other through Salama")
def through_salama(net):
    left, salama, right = net.start("electrum-left", "salama", "electrum-right")
    points = [net.open(node, salama, push=2_000_000) for node in (left, right)]
    for payer, payee in ((left, right), (right, left)):
        expect(payer.pay(payee.invoice(100_000)), f"{payer.name} cannot pay")
    events = salama.post("/v1/switch")["forwarding_events"]
    # Electrum may pay in parts, each of which is a forward.
    paid = sum(int(event["amt_out_msat"]) for event in events)
    expect(paid == 200_000_000, f"Salama tells of {len(events)} forwards of {paid} msat")
    # The failure of the last hop comes back through Salama.
    preimage, payment_hash = new_preimage()
    paying = left.pay_in_background(right.hold_invoice(payment_hash, 50_000))
    eventually("the payment held", lambda: right.holds(payment_hash))
    for point, node in zip(points, (left, right)):
        net.wait_for_htlcs(1, point, node, salama)
    right.cancel(payment_hash)
    expect(paying.result() is None, "a cancelled payment was paid")
    for point, node in zip(points, (left, right)):
        net.wait_for_htlcs(0, point, node, salama)


@scenario("two Salamas pay each other through Electrum, with invoices and keysend")
def through_electrum(net):
    left, electrum, right = net.start("salama-left", "electrum", "salama-right")
    points = [net.open(node, electrum, push=2_000_000, public=True) for node in (left, right)]
    for node in (left, right):
        eventually(f"the channels in {node.name}'s graph", lambda: node.knows_channels() == 2)
    for payer, payee in ((left, right), (right, left)):
        expect(payer.pay(payee.invoice(100_000)), f"{payer.name} cannot pay")
    payment = left.keysend(right, 30_000)
    hops = payment["htlcs"][-1]["route"]["hops"]
    expect([hop["pub_key"] for hop in hops] == [electrum.key, right.key], "the route is another")
    preimage, payment_hash = new_preimage()
    paying = left.pay_in_background(right.hold_invoice(payment_hash, 50_000))
    eventually("the payment held", lambda: right.holds(payment_hash))
    right.cancel(payment_hash)
    expect(paying.result() is None, "a cancelled payment was paid")
    for point, node in zip(points, (left, right)):
        net.wait_for_htlcs(0, point, node, electrum)


@scenario("a payment in parts goes through Salama over two channels on either side")
def parts_through_salama(net):
    left, salama, right = net.start("electrum-left", "salama", "electrum-right")
    points = [net.open(node, salama, 2_000_000, push=900_000) for node in (left, right) for _ in range(2)]
    for payer, payee, own in ((left, right, points[:2]), (right, left, points[2:])):
        more_than_one_has = max(payer.local_balance(point) for point in own) + 50_000
        expect(payer.pay(payee.invoice(more_than_one_has)), f"{payer.name} cannot pay in parts")
        for point, node in zip(points, (left, left, right, right)):
            net.wait_for_htlcs(0, point, node, salama)
    events = salama.post("/v1/switch")["forwarding_events"]
    expect(len(events) >= 4, f"Salama tells of {len(events)} forwards")


@scenario("failures that Electrum makes up as forwarder lead Salama another way, or to an end")
def made_up_failures(net):
    left, electrum, right = net.start("salama-left", "electrum", "salama-right")
    points = [net.open(node, electrum, push=2_000_000) for node in (left, right)]
    for option in ("test_fail_malformed_htlc", "test_fail_htlcs_with_temp_node_failure"):
        electrum.call("setconfig", key=option, value=True)
        expect(left.pay(right.invoice(10_000)) is None, "a failed payment was paid")
        electrum.call("setconfig", key=option, value=False)
    for point, node in zip(points, (left, right)):
        net.wait_for_htlcs(0, point, node, electrum)
