"""BOLT 2: HTLCs, from `update_add_htlc` to their end."""

import os
from base64 import b64decode, b64encode

from driver.bitcoin import sha256
from driver.rules import OURS, THEIRS, rule

WARN_OR_FAIL = " SHOULD send a `warning` and close the connection, or send an `error` and fail the channel."
MUST_WARN_OR_FAIL = " MUST send a `warning` and close the connection, or send an `error` and fail the channel."
ADD = "### Adding an HTLC: `update_add_htlc` ... "
REMOVE = "### Removing an HTLC: `update_fulfill_htlc`, `update_fail_htlc`, and `update_fail_malformed_htlc` ... "


def invoice(t, amount=20_000_000):
    """An invoice of the node's: its payment hash and payment secret."""
    answer = t.node.post("/v1/invoices", {"value_msat": str(amount)})
    return b64decode(answer["r_hash"]), b64decode(answer["payment_addr"])


def held_htlc(t):
    """An HTLC that the node neither takes nor fails: the payment of a hold invoice."""
    payment_hash = os.urandom(32)
    answer = t.node.post("/v2/invoices/hodl", {"hash": text(payment_hash), "value": "20000"})
    htlc = t.channel.add(payment_hash=payment_hash, payment_secret=b64decode(answer["payment_addr"]))
    t.channel.exchange()
    return htlc


def text(data):
    return b64encode(data).decode()


def takes_back(t):
    """What was refused before it was committed counts for nothing after reconnecting."""
    t.channel.updates = [update for update in t.channel.updates if update.stage != update.SENT]
    t.channel.next_id = sum(update.by_us and update.kind == "add" for update in t.channel.updates)
    t.stays()
    t.works()


def refuses_update(t, says):
    """The node warns and closes the connection; the channel goes on without the update when it is back."""
    t.channel.peer.closed(says)
    takes_back(t)


# update_add_htlc


def bad_add(name, quote, says, channel=OURS, **options):
    @rule(2, quote, name=f"update_add_htlc_{name}", channel=channel)
    def case(t):
        t.channel.add(**options)
        refuses_update(t, says)


bad_add("of_nothing", ADD + "receiving an `amount_msat` equal to 0, OR less than its own `htlc_minimum_msat`:"
        + WARN_OR_FAIL, "msat", amount=0, onion=bytes(1366))
UNAFFORDABLE = (
    ADD + "receiving an `amount_msat` that the sending node cannot afford at the current `feerate_per_kw` (while "
    "maintaining its channel reserve and any `to_local_anchor` and `to_remote_anchor` costs):" + WARN_OR_FAIL)
bad_add("of_more_than_there_is", UNAFFORDABLE, "with reserve and fees", amount=700_000_000)
bad_add("of_the_reserve", UNAFFORDABLE, "with reserve and fees", amount=595_000_000)
bad_add("of_the_reserve_of_the_accepter", UNAFFORDABLE, "with reserve and fees", channel=THEIRS, amount=399_000_000)
bad_add("with_a_time_as_expiry", ADD + "if sending node sets `cltv_expiry` to greater or equal to 500000000:"
        + WARN_OR_FAIL, "cltv_expiry", expiry=500_000_000)
IDS = (ADD + "if other `id` violations occur: MAY send a `warning` and close the connection, or send an `error` and fail "
       "the channel.")
bad_add("that_skips_an_id", IDS, "id", id=1)
bad_add("with_a_huge_id", IDS, "id", id=(1 << 64) - 1)


@rule(2, IDS, channel=OURS)
def update_add_htlc_with_an_id_twice(t):
    t.channel.add()
    t.channel.add(id=0)
    refuses_update(t, "id")


@rule(2, ADD + "for the first HTLC it offers: MUST set `id` to 0.",
      "MUST increase the value of `id` by 1 for each successive offer.",
      "`id` MUST NOT be reset to 0 after the update is complete (i.e. after `revoke_and_ack` has been received).",
      channel=OURS)
def ids_of_the_node_ascend(t):
    for id in range(3):
        added = pay_to_peer(t)
        t.demand(added.id == id, f"the id is {added.id} instead of {id}")
        t.channel.fail(added)
        t.channel.exchange()


def pay_to_peer(t, amount=5_000_000):
    """Has the node pay the peer, without an invoice. Gives the HTLC once it is committed on both sides."""
    begin_payment(t, amount)
    return next(message for message in t.channel.receive_updates() if message.name == "update_add_htlc")


def begin_payment(t, amount=5_000_000):
    """Has the node send the peer a payment whose preimage the test knows. Gives the call's thread and outcome."""
    t.preimage = os.urandom(32)
    return t.in_background(t.node.calls.exchange, "POST", "/v2/router/send", {
        "dest": text(t.channel.peer.id), "amt_msat": str(amount), "timeout_seconds": 30,
        "payment_hash": text(sha256(t.preimage)), "no_inflight_updates": True, "fee_limit_msat": "1000000",
        "dest_custom_records": {"5482373484": text(t.preimage)}})


TOO_MANY = (
    ADD + "if a sending node adds more than receiver `max_accepted_htlcs` HTLCs to its local commitment transaction, OR "
    "adds more than receiver `max_htlc_value_in_flight_msat` worth of offered HTLCs to its local commitment transaction:"
    + WARN_OR_FAIL)


@rule(2, TOO_MANY)
def update_add_htlc_too_many(t):
    t.channel = t.opened_by_node(remote_max_htlcs=6)
    for _ in range(6):
        t.channel.add(amount=1_000_000, onion=bytes(1366))
    t.channel.peer.alive()
    t.channel.add(amount=1_000_000, onion=bytes(1366))
    refuses_update(t, "7 HTLCs")


@rule(2, TOO_MANY)
def update_add_htlc_too_much(t):
    t.channel = t.opened_by_node(remote_max_value_in_flight_msat="100000000")
    for _ in range(2):
        t.channel.add(amount=50_000_000, onion=bytes(1366))
    t.channel.peer.alive()
    t.channel.add(amount=1_000, onion=bytes(1366))
    refuses_update(t, "flight")


@rule(2, ADD + "MUST allow multiple HTLCs with the same `payment_hash`.", channel=OURS)
def update_add_htlc_with_the_same_hash(t):
    payment_hash = os.urandom(32)
    for _ in range(3):
        t.channel.add(payment_hash=payment_hash)
    t.channel.exchange()
    failed = t.channel.receive_updates()
    while len(failed) < 3:
        failed += t.channel.receive_updates()
    t.demand(len(failed) == 3, f"{len(failed)} HTLCs were answered")


@rule(2, ADD + "if the sender did not previously acknowledge the commitment of that HTLC: MUST ignore a repeated `id` "
      "value after a reconnection.", channel=OURS)
def update_add_htlc_again_after_reconnecting(t):
    htlc = t.channel.add()
    t.channel.peer.alive()
    t.channel.updates.clear()
    t.channel.resume()
    t.channel.next_id = 0
    again = t.channel.add()
    t.demand(again.id == htlc.id, "the id is another")
    t.channel.exchange()
    t.channel.receive_updates()


@rule(2, ADD + "MUST use `payment_hash` as `associated_data`.", channel=OURS)
def onion_of_another_hash(t):
    onion = t.channel.onion(os.urandom(32), 20_000_000, 300)
    t.channel.add(onion=onion)
    t.channel.exchange()
    (answer,) = t.channel.receive_updates()
    t.demand(answer.name == "update_fail_malformed_htlc", f"the answer is {answer.name}")
    t.demand(answer.failure_code == 0xC005, f"the code is {answer.failure_code:x}")
    t.demand(answer.sha256_of_onion == sha256(onion), "the hash is of another onion")


MALFORMED = (
    ADD + "If decryption fails, the result is not a valid `payload` TLV, or it contains unknown even types: MUST respond "
    "with an error as detailed in")


def malformed_onion(name, code, change):
    @rule(2, MALFORMED, name=f"onion_{name}", channel=OURS)
    def case(t):
        payment_hash = os.urandom(32)
        onion = change(t.channel.onion(payment_hash, 20_000_000, 300))
        t.channel.add(payment_hash=payment_hash, onion=onion)
        t.channel.exchange()
        (answer,) = t.channel.receive_updates()
        t.demand(answer.name == "update_fail_malformed_htlc", f"the answer is {answer.name}")
        t.demand(answer.failure_code == code, f"the code is {answer.failure_code:x}")
        t.demand(answer.sha256_of_onion == sha256(onion), "the hash is of another onion")


malformed_onion("of_version_1", 0xC004, lambda onion: b"\x01" + onion[1:])
malformed_onion("with_a_wrong_hmac", 0xC005, lambda onion: onion[:-1] + bytes([onion[-1] ^ 1]))
malformed_onion("without_a_key", 0xC006, lambda onion: onion[:1] + b"\x02" + bytes(31) + b"\x05" + onion[34:])


def bad_payload(name, payload):
    @rule(2, MALFORMED, name=f"payload_{name}", channel=OURS)
    def case(t):
        payment_hash = os.urandom(32)
        onion = t.channel.onion(payment_hash, 20_000_000, 300, payload=bytes.fromhex(payload))
        t.channel.add(payment_hash=payment_hash, onion=onion)
        t.channel.exchange()
        (answer,) = t.channel.receive_updates()
        t.demand(answer.name == "update_fail_htlc" and len(answer.reason) >= 292, f"the answer is {answer.name}")


bad_payload("with_an_unknown_even_type", "0203989680" + "0402012c" + "0a00" + "fd010000")
bad_payload("without_an_amount", "0402012c")
bad_payload("out_of_order", "0402012c" + "0203989680")
bad_payload("with_a_leading_zero", "020400989680" + "0402012c")
bad_payload("of_nothing", "")


@rule(2, ADD + "MUST decrypt `onion_routing_packet` as described in", ADD + "MUST offer `amount_msat` greater than 0.",
      channel=OURS)
def invoice_is_paid(t):
    payment_hash, secret = invoice(t)
    t.channel.add(payment_hash=payment_hash, payment_secret=secret)
    t.channel.exchange()
    (answer,) = t.channel.receive_updates()
    t.demand(answer.name == "update_fulfill_htlc", f"the answer is {answer.name}")
    t.demand(sha256(answer.payment_preimage) == payment_hash, "the preimage is another")


# Removing


@rule(2, REMOVE + "until the corresponding HTLC is irrevocably committed in both sides' commitment transactions: MUST NOT "
      "send an `update_fulfill_htlc`, `update_fail_htlc`, or `update_fail_malformed_htlc`.", channel=OURS)
def removal_waits_for_both_commitments(t):
    payment_hash, secret = invoice(t)
    t.channel.add(payment_hash=payment_hash, payment_secret=secret)
    t.channel.commit()
    t.channel.take_revocation(t.channel.peer.expect("revoke_and_ack"))
    t.channel.take_commitment(t.channel.peer.expect("commitment_signed"))
    t.channel.peer.alive()
    t.channel.revoke()
    (answer,) = t.channel.receive_updates()
    t.demand(answer.name == "update_fulfill_htlc", f"the answer is {answer.name}")


UNKNOWN_HTLC = (
    REMOVE + "if the `id` does not correspond to an HTLC in its current commitment transaction:" + MUST_WARN_OR_FAIL)


def removal_of_nothing(name, send):
    @rule(2, UNKNOWN_HTLC, name=f"{name}_of_an_unknown_htlc", channel=OURS)
    def case(t):
        send(t.channel)
        t.refused("HTLC 5: unknown")


removal_of_nothing("update_fulfill_htlc", lambda channel: channel.peer.send(
    "update_fulfill_htlc", channel_id=channel.id, id=5, payment_preimage=bytes(32)))
removal_of_nothing("update_fail_htlc", lambda channel: channel.peer.send(
    "update_fail_htlc", channel_id=channel.id, id=5, reason=bytes(292)))
removal_of_nothing("update_fail_malformed_htlc", lambda channel: channel.peer.send(
    "update_fail_malformed_htlc", channel_id=channel.id, id=5, sha256_of_onion=bytes(32), failure_code=0xC005))


@rule(2, UNKNOWN_HTLC, channel=OURS)
def removal_of_its_own_htlc(t):
    htlc = held_htlc(t)
    t.channel.peer.alive()
    t.channel.peer.send("update_fail_htlc", channel_id=t.channel.id, id=htlc.id, reason=bytes(292))
    t.refused("unknown")


@rule(2, UNKNOWN_HTLC, channel=THEIRS)
def removal_before_the_htlc_is_committed(t):
    begin_payment(t)
    added = t.channel.peer.expect("update_add_htlc")
    t.channel.peer.expect("commitment_signed")
    t.channel.peer.send(
        "update_fulfill_htlc", channel_id=t.channel.id, id=added.id, payment_preimage=t.preimage)
    t.channel.peer.closed("not irrevocably committed")


@rule(2, UNKNOWN_HTLC, channel=THEIRS)
def removal_twice(t):
    added = pay_to_peer(t)
    t.channel.fail(added)
    t.channel.peer.send("update_fail_htlc", channel_id=t.channel.id, id=added.id, reason=bytes(292))
    t.channel.peer.closed("removed already")
    t.channel.updates.pop()
    t.stays()


PREIMAGE = (
    REMOVE + "if the `payment_preimage` value in `update_fulfill_htlc` doesn't SHA256 hash to the corresponding HTLC "
    "`payment_hash`:" + MUST_WARN_OR_FAIL)


@rule(2, PREIMAGE, channel=THEIRS)
def update_fulfill_htlc_with_a_wrong_preimage(t):
    added = pay_to_peer(t)
    t.channel.peer.send("update_fulfill_htlc", channel_id=t.channel.id, id=added.id, payment_preimage=bytes(32))
    t.refused("preimage")


@rule(2, REMOVE + "if the `BADONION` bit in `failure_code` is not set for `update_fail_malformed_htlc`:"
      + MUST_WARN_OR_FAIL, channel=THEIRS)
def update_fail_malformed_htlc_without_badonion(t):
    added = pay_to_peer(t)
    t.channel.peer.send("update_fail_malformed_htlc", channel_id=t.channel.id, id=added.id, sha256_of_onion=bytes(32),
                        failure_code=0x4005)
    t.refused("BADONION")


@rule(2, REMOVE + "if the `sha256_of_onion` in `update_fail_malformed_htlc` doesn't match the onion it sent and is not all "
      "zero: MAY retry or choose an alternate error response.", channel=THEIRS)
def update_fail_malformed_htlc_of_another_onion(t):
    added = pay_to_peer(t)
    t.channel.fail_malformed(added, sha256_of_onion=os.urandom(32))
    t.channel.exchange()
    t.works()


@rule(2, PREIMAGE, channel=THEIRS)
def payment_of_the_node_is_settled(t):
    added = pay_to_peer(t)
    t.channel.fulfill(added, t.preimage)
    t.channel.exchange()
    t.works()
