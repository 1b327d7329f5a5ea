"""BOLT 2: `shutdown`, and both forms of closing."""

import os

from driver.bitcoin import high_s, sign
from driver.channel import ANCHORS, Channel
from driver.commitment import closing
from driver.rules import OURS, OURS_LEGACY, THEIRS_LEGACY, rule
from driver.wire import NOISE

from .updates import MUST_WARN_OR_FAIL, held_htlc

SHUTDOWN = "### Closing Initiation: `shutdown` ... "
SIMPLE = "### Closing Negotiation: `closing_complete` and `closing_sig` ... "
COMPLETE = SIMPLE + "The receiver of `closing_complete` (aka. \"the closee\"): ... "
SIG = SIMPLE + "The receiver of `closing_sig`: ... "
OLD = "### Legacy Closing Negotiation: `closing_signed` ... "
EITHER = " MUST either send a `warning` and close the connection, or send an `error` and fail the channel."

P2PKH = bytes.fromhex("76a914") + bytes(20) + bytes.fromhex("88ac")


# shutdown


@rule(2, SHUTDOWN + "once there are no outstanding updates on the peer, UNLESS it has already sent a `shutdown`: MUST reply "
      "to a `shutdown` message with a `shutdown`", channel=OURS)
def shutdown_is_answered(t):
    t.channel.shutdown()
    answer = t.channel.peer.expect("shutdown")
    t.demand(answer.scriptpubkey[:1] in (b"\x00", b"\x51"), f"the script is {answer.scriptpubkey.hex()}")


def bad_script(name, script, channel=OURS):
    @rule(2, SHUTDOWN + "if the `scriptpubkey` is not in one of the above forms: SHOULD send a `warning`.",
          name=f"shutdown_to_{name}", channel=channel)
    def case(t):
        t.channel.shutdown(scriptpubkey=script)
        t.channel.peer.warned("script|shutdown")
        t.demand(not t.published(t.channel), "a commitment is published")


bad_script("p2pkh", P2PKH)
bad_script("p2sh", bytes.fromhex("a914") + bytes(20) + bytes.fromhex("87"))
bad_script("nothing", b"")
bad_script("a_witness_program_of_the_wrong_length", bytes.fromhex("0015") + bytes(21))
bad_script("a_witness_program_of_41_bytes", bytes.fromhex("5129") + bytes(41))
bad_script("a_short_op_return", bytes.fromhex("6a05") + bytes(5))
bad_script("a_long_op_return", bytes.fromhex("6a4c51") + bytes(81))
bad_script("op_return_without_simple_close", bytes.fromhex("6a06") + bytes(6), OURS_LEGACY)


def good_script(name, script, channel=OURS):
    @rule(2, SHUTDOWN + "MUST set `scriptpubkey` in one of the following forms", name=f"shutdown_to_{name}",
          channel=channel)
    def case(t):
        t.channel.shutdown(scriptpubkey=script)
        t.channel.peer.expect("shutdown")


good_script("p2wsh", bytes.fromhex("0020") + bytes(32))
good_script("taproot", bytes.fromhex("5120") + bytes(32))
good_script("a_later_segwit", bytes.fromhex("6002") + bytes(2))
good_script("op_return", bytes.fromhex("6a06") + bytes(6))
good_script("a_long_push_op_return", bytes.fromhex("6a4c50") + bytes(80))


@rule(2, SHUTDOWN + "if both nodes advertised the `option_upfront_shutdown_script` feature, and the receiving node received "
      "a non-zero-length `shutdown_scriptpubkey` in `open_channel` or `accept_channel`, and that `shutdown_scriptpubkey` "
      "is not equal to `scriptpubkey`: MAY send a `warning`. MUST fail the connection.")
def shutdown_to_another_than_the_upfront_script(t):
    channel = t.channel = Channel(t.peer())
    channel.propose(tlvs={0: channel.script, 1: ANCHORS})
    channel.fund(os.urandom(32), 0)
    channel.shutdown(scriptpubkey=bytes.fromhex("0014") + bytes(20))
    channel.peer.closed("script|shutdown")


@rule(2, SHUTDOWN + "MUST NOT send an `update_add_htlc` after a `shutdown`.", channel=OURS)
def update_add_htlc_after_shutdown(t):
    held_htlc(t)
    t.channel.shutdown()
    t.channel.peer.expect("shutdown")
    t.channel.add()
    t.channel.peer.closed("shut|clos")


@rule(2, SHUTDOWN + "MUST NOT send multiple `shutdown` messages.", channel=OURS)
def shutdown_is_answered_once(t):
    held_htlc(t)
    t.channel.shutdown()
    t.channel.peer.expect("shutdown")
    t.channel.peer.alive()


@rule(2, SHUTDOWN + "if there are updates pending on the receiving node's commitment transaction: MUST NOT send a "
      "`shutdown`.", channel=OURS)
def shutdown_while_updates_are_pending(t):
    t.channel.add()
    t.channel.shutdown()
    t.channel.peer.closed("updates are pending")
    t.channel.updates.clear()
    t.channel.next_id = 0
    t.stays()


@rule(2, SHUTDOWN + "MAY send a `shutdown` before a `channel_ready`, i.e. before the funding transaction has reached "
      "`minimum_depth`.")
def shutdown_before_channel_ready(t):
    channel = t.channel = Channel(t.peer())
    channel.propose()
    channel.fund(os.urandom(32), 0)
    channel.shutdown()
    channel.peer.expect("shutdown")


@rule(2, SHUTDOWN + "if no HTLCs remain in either commitment transaction (including dust HTLCs) and neither side has a "
      "pending `revoke_and_ack` to send: MUST NOT send any `update` message after that point.", channel=OURS)
def update_fee_after_shutdown(t):
    t.channel.shutdown()
    t.channel.peer.expect("shutdown")
    t.channel.peer.send("update_fee", channel_id=t.channel.id, feerate_per_kw=2_600)
    t.channel.peer.closed("shut|clos|message", skip={*NOISE, "closing_complete"})


@rule(2, "if it has sent a previous `shutdown`: MUST retransmit `shutdown`.", channel=OURS)
def shutdown_is_sent_again(t):
    held_htlc(t)
    t.channel.shutdown()
    script = t.channel.peer.expect("shutdown").scriptpubkey
    t.channel.reconnect()
    t.channel.peer.send("channel_reestablish", **t.channel.reestablish_fields())
    t.demand(t.channel.peer.expect("shutdown").scriptpubkey == script, "the script is another")


# closing_complete and closing_sig


class Close:
    """Both `shutdown`s of a channel with `option_simple_close`, and the node's `closing_complete` where it sends one."""

    def __init__(self, t):
        self.t, self.channel = t, t.channel
        self.channel.shutdown()
        self.their_script = self.channel.peer.expect("shutdown").scriptpubkey
        self.theirs = self.channel.peer.expect("closing_complete")

    def proposal(self, fee=1_000, locktime=0, variant=3, change=lambda signature: signature, **fields):
        """The fields of a `closing_complete` of this side's."""
        ours, theirs = (balance // 1000 for balance in self.channel.balances())
        outputs = [(ours - fee, self.channel.script), (theirs, self.their_script)]
        outputs = {1: outputs[:1], 2: outputs[1:], 3: outputs}[variant]
        transaction = closing(self.channel.funding, outputs, locktime, 0xFFFFFFFD)
        self.txid = transaction.shown_id
        digest = transaction.digest(0, self.channel.funding.script, self.channel.funding.amount)
        signature = change(sign(self.channel.secrets.of["funding"], digest))
        values = dict(
            channel_id=self.channel.id, closer_scriptpubkey=self.channel.script,
            closee_scriptpubkey=self.their_script, fee_satoshis=fee, locktime=locktime, tlvs={variant: signature})
        return {**values, **fields}

    def propose(self, **changes):
        self.channel.peer.send("closing_complete", **self.proposal(**changes))

    def answer(self, variant=3, change=lambda signature: signature, **fields):
        """Sends `closing_sig` for the node's proposal."""
        message = self.theirs
        ours, theirs = (balance // 1000 for balance in self.channel.balances())
        outputs = {
            1: [(theirs - message.fee_satoshis, message.closer_scriptpubkey)],
            2: [(ours, message.closee_scriptpubkey)]}
        outputs[3] = outputs[1] + outputs[2]
        transaction = closing(self.channel.funding, outputs[variant], message.locktime, 0xFFFFFFFD)
        self.txid = transaction.shown_id
        digest = transaction.digest(0, self.channel.funding.script, self.channel.funding.amount)
        values = dict(
            channel_id=self.channel.id, closer_scriptpubkey=message.closer_scriptpubkey,
            closee_scriptpubkey=message.closee_scriptpubkey, fee_satoshis=message.fee_satoshis,
            locktime=message.locktime,
            tlvs={variant: change(sign(self.channel.secrets.of["funding"], digest))})
        self.channel.peer.send("closing_sig", **{**values, **fields})

    def is_refused(self, says):
        """A warning, the end of the connection, and no transaction."""
        self.channel.peer.closed(says)
        self.t.demand(not self.t.published(self.channel), "a transaction is published")

    def is_published(self):
        self.t.eventually(
            "the close's publication", lambda: self.t.published(self.channel) == self.txid)


@rule(2, SIMPLE + "After a `shutdown` has been sent and received, AND no HTLCs remain in either commitment transaction: "
      "SHOULD send a `closing_complete` message.",
      "MUST set `fee_satoshis` to a fee less than or equal to its outstanding balance, rounded down to whole satoshis.",
      "MUST set `closer_scriptpubkey` to its desired output script.",
      "MUST set `closee_scriptpubkey` to the last script it received from its peer",
      "MUST NOT set `closer_output_only`.", channel=OURS)
def closing_complete_of_the_node(t):
    close = Close(t)
    _, balance = t.channel.balances()
    t.demand(close.theirs.fee_satoshis <= balance // 1000, "the fee is more than it has")
    t.demand(close.theirs.closer_scriptpubkey == close.their_script, "it is paid to another script than it said")
    t.demand(close.theirs.closee_scriptpubkey == t.channel.script, "the other side is paid to another script")
    # The node has the lesser part of this channel.
    t.demand(1 not in close.theirs.tlvs, "it omits the greater part")
    t.demand(3 in close.theirs.tlvs, "there is no signature for both outputs")


@rule(2, COMPLETE + "MUST sign and broadcast the corresponding closing transaction.",
      COMPLETE + "MUST send `closing_sig` with a single valid signature in the same TLV field as the `closing_complete`.",
      channel=OURS)
def closing_complete_is_signed(t):
    close = Close(t)
    close.propose()
    answer = t.channel.peer.expect("closing_sig")
    t.demand(list(answer.tlvs) == [3], f"the signatures are {list(answer.tlvs)}")
    close.is_published()


@rule(2, "MUST set `locktime` to the desired `nLockTime` of the closing transaction.", channel=OURS)
def closing_complete_with_a_locktime(t):
    close = Close(t)
    close.propose(locktime=17)
    t.demand(t.channel.peer.expect("closing_sig").locktime == 17, "the lock is another")
    close.is_published()


@rule(2, COMPLETE + "If `fee_satoshis` is greater than the closer's outstanding balance:" + EITHER, channel=OURS)
def closing_complete_of_too_high_a_fee(t):
    close = Close(t)
    close.channel.peer.send("closing_complete", **{**close.proposal(), "fee_satoshis": 700_000})
    close.is_refused("fee")


@rule(2, COMPLETE + "If `closee_scriptpubkey` does not match the last script it sent (from `closing_complete` or from the "
      "initial `shutdown`): SHOULD ignore `closing_complete`. SHOULD send a `warning`. SHOULD close the connection.",
      channel=OURS)
def closing_complete_to_another_script(t):
    close = Close(t)
    close.propose(closee_scriptpubkey=bytes.fromhex("0014") + bytes(20))
    close.is_refused("script")


@rule(2, COMPLETE + "If `closer_scriptpubkey` is invalid (as detailed in the [`shutdown` requirements]"
      "(#closing-initiation-shutdown)): SHOULD ignore `closing_complete`. SHOULD send a `warning`. SHOULD close the "
      "connection.", channel=OURS)
def closing_complete_from_an_invalid_script(t):
    close = Close(t)
    close.propose(closer_scriptpubkey=P2PKH)
    close.is_refused("script")


@rule(2, COMPLETE + "If the selected signature field does not exist:" + EITHER, channel=OURS)
def closing_complete_without_a_signature(t):
    close = Close(t)
    close.propose(tlvs={})
    close.is_refused("signature for these outputs is missing")


@rule(2, COMPLETE + "If the selected signature field does not exist:" + EITHER, channel=OURS)
def closing_complete_that_omits_the_node(t):
    close = Close(t)
    close.propose(variant=1)
    close.is_refused("signature for these outputs is missing")


INVALID = (
    "If the signature field is not valid for the corresponding closing transaction specified in [BOLT #3]"
    "(03-transactions.md#closing-transaction):" + EITHER)
HIGH_S = (
    "If the signature field is non-compliant with LOW-S-standard rule<sup>[LOWS]"
    "(https://github.com/bitcoin/bitcoin/pull/6769)</sup>:" + EITHER)


@rule(2, COMPLETE + INVALID, channel=OURS)
def closing_complete_with_a_wrong_signature(t):
    close = Close(t)
    close.channel.peer.send("closing_complete", **{**close.proposal(), "fee_satoshis": 1_001})
    close.is_refused("signature")


@rule(2, COMPLETE + HIGH_S, channel=OURS)
def closing_complete_with_a_high_s(t):
    close = Close(t)
    close.propose(change=high_s)
    close.is_refused("signature")


@rule(2, SIG + "otherwise: MUST broadcast the corresponding closing transaction.", channel=OURS)
def closing_sig_is_taken(t):
    close = Close(t)
    close.answer()
    close.is_published()


def bad_sig(name, quote, **changes):
    @rule(2, quote, name=f"closing_sig_{name}", channel=OURS)
    def case(t):
        close = Close(t)
        values = {key: value(close) if callable(value) and key != "change" else value for key, value in changes.items()}
        close.answer(**values)
        close.is_refused("answers no closing_complete|signature")


MISMATCH = (
    SIG + "If `closer_scriptpubkey`, `closee_scriptpubkey`, `fee_satoshis` or `locktime` don't match what was sent in "
    "`closing_complete`:" + EITHER)
bad_sig("of_another_fee", MISMATCH, fee_satoshis=lambda close: close.theirs.fee_satoshis + 1)
bad_sig("of_another_locktime", MISMATCH, locktime=lambda close: close.theirs.locktime + 1)
bad_sig("of_another_closer", MISMATCH, closer_scriptpubkey=bytes.fromhex("0014") + bytes(20))
bad_sig("of_another_closee", MISMATCH, closee_scriptpubkey=bytes.fromhex("0014") + bytes(20))
bad_sig("without_a_signature", SIG + "If `tlvs` does not contain exactly one signature:" + EITHER, tlvs={})
bad_sig("with_two_signatures", SIG + "If `tlvs` does not contain exactly one signature:" + EITHER,
        tlvs={2: bytes(64), 3: bytes(64)})
bad_sig("of_outputs_not_proposed", SIG + "If `tlvs` does not contain one of the TLV fields sent in `closing_complete`:"
        + EITHER, variant=1)
bad_sig("with_a_wrong_signature", SIG + INVALID, change=lambda signature: signature[:8] + bytes([signature[8] ^ 1]) + signature[9:])
bad_sig("with_a_high_s", SIG + HIGH_S, change=high_s)


@rule(2, SIMPLE + "MUST wait until it has received `closing_sig` first.", channel=OURS)
def closing_complete_is_sent_once(t):
    Close(t).channel.peer.alive()


# closing_signed


class LegacyClose:
    """Both `shutdown`s of a channel without `option_simple_close`."""

    def __init__(self, t):
        self.t, self.channel = t, t.channel
        self.channel.shutdown()
        self.their_script = self.channel.peer.expect("shutdown").scriptpubkey

    def send(self, fee, limits=None, change=lambda signature: signature):
        """Sends `closing_signed`."""
        ours, theirs = (balance // 1000 for balance in self.channel.balances())
        if self.channel.opener == "us":
            ours -= fee
        else:
            theirs -= fee
        transaction = closing(self.channel.funding, [(ours, self.channel.script), (theirs, self.their_script)])
        self.txid = transaction.shown_id
        digest = transaction.digest(0, self.channel.funding.script, self.channel.funding.amount)
        tlvs = {1: limits[0].to_bytes(8, "big") + limits[1].to_bytes(8, "big")} if limits else {}
        self.channel.peer.send(
            "closing_signed", channel_id=self.channel.id, fee_satoshis=fee,
            signature=change(sign(self.channel.secrets.of["funding"], digest)), tlvs=tlvs)

    def is_published(self):
        self.t.eventually(
            "the close's publication", lambda: self.t.published(self.channel) == self.txid)

    def range_of(self, message):
        return int.from_bytes(message.tlvs[1][:8], "big"), int.from_bytes(message.tlvs[1][8:], "big")


@rule(2, OLD + "The funding node: after `shutdown` has been received, AND no HTLCs remain in either commitment transaction: "
      "SHOULD send a `closing_signed` message.", OLD + "SHOULD set `fee_range` according to the minimum and maximum fees it "
      "is prepared to pay for a close transaction.", channel=THEIRS_LEGACY)
def closing_signed_of_the_opener(t):
    close = LegacyClose(t)
    message = t.channel.peer.expect("closing_signed")
    least, most = close.range_of(message)
    t.demand(least <= message.fee_satoshis <= most, "the fee is outside of its own range")


@rule(2, OLD + "if `fee_satoshis` is equal to its previously sent `fee_satoshis`: SHOULD sign and broadcast the final "
      "closing transaction.", channel=THEIRS_LEGACY)
def closing_signed_of_the_same_fee(t):
    close = LegacyClose(t)
    message = t.channel.peer.expect("closing_signed")
    close.send(message.fee_satoshis, (1, 100_000))
    close.is_published()


@rule(2, OLD + "if `fee_satoshis` matches its previously sent `fee_range`: SHOULD use `fee_satoshis` to sign and broadcast "
      "the final closing transaction SHOULD reply with a `closing_signed` with the same `fee_satoshis` value if it is "
      "different from its previously sent `fee_satoshis`", OLD + "if it is the funder: ... otherwise: MUST reply with the "
      "same `fee_satoshis`.", channel=THEIRS_LEGACY)
def closing_signed_within_the_range(t):
    close = LegacyClose(t)
    message = t.channel.peer.expect("closing_signed")
    least, most = close.range_of(message)
    fee = message.fee_satoshis + 1 if message.fee_satoshis < most else message.fee_satoshis - 1
    t.demand(least <= fee <= most, f"there is one fee in {least}...{most}")
    close.send(fee, (1, 100_000))
    t.demand(t.channel.peer.expect("closing_signed").fee_satoshis == fee, "the answer has another fee")
    close.is_published()


@rule(2, OLD + "if it is the funder: if `fee_satoshis` is not in the overlap between the sent and received `fee_range`: MUST "
      "fail the channel", channel=THEIRS_LEGACY)
def closing_signed_outside_of_the_overlap(t):
    close = LegacyClose(t)
    _, most = close.range_of(t.channel.peer.expect("closing_signed"))
    close.send(most + 1, (1, most + 100))
    t.failed("fee")


@rule(2, OLD + "if there is no overlap between that and its own `fee_range`: SHOULD send a warning", channel=THEIRS_LEGACY)
def closing_signed_without_overlap(t):
    close = LegacyClose(t)
    _, most = close.range_of(t.channel.peer.expect("closing_signed"))
    close.send(most + 10, (most + 5, most + 100))
    t.channel.peer.warned("fee")


@rule(2, OLD + "otherwise (it is not the funder): ... otherwise: MUST propose a `fee_satoshis` in the overlap between "
      "received and (about-to-be) sent `fee_range`.", channel=OURS_LEGACY)
def closing_signed_is_answered_in_the_overlap(t):
    close = LegacyClose(t)
    close.send(1_500, (400, 3_000))
    message = t.channel.peer.expect("closing_signed")
    t.demand(400 <= message.fee_satoshis <= 3_000, f"the fee is {message.fee_satoshis}")


@rule(2, OLD + "if it has already sent a `closing_signed`: if `fee_satoshis` is not the same as the value it sent: MUST fail "
      "the channel", channel=OURS_LEGACY)
def closing_signed_of_another_fee_than_agreed(t):
    close = LegacyClose(t)
    close.send(1_500, (400, 3_000))
    fee = t.channel.peer.expect("closing_signed").fee_satoshis
    if fee == 1_500:
        close.is_published()
        return
    close.send(fee + 1, (400, 3_000))
    t.failed("fee")


def bad_closing_signed(name, change):
    @rule(2, OLD + "if the `signature` is not valid for either variant of closing transaction specified in [BOLT #3]"
          "(03-transactions.md#closing-transaction) OR non-compliant with LOW-S-standard rule<sup>[LOWS]"
          "(https://github.com/bitcoin/bitcoin/pull/6769)</sup>:" + MUST_WARN_OR_FAIL, name=f"closing_signed_{name}",
          channel=OURS_LEGACY)
    def case(t):
        close = LegacyClose(t)
        close.send(1_500, (400, 3_000), change)
        t.channel.peer.closed("signature")
        t.demand(not t.published(t.channel), "a transaction is published")


bad_closing_signed("with_a_wrong_signature", lambda signature: signature[:8] + bytes([signature[8] ^ 1]) + signature[9:])
bad_closing_signed("with_a_high_s", high_s)


@rule(2, OLD + "MUST propose a value \"strictly between\" the received `fee_satoshis` and its previously-sent "
      "`fee_satoshis`.", channel=THEIRS_LEGACY)
def closing_signed_of_the_node_converges(t):
    close = LegacyClose(t)
    last = t.channel.peer.expect("closing_signed").fee_satoshis
    theirs = last * 4
    for _ in range(40):
        close.send(theirs)
        if theirs == last:
            break
        answer = t.channel.peer.expect("closing_signed")
        if answer.fee_satoshis == theirs:
            break
        t.demand(last < answer.fee_satoshis < theirs, f"{answer.fee_satoshis} is not between {last} and {theirs}")
        last, theirs = answer.fee_satoshis, max(theirs * 9 // 10, answer.fee_satoshis)
    close.is_published()


@rule(2, OLD + "otherwise, if `fee_satoshis` is not strictly between its last-sent `fee_satoshis` and its "
      "previously-received `fee_satoshis`, UNLESS it has since reconnected: SHOULD send a `warning` and close the "
      "connection, or send an `error` and fail the channel.", channel=THEIRS_LEGACY)
def closing_signed_that_does_not_converge(t):
    close = LegacyClose(t)
    first = t.channel.peer.expect("closing_signed").fee_satoshis
    close.send(first * 4)
    t.channel.peer.expect("closing_signed")
    close.send(first * 5)
    t.channel.peer.closed("fee")
    t.demand(not t.published(t.channel), "a transaction is published")


@rule(2, OLD + "Note: These requirements only apply if `option_simple_close` is NOT negotiated", channel=OURS)
def closing_signed_where_simple_close_was_negotiated(t):
    close = LegacyClose(t)
    t.channel.peer.expect("closing_complete")
    close.send(1_500, (400, 3_000))
    t.channel.peer.closed("option_simple_close")
    t.demand(not t.published(t.channel), "a transaction is published")


@rule(2, SIMPLE + "Note: These requirements only apply if `option_simple_close` is negotiated", channel=OURS_LEGACY)
def closing_complete_where_it_was_not_negotiated(t):
    close = LegacyClose(t)
    t.channel.peer.send(
        "closing_complete", channel_id=t.channel.id, closer_scriptpubkey=t.channel.script,
        closee_scriptpubkey=close.their_script, fee_satoshis=500, locktime=0, tlvs={3: bytes(64)})
    t.channel.peer.closed("option_simple_close")
    t.demand(not t.published(t.channel), "a transaction is published")


@rule(2, OLD + "The funding node: after `shutdown` has been received, AND no HTLCs remain in either commitment transaction: "
      "SHOULD send a `closing_signed` message.", channel=OURS_LEGACY)
def closing_messages_of_an_open_channel(t):
    t.channel.peer.send("closing_signed", channel_id=t.channel.id, fee_satoshis=500, signature=bytes(64))
    t.refused("not drained, or shutdown is missing")
