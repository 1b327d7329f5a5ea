"""BOLT 2: `open_channel` to `channel_ready`, in both roles."""

import os
import re

from driver.bitcoin import Output, high_s
from driver.channel import ANCHORS, AMOUNT, Channel
from driver.rules import OURS, rule
from driver.stage import ask_to_open
from driver.wire import FEATURES, PATIENCE, REGTEST, features
from driver.world import WorldError

STATIC = features(12)
FAIL = "The receiving node MUST fail the channel if: ... "


def refused(t, says, offers=FEATURES, **fields):
    """The node refuses this `open_channel` with an error, keeps the connection, and takes a good one after that."""
    peer = t.peer(offers=offers)
    channel = Channel(peer)
    peer.send("open_channel", **channel.open_fields(**fields))
    peer.error(says, channel.temporary_id)
    peer.alive()
    if offers == FEATURES:
        Channel(peer).propose()


def fault(name, quote, says, offers=FEATURES, **fields):
    @rule(2, quote, name=f"open_channel_{name}")
    def case(t):
        refused(t, says, offers, **fields)


@rule(2, "`temporary_channel_id` MUST be the same as the `temporary_channel_id` in the `open_channel` message.",
      "MUST set `channel_type` to the `channel_type` from `open_channel`.",
      "MUST set `channel_reserve_satoshis` greater than or equal to `dust_limit_satoshis` from the `open_channel` message.",
      "MUST set `dust_limit_satoshis` less than or equal to `channel_reserve_satoshis` from the `open_channel` message.")
def accept_channel_answers(t):
    channel = Channel(t.peer())
    accept = channel.propose(dust_limit_satoshis=1_000, channel_reserve_satoshis=1_500)
    t.demand(accept.temporary_channel_id == channel.temporary_id, "the id is another")
    t.demand(accept.tlvs.get(1) == ANCHORS, f"the channel type is {accept.tlvs.get(1)}")
    t.demand(accept.channel_reserve_satoshis >= 1_000, "the reserve is below the dust limit")
    t.demand(accept.dust_limit_satoshis <= 1_500, "the dust limit is above the reserve")


fault("of_another_chain", FAIL + "the `chain_hash` value is set to a hash of a chain that is unknown to the receiver.",
      "[cC]hain", chain_hash=bytes(32))
fault("pushing_more_than_there_is", FAIL + "`push_msat` is greater than `funding_satoshis` * 1000.",
      "push", push_msat=AMOUNT * 1000 + 1)
fault("with_a_long_delay", FAIL + "`to_self_delay` is unreasonably large.", "to_self_delay", to_self_delay=65535)
fault("with_484_htlcs", FAIL + "`max_accepted_htlcs` is greater than 483.", "max_accepted_htlcs", max_accepted_htlcs=484)
FEERATE = FAIL + "it considers `feerate_per_kw` too small for timely processing or unreasonably large."
fault("with_a_low_fee_rate", FEERATE, "feerate", feerate_per_kw=100)
fault("with_a_high_fee_rate", FEERATE, "feerate", feerate_per_kw=2_000_000)
POINTS = (
    FAIL + "`funding_pubkey`, `revocation_basepoint`, `htlc_basepoint`, `payment_basepoint`, or "
    "`delayed_payment_basepoint` are not valid secp256k1 pubkeys in compressed format.")
NO_POINT = b"\x02" + bytes(31) + b"\x05"
for _field in ("funding_pubkey", "revocation_basepoint", "htlc_basepoint", "payment_basepoint",
               "delayed_payment_basepoint", "first_per_commitment_point"):
    fault(f"without_{_field}", POINTS, "key|point", **{_field: NO_POINT})


@rule(2, POINTS)
def open_channel_with_an_uncompressed_key(t):
    # A field of this form is no point at all, so that nothing of the message can be answered.
    peer = t.peer()
    peer.send("open_channel", **Channel(peer).open_fields(funding_pubkey=b"\x04" + bytes(32)))
    peer.closed("funding_pubkey")


fault("with_dust_above_the_reserve", FAIL + "`dust_limit_satoshis` is greater than `channel_reserve_satoshis`.",
      "dust|reserve", dust_limit_satoshis=5_000, channel_reserve_satoshis=4_999)
fault("with_a_low_dust_limit", FAIL + "`dust_limit_satoshis` is smaller than `354 satoshis`", "dust",
      dust_limit_satoshis=353)
fault("that_cannot_pay_the_fee",
      FAIL + "the funder's amount for the initial commitment transaction is not sufficient for full",
      "first commitment costs", push_msat=AMOUNT * 1000 - 3_000_000)
fault("with_both_sides_within_the_reserve",
      FAIL + "both `to_local` and `to_remote` amounts for the initial commitment transaction are less than or equal to "
      "`channel_reserve_satoshis`", "reserve", funding_satoshis=20_000, push_msat=4_000_000,
      channel_reserve_satoshis=4_000, feerate_per_kw=11_000)
fault("of_2_24_without_large_channels",
      FAIL + "`funding_satoshis` is greater than or equal to 2^24 and the receiver does not support "
      "`option_support_large_channel`.", "funding",
      offers=tuple(bit for bit in FEATURES if bit != 19), funding_satoshis=1 << 24)
UNSUITABLE = FAIL + "the `channel_type` is not suitable."
for _name, _bits in (
        ("empty", ()), ("anchors_alone", (22,)), ("of_an_odd_bit", (13,)), ("of_an_unknown_bit", (12, 22, 100)),
        ("of_old_anchors", (12, 20))):
    fault(f"of_a_type_{_name}", UNSUITABLE, "channel.type|channel_type|type", tlvs={0: b"", 1: features(*_bits)})
fault("of_a_type_not_negotiated", UNSUITABLE, "negotiated|type",
      offers=tuple(bit for bit in FEATURES if bit != 23), tlvs={0: b"", 1: ANCHORS})
fault("of_a_public_alias", "if `announce_channel` is `true` (not `0`): MUST NOT send `channel_type` with the "
      "`option_scid_alias` bit set.", "alias|type", channel_flags=1, tlvs={0: b"", 1: features(12, 22, 46)})
fault("without_confirmations", FAIL + "the `channel_type` includes `option_zeroconf` and it does not trust the sender to "
      "open an unconfirmed channel.", "trust|zero|[cC]onf", offers=FEATURES + (51,), tlvs={0: b"", 1: features(12, 22, 50)})
fault("without_a_type", "if the message doesn't include a `channel_type`: fail the channel.", "type", tlvs={0: b""})
fault("without_tlvs", "if the message doesn't include a `channel_type`: fail the channel.", "type", tlvs={})
fault("with_an_unspendable_upfront_script", "MUST include `upfront_shutdown_script` with either a valid "
      "`shutdown_scriptpubkey` as required by `shutdown` `scriptpubkey`, or a zero-length `shutdown_scriptpubkey`",
      "script", tlvs={0: bytes.fromhex("76a914") + bytes(20) + bytes.fromhex("88ac"), 1: ANCHORS})
MAY = "The receiving node MAY fail the channel if: ... "
fault("that_is_too_small", MAY + "`funding_satoshis` is too small.", "funding", funding_satoshis=19_999, push_msat=0,
      channel_reserve_satoshis=1_000)
fault("with_a_high_minimum", MAY + "it considers `htlc_minimum_msat` too large.", "htlc_minimum|minimum",
      htlc_minimum_msat=500_000_000)
fault("with_little_in_flight", MAY + "it considers `max_htlc_value_in_flight_msat` too small.", "flight",
      max_htlc_value_in_flight_msat=1)
fault("with_a_high_reserve", MAY + "it considers `channel_reserve_satoshis` too large.", "reserve",
      channel_reserve_satoshis=AMOUNT * 9 // 10)
fault("with_few_htlcs", MAY + "it considers `max_accepted_htlcs` too small.", "max_accepted_htlcs", max_accepted_htlcs=0)
fault("with_a_high_dust_limit", MAY + "it considers `dust_limit_satoshis` too large", "dust",
      dust_limit_satoshis=100_000, channel_reserve_satoshis=100_000)


@rule(2, "ignore undefined bits in `channel_flags`.")
def open_channel_with_undefined_flags(t):
    Channel(t.peer()).propose(channel_flags=0xFE)


@rule(2, "MUST ensure `temporary_channel_id` is unique from any other channel ID with the same peer.")
def open_channel_with_an_id_in_use(t):
    peer = t.peer()
    channel = Channel(peer)
    channel.propose()
    peer.send("open_channel", **channel.open_fields())
    peer.expect("error", "warning")


@rule(2, "accept a new `open_channel` message.", "discard the previous `open_channel` message.")
def open_channel_again_after_reconnecting(t):
    peer = t.peer()
    channel = Channel(peer)
    channel.propose()
    peer.leave()
    again = t.peer(key=peer.key)
    renewed = Channel(again)
    renewed.temporary_id = channel.temporary_id
    renewed.propose(funding_satoshis=500_000, push_msat=0)
    again.alive()


# funding_created

LOW_S = (
    "if `signature` is incorrect OR non-compliant with LOW-S-standard rule<sup>[LOWS]"
    "(https://github.com/bitcoin/bitcoin/pull/6769)</sup>: MUST send a `warning` and close the connection, or send an "
    "`error` and fail the channel.")
CREATED, SIGNED = "### The `funding_created` Message ... ", "### The `funding_signed` Message ... "


def refuses_funding(t, says, change):
    """The node answers `funding_created` with an error, and knows of no channel afterwards."""
    channel = Channel(t.peer())
    channel.propose()
    channel.point_at(os.urandom(32), 0)
    channel.peer.send(
        "funding_created", temporary_channel_id=channel.temporary_id, funding_txid=channel.funding.txid,
        funding_output_index=0, signature=change(channel.first_signature()))
    channel.peer.error(says, channel.temporary_id)
    t.demand(t.node.channel(channel.peer.id) == (None, None), "the channel is listed")
    channel.peer.alive()


for _name, _change in (
        ("changed", lambda signature: signature[:40] + bytes([signature[40] ^ 1]) + signature[41:]),
        ("of_zeros", lambda signature: bytes(64)), ("with_a_high_s", high_s)):
    @rule(2, CREATED + LOW_S, name=f"funding_created_with_a_signature_{_name}")
    def _case(t, change=_change):
        refuses_funding(t, "signature", change)


@rule(2, CREATED + "`temporary_channel_id` the same as the `temporary_channel_id` in the `open_channel` message.")
def funding_created_for_nothing(t):
    peer, unknown = t.peer(), os.urandom(32)
    peer.send("funding_created", temporary_channel_id=unknown, funding_txid=bytes(32), funding_output_index=0,
              signature=bytes(64))
    peer.error("unknown", unknown)
    peer.alive()


@rule(2, "`channel_id` by exclusive-OR of the `funding_txid` and the `funding_output_index` from the `funding_created` "
      "message.")
def channel_id_of_a_high_index(t):
    channel = Channel(t.peer())
    channel.propose()
    channel.fund(os.urandom(32), 0xABCD)


@rule(2, "if it has sent the `funding_signed` message: MUST remember the channel for reconnection.")
def channel_is_remembered_from_funding_signed(t):
    channel = Channel(t.peer())
    channel.propose()
    channel.fund(os.urandom(32), 0)
    channel.reconnect()
    t.peers.append(channel.peer)


@rule(2, "A non-funding node: upon disconnection: if it has sent the `funding_signed` message: MUST remember the channel "
      "for reconnection. otherwise: SHOULD NOT remember the channel for reconnection.")
def channel_is_forgotten_before_funding_signed(t):
    peer = t.peer()
    channel = Channel(peer)
    channel.propose()
    peer.leave()
    again = t.peer(key=peer.key).alive()
    t.demand(not any(message.name == "channel_reestablish" for message in again.heard), "the channel was remembered")


@rule(2, "consider funds received, using `push_msat`, to be received until "
      "the funding transaction has reached sufficient depth.")
def pushed_funds_are_not_there_yet(t):
    channel = Channel(t.peer())
    channel.propose()
    channel.fund(os.urandom(32), 0)
    kind, entry = t.node.channel(channel.peer.id)
    t.demand(kind == "pending_open_channels", f"the channel is {kind}")
    t.demand(entry["channel"]["local_balance"] == str(channel.push // 1000), "the balance is another")


# channel_ready


@rule(2, "MUST NOT send `channel_ready` unless outpoint of given by `funding_txid` and `funding_output_index` in the "
      "`funding_created` message pays exactly `funding_satoshis` to the scriptpubkey specified in")
def funding_of_another_amount(t):
    channel = Channel(t.peer())
    channel.propose()
    output = channel.funding_output
    transaction = t.world.bank.transaction([Output(output.amount - 1, output.script)])
    channel.fund(transaction.txid, 0)
    t.world.bank.publish(transaction)
    t.world.mine_and_wait(1)
    channel.peer.error("funding output", channel.id)


@rule(2, "SHOULD wait until the funding transaction has reached `minimum_depth` before sending this message.")
def channel_ready_waits_for_the_funding(t):
    channel = Channel(t.peer())
    channel.propose()
    transaction = t.world.bank.transaction([channel.funding_output])
    channel.fund(transaction.txid, 0)
    channel.peer.alive()
    t.world.bank.publish(transaction)
    channel.peer.alive()
    with t.world.mining:
        channel.peer.alive()
        t.world.mine_and_wait(1)
    channel.ready()
    t.works(channel)


@rule(2, "MUST set `short_channel_id` `alias`.", "MUST set `alias` to a value not related to the real `short_channel_id`.",
      channel=OURS)
def channel_ready_has_an_alias(t):
    ready = next(message for message in t.channel.peer.heard if message.name == "channel_ready")
    t.demand(1 in ready.tlvs, "there is no alias")
    _, entry = t.node.channel(t.channel.peer.id)
    real = entry.get("zero_conf_confirmed_scid") or entry["chan_id"]
    t.demand(str(int.from_bytes(ready.tlvs[1], "big")) != real or entry["alias_scids"], "the alias is the real name")


@rule(2, "MUST NOT send the same `alias` for multiple peers or use an alias which collides with a `short_channel_id` of "
      "a channel on the same node.")
def aliases_differ(t):
    channels = t.node.get("/v1/channels")["channels"]
    aliases = [alias for entry in channels for alias in entry["alias_scids"]]
    t.demand(len(aliases) == len(set(aliases)), "an alias is there twice")


@rule(2, "MUST ignore any redundant `channel_ready` it receives.", channel=OURS)
def redundant_channel_ready_is_ignored(t):
    t.channel.peer.send("channel_ready", channel_id=t.channel.id, second_per_commitment_point=t.channel.secrets.point(1))
    t.works()


@rule(2, "MAY send multiple `channel_ready` messages to the same peer with different `alias` values.", channel=OURS)
def channel_ready_with_more_aliases(t):
    for _ in range(3):
        t.channel.send_ready(tlvs={1: os.urandom(8)})
    t.works()


# The node as opener


class Opening:
    """The node's way to a channel that it was asked to open, up to `open_channel`."""

    def __init__(self, t, offers=FEATURES, **options):
        self.t = t
        self.channel = Channel(t.peer(offers=offers), opener="them")
        self.request, self.outcome = t.in_background(ask_to_open, t.node, self.channel.peer, **options)
        self.open = self.channel.peer.expect("open_channel")

    def is_refused(self, says):
        """The call fails for a reason that `says` matches, and no channel is listed."""
        self.request.join(PATIENCE)
        t = self.t
        t.demand(self.outcome and isinstance(self.outcome[0], WorldError), f"the call gave {self.outcome}")
        t.demand(re.search(says, str(self.outcome[0])), f"the call says {self.outcome[0]}, nothing of {says!r}")
        t.demand(t.node.channel(self.channel.peer.id) == (None, None), "the channel is listed")

    def fails(self, says):
        """The node sends an error about the temporary id."""
        self.channel.peer.error(says, self.open.temporary_channel_id)
        self.is_refused(says)


@rule(2, "MUST ensure the `chain_hash` value identifies the chain it wishes to open the channel within.",
      "MUST set `push_msat` to equal or less than 1000 * `funding_satoshis`.",
      "MUST set `channel_reserve_satoshis` greater than or equal to `dust_limit_satoshis`.",
      "MUST set undefined bits in `channel_flags` to 0.",
      "MUST include `upfront_shutdown_script` with either a valid `shutdown_scriptpubkey` as required by `shutdown` "
      "`scriptpubkey`, or a zero-length `shutdown_scriptpubkey`",
      "MUST set it to a defined type representing the type it wants.",
      "MUST use the smallest bitmap possible to represent the channel type.")
def open_channel_of_the_node(t):
    opening = Opening(t)
    message = opening.open
    t.demand(message.chain_hash == REGTEST, "the chain is another")
    t.demand(message.push_msat <= 1000 * message.funding_satoshis, "it pushes more than there is")
    t.demand(message.channel_reserve_satoshis >= message.dust_limit_satoshis, "the reserve is dust")
    t.demand(message.channel_flags == 0, "the flags are not 0")
    t.demand(0 in message.tlvs, "there is no upfront script")
    t.demand(message.tlvs[1] == ANCHORS, f"the type is {message.tlvs[1].hex()}")
    opening.channel.peer.send("error", channel_id=message.temporary_channel_id, data=b"no, thanks")
    opening.is_refused("no, thanks")


ACCEPT = "### The `accept_channel` Message ... "
OTHERS = ACCEPT + "Other fields have the same requirements as their counterparts in `open_channel`."


def accept_fault(name, quote, says, **fields):
    @rule(2, quote, name=f"accept_channel_{name}")
    def case(t):
        opening = Opening(t)
        opening.channel.take(opening.open, **fields)
        opening.fails(says)


accept_fault("of_a_small_reserve", ACCEPT + "if `channel_reserve_satoshis` is less than `dust_limit_satoshis` within the "
             "`open_channel` message: MUST fail the channel.", "reserve|dust", channel_reserve_satoshis=1)
accept_fault("of_dust_above_the_reserve", ACCEPT + "if `channel_reserve_satoshis` from the `open_channel` message is less "
             "than `dust_limit_satoshis`: MUST fail the channel.", "reserve|dust", dust_limit_satoshis=90_000,
             channel_reserve_satoshis=90_000)
accept_fault("without_a_type", ACCEPT + "if the message doesn't include a `channel_type`: MUST fail the channel.", "type",
             tlvs={0: b""})
accept_fault("of_another_type", ACCEPT + "if `channel_type` does not match the `channel_type` from `open_channel`: MUST "
             "fail the channel.", "type", tlvs={0: b"", 1: STATIC})
accept_fault("of_too_great_depth", ACCEPT + "if `minimum_depth` is unreasonably large: MAY fail the channel.", "depth",
             minimum_depth=1_000_000)
accept_fault("of_a_long_delay", OTHERS, "to_self_delay", to_self_delay=65535)
accept_fault("of_484_htlcs", OTHERS, "max_accepted_htlcs", max_accepted_htlcs=484)
accept_fault("of_a_low_dust_limit", OTHERS, "dust", dust_limit_satoshis=100)
accept_fault("without_a_key", OTHERS, "key|point", htlc_basepoint=NO_POINT)
accept_fault("of_an_unspendable_script", OTHERS, "script", tlvs={0: b"\x51", 1: ANCHORS})


@rule(2, "if `channel_type` includes `option_zeroconf`: MUST set `minimum_depth` to zero.")
def accept_channel_waits_unless_it_trusts(t):
    t.demand(Channel(t.peer()).propose().minimum_depth > 0, "it waits for no confirmation")


@rule(2, ACCEPT + "The `temporary_channel_id` MUST be the same as the `temporary_channel_id` in the `open_channel` "
      "message.")
def accept_channel_for_nothing(t):
    opening = Opening(t)
    other = os.urandom(32)
    values = opening.channel.accept_fields(temporary_channel_id=other)
    opening.channel.peer.send("accept_channel", **values)
    opening.channel.peer.error("unknown", other)
    opening.channel.peer.send("error", channel_id=opening.open.temporary_channel_id, data=b"enough")
    opening.is_refused("enough")


for _name, _change in (
        ("changed", lambda signature: signature[:40] + bytes([signature[40] ^ 1]) + signature[41:]),
        ("with_a_high_s", high_s)):
    @rule(2, SIGNED + LOW_S, "MUST NOT broadcast the funding transaction before receipt of a valid `funding_signed`.",
          name=f"funding_signed_with_a_signature_{_name}")
    def _signed(t, change=_change):
        opening = Opening(t)
        channel = opening.channel
        channel.take(opening.open)
        created = channel.peer.expect("funding_created")
        t.demand(not t.chain.knows(created.funding_txid[::-1].hex()), "the funding is published")
        channel.point_at(created.funding_txid, created.funding_output_index)
        channel.id = channel.funding.channel_id
        channel.peer.send("funding_signed", channel_id=channel.id, signature=change(channel.first_signature()))
        channel.peer.expect("error")
        opening.is_refused("signature")
        t.demand(not t.chain.knows(created.funding_txid[::-1].hex()), "the funding is published")


@rule(2, "on receipt of a valid `funding_signed`: SHOULD broadcast the funding transaction.",
      "`funding_output_index` to the output number of that transaction that corresponds the funding transaction output")
def funding_is_published(t):
    opening = Opening(t)
    channel = opening.channel
    channel.take(opening.open)
    created = channel.peer.expect("funding_created")
    channel.signed(created)
    txid = created.funding_txid[::-1].hex()
    t.eventually("the funding's publication", lambda: t.chain.knows(txid))
    output = t.chain.call("getrawtransaction", txid, 1)["vout"][created.funding_output_index]
    t.demand(output["scriptPubKey"]["hex"] == channel.funding_output.script.hex(), "the output has another script")


@rule(2, "if it has broadcast the funding transaction: MUST remember the channel for reconnection.")
def opener_remembers_the_channel(t):
    opening = Opening(t)
    opening.channel.take(opening.open)
    opening.channel.signed(opening.channel.peer.expect("funding_created"))
    opening.channel.reconnect()
    t.peers.append(opening.channel.peer)


@rule(2, "A funding node: upon disconnection: if it has broadcast the funding transaction: MUST remember the channel for "
      "reconnection. otherwise: SHOULD NOT remember the channel for reconnection.")
def opener_forgets_an_unsigned_channel(t):
    opening = Opening(t)
    opening.channel.take(opening.open)
    opening.channel.peer.expect("funding_created")
    opening.channel.peer.leave()
    opening.is_refused("connection was lost")
    again = t.peer(key=opening.channel.peer.key).alive()
    t.demand(not any(message.name == "channel_reestablish" for message in again.heard), "the channel was remembered")


@rule(2, "if it hasn't sent a `funding_created` (if it is a funder) or a `funding_signed` (if it is a fundee): MUST NOT "
      "send a `shutdown`", "if it hasn't received a `funding_signed` (if it is a funder) or a `funding_created` (if it is "
      "a fundee): SHOULD send an `error` and fail the channel.")
def shutdown_before_the_funding(t):
    channel = Channel(t.peer())
    channel.propose()
    channel.peer.send("shutdown", channel_id=channel.temporary_id, scriptpubkey=channel.script)
    channel.peer.error("type 38", channel.temporary_id)
