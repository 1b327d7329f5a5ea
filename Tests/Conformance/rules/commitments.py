"""BOLT 2: `commitment_signed`, batches, `revoke_and_ack` and `update_fee`."""

import os

from driver.bitcoin import high_s, public
from driver.channel import FEERATE
from driver.rules import OURS, THEIRS, rule
from driver.wire import NOISE

from .updates import MUST_WARN_OR_FAIL, WARN_OR_FAIL, refuses_update

COMMIT = "### Committing Updates So Far: `commitment_signed` ... "
REVOKE = "### Completing the Transition to the Updated State: `revoke_and_ack` ... "
FEE = "### Updating Fees: `update_fee` ... "


SIGNATURE = (
    COMMIT + "if `signature` is not valid for its local commitment transaction OR non-compliant with LOW-S-standard rule "
    "<sup>[LOWS](https://github.com/bitcoin/bitcoin/pull/6769)</sup>:" + MUST_WARN_OR_FAIL)


def wrong_signature(name, change):
    @rule(2, SIGNATURE, name=f"commitment_signed_{name}", channel=OURS)
    def case(t):
        t.channel.add()
        good = t.channel.signatures()
        t.channel.peer.send("commitment_signed", **{**good, "signature": change(good["signature"])})
        refuses_update(t, "ignature")


wrong_signature("with_a_changed_signature", lambda signature: signature[:9] + bytes([signature[9] ^ 1]) + signature[10:])
wrong_signature("with_a_high_s", high_s)
wrong_signature("with_a_signature_of_zeros", lambda signature: bytes(64))
wrong_signature("with_a_signature_of_ones", lambda signature: b"\xff" * 64)

HTLC_COUNT = (
    COMMIT + "if `num_htlcs` is not equal to the number of HTLC outputs in the local commitment transaction:"
    + MUST_WARN_OR_FAIL)


def wrong_htlc_signatures(name, quote, change, says="does not hold"):
    @rule(2, quote, name=f"commitment_signed_{name}", channel=OURS)
    def case(t):
        for amount in (20_000_000, 21_000_000):
            t.channel.add(amount=amount)
        good = t.channel.signatures()
        t.channel.peer.send("commitment_signed", **{**good, "htlc_signatures": change(good["htlc_signatures"])})
        refuses_update(t, says)


wrong_htlc_signatures("with_too_few_htlc_signatures", HTLC_COUNT, lambda all: all[:1], "instead of 2")
wrong_htlc_signatures("with_too_many_htlc_signatures", HTLC_COUNT, lambda all: all + all[:1], "instead of 2")
wrong_htlc_signatures("without_htlc_signatures", HTLC_COUNT, lambda all: [], "instead of 2")
HTLC_SIGNATURE = (
    COMMIT + "if any `htlc_signature` is not valid for the corresponding HTLC transaction OR non-compliant with "
    "LOW-S-standard rule <sup>[LOWS](https://github.com/bitcoin/bitcoin/pull/6769)</sup>:" + MUST_WARN_OR_FAIL)
wrong_htlc_signatures("with_exchanged_htlc_signatures", HTLC_SIGNATURE, lambda all: all[::-1])
wrong_htlc_signatures("with_a_high_s_in_an_htlc_signature", HTLC_SIGNATURE, lambda all: [all[0], high_s(all[1])])


@rule(2, COMMIT + "Otherwise: MUST respond with a `revoke_and_ack` message.", channel=OURS)
def commitment_signed_for_nothing(t):
    # Nothing says what becomes of one without updates, so it is one like others, which calls for none in return.
    t.channel.commit()
    t.channel.take_revocation(t.channel.peer.expect("revoke_and_ack"))
    t.works()


@rule(2, COMMIT + "MAY send a `commitment_signed` message that only alters the fee.", channel=OURS)
def commitment_signed_for_a_fee(t):
    t.channel.change_fee(FEERATE + 100)
    t.channel.exchange()
    t.works()


@rule(2, COMMIT + "MAY send a `commitment_signed` message that doesn't change the commitment transaction aside from the "
      "new revocation number", channel=OURS)
def commitment_signed_for_dust(t):
    t.channel.add(amount=1_000)
    t.channel.exchange()
    t.channel.receive_updates()
    t.works()


@rule(2, COMMIT + "MUST respond with a `revoke_and_ack` message.",
      REVOKE + "MUST set `per_commitment_secret` to the secret used to generate keys for the previous commitment "
      "transaction.", channel=OURS)
def revocation_reveals_the_secret(t):
    t.channel.change_fee(FEERATE + 5)
    t.channel.commit()
    revocation = t.channel.peer.expect("revoke_and_ack")
    t.demand(public(revocation.per_commitment_secret) == t.channel.their_points[0], "the secret is another")


@rule(2, COMMIT + "MUST include one `htlc_signature` for every HTLC transaction corresponding to the ordering of the "
      "commitment transaction", channel=OURS)
def htlc_signatures_of_the_node(t):
    for amount in (30_000_000, 20_000_000, 25_000_000, 1_000):
        t.channel.add(amount=amount)
    # The node's signatures are verified against transactions of the driver's own.
    t.channel.exchange()


@rule(2, COMMIT + "If the sending node sent `start_batch` and we are processing a batch of `commitment_signed` messages: "
      "If `funding_txid` is missing in one of the `commitment_signed` messages: MUST send an `error` and fail the channel.",
      channel=OURS)
def batch_without_a_funding_txid(t):
    t.channel.change_fee(FEERATE + 5)
    good = t.channel.signatures()
    t.channel.peer.send("start_batch", channel_id=t.channel.id, batch_size=2, tlvs={1: b"\x00\x84"})
    for _ in range(2):
        t.channel.peer.send("commitment_signed", **good)
    t.failed("funding_txid is missing")


BATCH = "### Batching channel messages ... "


@rule(2, COMMIT + "MUST ignore `commitment_signed` where `funding_txid` does not match the current funding transaction.",
      BATCH + "MUST group the next `batch_size` messages and process them together.", channel=OURS)
def batch_with_another_funding_txid(t):
    t.channel.change_fee(FEERATE + 5)
    good = t.channel.signatures()
    t.channel.peer.send("start_batch", channel_id=t.channel.id, batch_size=2, tlvs={1: b"\x00\x84"})
    t.channel.peer.send("commitment_signed", **good, tlvs={1: os.urandom(32)})
    t.channel.commit(tlvs={1: t.channel.funding.txid})
    t.channel.take_revocation(t.channel.peer.expect("revoke_and_ack"))
    t.channel.take_commitment(t.channel.peer.expect("commitment_signed"))
    t.channel.revoke()
    t.works()


@rule(2, COMMIT + "If `commitment_signed` is missing for the current funding transaction: MUST send an `error` and fail "
      "the channel.", channel=OURS)
def batch_without_the_current_funding(t):
    t.channel.change_fee(FEERATE + 5)
    good = t.channel.signatures()
    t.channel.peer.send("start_batch", channel_id=t.channel.id, batch_size=2, tlvs={1: b"\x00\x84"})
    for _ in range(2):
        t.channel.peer.send("commitment_signed", **good, tlvs={1: os.urandom(32)})
    t.failed("missing for funding")


@rule(2, BATCH + "If `batch_size` is not strictly greater than 1: MUST ignore the `start_batch` message. SHOULD send a "
      "`warning`.", channel=OURS)
def batch_of_one(t):
    t.channel.peer.send("start_batch", channel_id=t.channel.id, batch_size=1, tlvs={1: b"\x00\x84"})
    t.channel.peer.warned("fewer than two")
    t.works()


@rule(2, BATCH + "If `batch_size` is strictly greater than 20:" + MUST_WARN_OR_FAIL, channel=OURS)
def batch_of_21(t):
    t.channel.peer.send("start_batch", channel_id=t.channel.id, batch_size=21, tlvs={1: b"\x00\x84"})
    t.refused("21 messages")


@rule(2, BATCH + "If one of those messages is not for the specified `channel_id`:" + MUST_WARN_OR_FAIL, channel=OURS)
def batch_with_another_channel(t):
    t.channel.change_fee(FEERATE + 5)
    t.channel.peer.send("start_batch", channel_id=t.channel.id, batch_size=2, tlvs={1: b"\x00\x84"})
    t.channel.peer.send("commitment_signed", **{**t.channel.signatures(), "channel_id": os.urandom(32)})
    t.channel.updates.clear()
    t.refused("batch")


def batch_of_another_type(name, records):
    @rule(2, BATCH + "If `message_type` is missing or not set to the type for `commitment_signed`: MUST ignore the "
          "`start_batch` message and process the following messages sequentially.", name=f"batch_{name}", channel=OURS)
    def case(t):
        t.channel.peer.send("start_batch", channel_id=t.channel.id, batch_size=2, tlvs=records)
        t.works()


batch_of_another_type("without_a_type", {})
batch_of_another_type("of_another_type", {1: b"\x00\x80"})


# revoke_and_ack

SECRET = (
    REVOKE + "if `per_commitment_secret` is not a valid secret key or does not generate the previous "
    "`per_commitment_point`: MUST send an `error` and fail the channel.")


def wrong_revocation(name, quote, **fields):
    @rule(2, quote, name=f"revoke_and_ack_{name}", channel=OURS)
    def case(t):
        t.channel.change_fee(FEERATE + 5)
        t.channel.commit()
        t.channel.take_revocation(t.channel.peer.expect("revoke_and_ack"))
        t.channel.take_commitment(t.channel.peer.expect("commitment_signed"))
        t.channel.peer.send("revoke_and_ack", **t.channel.revocation_fields(**fields))
        t.failed("secret|next_per_commitment_point")


wrong_revocation("with_another_secret", SECRET, per_commitment_secret=b"\x01" * 32)
wrong_revocation("with_no_secret", SECRET, per_commitment_secret=bytes(32))
wrong_revocation("with_a_secret_beyond_the_order", SECRET, per_commitment_secret=b"\xff" * 32)
wrong_revocation("without_a_next_point", REVOKE + "MUST set `next_per_commitment_point` to the values for its next "
                 "commitment transaction.", next_per_commitment_point=b"\x02" + bytes(31) + b"\x05")


@rule(2, REVOKE + "if the `per_commitment_secret` was not generated by the protocol in [BOLT #3]"
      "(03-transactions.md#per-commitment-secret-requirements): MAY send a `warning` and close the connection, or send an "
      "`error` and fail the channel.", channel=OURS)
def revoke_and_ack_with_a_secret_of_no_tree(t):
    # Each secret belongs to its point, but the fourth does not give the third, as those of the tree do.
    tree = t.channel.secrets.commitment_secret
    t.channel.secrets.commitment_secret = lambda number: b"\x07" * 32 if number == 2 else tree(number)
    for change in range(1, 5):
        t.channel.change_fee(FEERATE + change)
        t.channel.exchange()
        if change < 4:
            t.channel.peer.alive()
    t.failed("revoke_and_ack")


@rule(2, SECRET, channel=OURS)
def revoke_and_ack_unasked(t):
    t.channel.peer.send("revoke_and_ack", **t.channel.revocation_fields())
    t.channel.peer.closed("no commitment is to be revoked")
    t.stays()


# update_fee

FEE_RANGE = (
    FEE + "if the `update_fee` is too low for timely processing, OR is unreasonably large:" + MUST_WARN_OR_FAIL)


def bad_fee(name, quote, feerate, channel=OURS):
    @rule(2, quote, name=f"update_fee_{name}", channel=channel)
    def case(t):
        t.channel.peer.send("update_fee", channel_id=t.channel.id, feerate_per_kw=feerate)
        t.refused("sat/kw is not in|only the opener")
        t.works()


bad_fee("of_nothing", FEE_RANGE, 0)
bad_fee("that_is_too_low", FEE_RANGE, 100)
bad_fee("that_is_too_high", FEE_RANGE, 5_000_000)
bad_fee("of_the_accepter", FEE + "if the sender is not responsible for paying the Bitcoin fee:" + MUST_WARN_OR_FAIL,
        3_000, THEIRS)
bad_fee("of_the_accepter_again", FEE + "The node _not responsible_ for paying the Bitcoin fee: MUST NOT send "
        "`update_fee`.", 2_500, THEIRS)


@rule(2, FEE + "if the sender cannot afford the new fee rate on the receiving node's current commitment transaction:"
      + WARN_OR_FAIL, channel=OURS)
def update_fee_that_cannot_be_paid(t):
    t.channel.add(amount=570_000_000, onion=bytes(1366))
    t.channel.exchange()
    t.channel.peer.send("update_fee", channel_id=t.channel.id, feerate_per_kw=20_000)
    # The node may give the HTLC back before it reads of the fee; it is in the commitments until that is exchanged.
    t.channel.peer.closed(
        "update_fee: needs", skip={*NOISE, "update_fail_malformed_htlc", "commitment_signed"})


@rule(2, "Unlike an HTLC, `update_fee` is never closed but simply replaced.", channel=OURS)
def update_fee_twice(t):
    t.channel.change_fee(FEERATE + 50)
    t.channel.change_fee(FEERATE + 20)
    t.channel.exchange()
    t.works()


# stfu, which is not offered


@rule(2, "MUST NOT send `stfu` unless `option_quiesce` is negotiated.", channel=OURS)
def stfu_that_was_not_negotiated(t):
    t.channel.peer.send("stfu", channel_id=t.channel.id, initiator=1)
    t.refused("type 2")
