"""BOLT 2: coming back, and `channel_reestablish`."""

import os

from driver.channel import FEERATE
from driver.rules import OURS, THEIRS, rule
from driver.wire import NOISE

from .updates import begin_payment, held_htlc, pay_to_peer

SECTION = "## Message Retransmission ... "


def change(channel, times=1):
    """Takes both commitments further."""
    for _ in range(times):
        channel.change_fee(channel.next_feerate + 1)
        channel.exchange()
    channel.peer.alive()


@rule(2, SECTION + "MUST transmit `channel_reestablish` for each channel.",
      SECTION + "MUST set `next_commitment_number` to the commitment number of the next `commitment_signed` it expects to "
      "receive.", SECTION + "MUST set `next_revocation_number` to the commitment number of the next `revoke_and_ack` "
      "message it expects to receive.", SECTION + "MUST set `my_current_per_commitment_point` to a valid point.",
      SECTION + "otherwise: MUST set `your_last_per_commitment_secret` to the last `per_commitment_secret` it received",
      SECTION + "MUST NOT include the `next_funding` TLV.", channel=OURS)
def reestablish_of_the_node(t):
    change(t.channel, 3)
    theirs = t.channel.reconnect()
    t.demand(theirs.channel_id == t.channel.id, "the channel is another")
    t.demand(theirs.next_commitment_number == 4, f"it expects commitment {theirs.next_commitment_number}")
    t.demand(theirs.next_revocation_number == 3, f"it expects revocation {theirs.next_revocation_number}")
    t.demand(theirs.my_current_per_commitment_point[0] in (2, 3), "the point is none")
    t.demand(
        theirs.your_last_per_commitment_secret == t.channel.secrets.commitment_secret(2), "the secret is another")
    t.demand(1 not in theirs.tlvs, "next_funding is there")


@rule(2, SECTION + "if `next_revocation_number` equals 0: MUST set `your_last_per_commitment_secret` to all zeroes",
      channel=OURS)
def reestablish_of_a_new_channel(t):
    theirs = t.channel.reconnect()
    t.demand(theirs.next_revocation_number == 0, "something was revoked")
    t.demand(theirs.your_last_per_commitment_secret == bytes(32), "the secret is not zeros")


@rule(2, SECTION + "MUST wait to receive the other node's `channel_reestablish` message before sending any other messages "
      "for that channel.", channel=OURS)
def nothing_before_reestablish(t):
    t.channel.reconnect()
    t.channel.peer.alive(skip=NOISE - {"channel_update", "announcement_signatures"})


@rule(2, SECTION + "MUST wait to receive the other node's `channel_reestablish` message before sending any other messages "
      "for that channel.", channel=OURS)
def updates_before_reestablish(t):
    t.channel.reconnect()
    t.channel.peer.send("update_fee", channel_id=t.channel.id, feerate_per_kw=FEERATE + 1)
    t.refused("before channel_reestablish")


@rule(2, SECTION + "MUST handle continuation of a previous channel on a new encrypted transport.", channel=OURS)
def channel_goes_on(t):
    change(t.channel)
    t.channel.resume()
    t.works()
    t.channel.resume()
    t.works()


UNCOMMITTED = (
    SECTION + "MUST reverse any uncommitted updates sent by the other side (i.e. all messages beginning with `update_` for "
    "which no `commitment_signed` has been received).")


@rule(2, UNCOMMITTED, channel=OURS)
def uncommitted_updates_are_taken_back(t):
    change(t.channel)
    t.channel.peer.send("update_fee", channel_id=t.channel.id, feerate_per_kw=9_999)
    t.channel.peer.alive()
    t.channel.resume()
    t.works()


@rule(2, SECTION + "MUST retransmit `channel_ready`.", channel=OURS)
def channel_ready_is_sent_again(t):
    t.channel.reconnect()
    t.channel.peer.send("channel_reestablish", **t.channel.reestablish_fields())
    ready = t.channel.peer.expect("channel_ready")
    t.demand(ready.second_per_commitment_point == t.channel.their_points[1], "the point is another")


@rule(2, SECTION + "MUST NOT retransmit `channel_ready`, but MAY send `channel_ready` with a different `short_channel_id` "
      "`alias` field.", channel=OURS)
def channel_ready_is_not_sent_again(t):
    change(t.channel)
    t.channel.resume()
    t.channel.peer.alive()


@rule(2, SECTION + "if `next_commitment_number` is zero: MUST immediately fail the channel and broadcast any relevant latest "
      "commitment transaction.", channel=OURS)
def next_commitment_number_zero(t):
    change(t.channel)
    t.channel.reconnect()
    t.channel.peer.send("channel_reestablish", **t.channel.reestablish_fields(next_commitment_number=0))
    t.failed("next_commitment_number")


def wrong_number(name, quote, says, **fields):
    @rule(2, SECTION + quote, name=f"reestablish_{name}", channel=OURS)
    def case(t):
        change(t.channel, 3)
        t.channel.reconnect()
        values = {key: value(t.channel) if callable(value) else value for key, value in fields.items()}
        t.channel.peer.send("channel_reestablish", **t.channel.reestablish_fields(**values))
        t.failed(says)


NEXT_COMMITMENT = (
    "if `next_commitment_number` is not equal to the commitment number of the next `commitment_signed` that the receiving "
    "node would send: SHOULD send an `error` and fail the channel.")
wrong_number("of_an_old_commitment", NEXT_COMMITMENT, "commitment", next_commitment_number=2)
wrong_number("of_a_future_commitment", NEXT_COMMITMENT, "commitment", next_commitment_number=6)
wrong_number("of_a_far_commitment", NEXT_COMMITMENT, "commitment", next_commitment_number=1 << 60)
wrong_number("of_an_old_revocation", "if `next_revocation_number` is not equal to 1 greater than the commitment number of "
             "the last `revoke_and_ack` the receiving node has sent: SHOULD send an `error` and fail the channel.",
             "revocation", next_revocation_number=1,
             your_last_per_commitment_secret=lambda channel: channel.their_secrets[0])
wrong_number("with_a_wrong_secret", "if `your_last_per_commitment_secret` does not match the expected values: SHOULD send "
             "an `error` and fail the channel.", "secret", your_last_per_commitment_secret=b"\x01" * 32)
wrong_number("of_a_future_revocation_without_proof", "otherwise: if `your_last_per_commitment_secret` does not match the "
             "expected values: SHOULD send an `error` and fail the channel.", "revocation|secret",
             next_revocation_number=9, your_last_per_commitment_secret=b"\x01" * 32)


@rule(2, SECTION + "if it has not sent `revoke_and_ack`, AND `next_revocation_number` is not equal to 0: SHOULD send an "
      "`error` and fail the channel.", channel=OURS)
def next_revocation_number_of_a_new_channel(t):
    t.channel.reconnect()
    t.channel.peer.send("channel_reestablish", **t.channel.reestablish_fields(
        next_revocation_number=1, your_last_per_commitment_secret=b"\x01" * 32))
    t.failed("revocation|secret")


@rule(2, SECTION + "MUST ignore `my_current_per_commitment_point`, but MAY require it to be a valid point.", channel=OURS)
def current_point_is_ignored(t):
    change(t.channel)
    t.channel.resume(my_current_per_commitment_point=t.channel.secrets.point(77))
    t.works()


@rule(2, SECTION + "if `next_revocation_number` is equal to the commitment number of the last `revoke_and_ack` the receiving "
      "node sent, AND the receiving node hasn't already received a `closing_signed`: MUST re-send the `revoke_and_ack`.",
      channel=OURS)
def revocation_is_sent_again(t):
    t.channel.change_fee(FEERATE + 7)
    t.channel.commit()
    lost = t.channel.peer.expect("revoke_and_ack")
    t.channel.peer.expect("commitment_signed")
    t.channel.reconnect()
    t.channel.peer.send("channel_reestablish", **t.channel.reestablish_fields())
    again = t.channel.peer.expect("revoke_and_ack", skip={*NOISE, "channel_ready", "commitment_signed"})
    t.demand(again == lost, "the revocation is another")


@rule(2, SECTION + "if it has previously sent a `commitment_signed` that needs to be retransmitted: MUST retransmit "
      "`revoke_and_ack` and `commitment_signed` in the same relative order as initially transmitted.", channel=OURS)
def revocation_and_commitment_are_sent_again_in_order(t):
    change(t.channel)
    t.channel.change_fee(FEERATE + 9)
    t.channel.commit()
    t.channel.peer.expect("revoke_and_ack")
    t.channel.peer.expect("commitment_signed")
    t.channel.reconnect()
    t.channel.peer.send("channel_reestablish", **t.channel.reestablish_fields())
    t.channel.take_revocation(t.channel.peer.expect("revoke_and_ack"))
    t.channel.take_commitment(t.channel.peer.expect("commitment_signed"))
    t.channel.revoke()
    t.works()


@rule(2, SECTION + "if `next_commitment_number` is equal to the commitment number of the last `commitment_signed` message "
      "the receiving node has sent: MUST reuse the same commitment number for its next `commitment_signed`.",
      channel=THEIRS)
def lost_commitment_is_sent_again(t):
    begin_payment(t)
    lost = t.channel.peer.expect("update_add_htlc")
    t.channel.peer.expect("commitment_signed")
    t.channel.reconnect()
    t.channel.peer.send("channel_reestablish", **t.channel.reestablish_fields())
    t.channel.ready_if_due()
    again = t.channel.receive_updates()
    added = next(message for message in again if message.name == "update_add_htlc")
    t.demand(added.payment_hash == lost.payment_hash and added.id == lost.id, "the HTLC is another")
    t.channel.fulfill(added, t.preimage)
    t.channel.exchange()


@rule(2, SECTION + "MUST NOT assume that previously-transmitted messages were lost,", channel=THEIRS)
def received_commitment_is_not_sent_again(t):
    added = pay_to_peer(t)
    t.channel.resume()
    t.channel.peer.alive()
    t.channel.fulfill(added, t.preimage)
    t.channel.exchange()


@rule(2, SECTION + "if `next_revocation_number` is greater than expected above, AND `your_last_per_commitment_secret` is "
      "correct for that `next_revocation_number` minus 1: MUST NOT broadcast its commitment transaction.",
      SECTION + "SHOULD send an `error` to request the peer to fail the channel.", node="fixed")
def node_that_is_behind_never_publishes(t):
    t.channel = t.open(OURS)
    change(t.channel)
    t.channel.reconnect()
    # The keys of this node are known, so that a later secret of its own can be shown to it.
    t.channel.peer.send("channel_reestablish", **t.channel.reestablish_fields(
        next_revocation_number=5, your_last_per_commitment_secret=t.world.their_secret(4),
        next_commitment_number=t.channel.our_number + 1))
    t.channel.peer.error("lost state", t.channel.id)
    t.channel.peer.alive()
    t.world.mine_and_wait(1)
    t.demand(not t.published(t.channel), "the node has published its commitment")


@rule(2, SECTION + "if a channel is in an error state: SHOULD retransmit the error packet and ignore any other packets for "
      "that channel.", channel=OURS)
def failed_channel_repeats_its_error(t):
    change(t.channel)
    t.channel.peer.send("revoke_and_ack", **t.channel.revocation_fields())
    t.channel.peer.closed("revoke")
    t.channel.reconnect()
    t.channel.peer.send("channel_reestablish", **t.channel.reestablish_fields(next_commitment_number=0))
    first = t.channel.peer.expect("error")
    t.channel.peer.send("update_fee", channel_id=t.channel.id, feerate_per_kw=FEERATE + 1)
    t.channel.peer.alive(skip={*NOISE, "error"})
    t.channel.peer.leave()
    again = t.peer(key=t.channel.peer.key)
    t.demand(again.expect("error", skip=NOISE).text == first.text, "the error is another")


@rule(1, "SHOULD send `error` with the unknown `channel_id` in reply to messages of type `32`-`255` related to unknown "
      "channels.", channel=OURS)
def reestablish_for_an_unknown_channel(t):
    unknown = os.urandom(32)
    t.channel.peer.send("channel_reestablish", **t.channel.reestablish_fields(channel_id=unknown))
    t.channel.peer.error("unknown", unknown)
    t.works()


@rule(2, SECTION + "MUST handle continuation of a previous channel on a new encrypted transport.", channel=OURS)
def reestablish_twice(t):
    change(t.channel)
    t.channel.resume()
    t.channel.peer.alive()
    t.channel.peer.send("channel_reestablish", **t.channel.reestablish_fields())
    t.refused("type 136")


@rule(2, SECTION + "Note: a node MAY have already used the `payment_preimage` value from the `update_fulfill_htlc`",
      channel=THEIRS)
def preimage_counts_at_once(t):
    added = pay_to_peer(t)
    t.channel.peer.send("update_fulfill_htlc", channel_id=t.channel.id, id=added.id, payment_preimage=t.preimage)
    t.channel.peer.alive()
    t.channel.resume()
    t.channel.fulfill(added, t.preimage)
    t.channel.exchange()


@rule(2, UNCOMMITTED, channel=OURS)
def held_htlc_survives_reconnecting(t):
    held_htlc(t)
    t.channel.resume()
    t.channel.change_fee(FEERATE + 1)
    t.channel.exchange()
    t.channel.peer.alive()


@rule(1, "Implementations MUST use a single connection per peer; channel messages (which include a channel ID) are "
      "multiplexed over this single connection.", channel=OURS)
def second_connection_replaces_the_first(t):
    change(t.channel)
    first = t.channel.peer
    second = t.peer(key=first.key)
    t.channel.peer = second
    second.expect("channel_reestablish")
    second.send("channel_reestablish", **t.channel.reestablish_fields())
    first.closed()
    t.works()
