"""BOLT 7: what the node believes of what others announce."""

import os
import time

from driver.bitcoin import Input, Output, Transaction, compact_to_der, public, sign, two_of_two
from driver.gossip import Announced
from driver.graph import (
    ANNOUNCEMENT, NODE, UPDATE, believed, edge, known_updates, node_known, query, settled, update_of_own_channel)
from driver.rules import OURS, rule
from driver.wire import NOISE, REGTEST

# channel_announcement


@rule(7, ANNOUNCEMENT + "SHOULD store this `channel_announcement`.",
      "SHOULD update its local view of the network's topology accordingly.")
def announcement_is_believed(t):
    peer = t.peer()
    channel = believed(t, peer)
    found = edge(t, channel)
    t.demand(found["node1_pub"] == channel.ids[0].hex(), "node 1 is another")
    t.demand(found["capacity"] == str(channel.AMOUNT), f"the capacity is {found['capacity']}")


def bad_signature(name, position):
    @rule(7, ANNOUNCEMENT + "if `bitcoin_signature_1`, `bitcoin_signature_2`, `node_signature_1` OR `node_signature_2` are "
          "invalid OR NOT correct: SHOULD send a `warning`. MAY close the connection. MUST ignore the message.",
          ANNOUNCEMENT + "MUST verify the integrity AND authenticity of the message by verifying the signatures.",
          name=f"announcement_with_a_wrong_{name}")
    def case(t):
        peer, channel = t.peer(), t.world.announced()
        signers = [*channel.nodes, *channel.keys]
        signers[position] = os.urandom(32)
        peer.send_raw(channel.announcement(signers=signers))
        peer.warned("signature")
        t.demand(settled(t, peer, channel) is None, "the channel is believed")


for _position, _name in enumerate(("node_signature_1", "node_signature_2", "bitcoin_signature_1", "bitcoin_signature_2")):
    bad_signature(_name, _position)


@rule(7, ANNOUNCEMENT + "MUST verify the integrity AND authenticity of the message by verifying the signatures.")
def announcement_that_was_changed(t):
    peer, channel = t.peer(), t.world.announced()
    # Another feature than the one that was signed.
    at = 2 + 256 + 3
    signed = channel.announcement(features=b"\x02")
    t.demand(signed[at - 1] == 2 and signed[at:at + 32] == REGTEST, "the field is elsewhere")
    peer.send_raw(signed[:at - 1] + b"\x08" + signed[at:])
    peer.warned("signature")
    t.demand(settled(t, peer, channel) is None, "the channel is believed")


@rule(7, ANNOUNCEMENT + "Note: the hash skips the 4 signatures but hashes the rest of the message, including any future "
      "fields appended to the end.")
def announcement_with_future_fields(t):
    peer, channel = t.peer(), t.world.announced()
    peer.send_raw(channel.announcement(extra=bytes.fromhex("fd03e902abcd")))
    peer.send_raw(channel.update(0))
    t.eventually("the channel", lambda: edge(t, channel))


NO_OUTPUT = (
    ANNOUNCEMENT + "if the `short_channel_id`'s output does NOT correspond to a P2WSH (using `bitcoin_key_1` and "
    "`bitcoin_key_2`, as specified in [BOLT #3](03-transactions.md#funding-transaction-output)) OR the output is spent: MUST "
    "ignore the message.")


def is_ignored(t, peer, channel, message):
    peer.send_raw(message)
    t.demand(settled(t, peer, channel) is None, "the channel is believed")


@rule(7, NO_OUTPUT)
def announcement_of_others_keys(t):
    peer, channel = t.peer(), t.world.announced()
    other = Announced()
    other.name = channel.name
    peer.send_raw(other.announcement())
    peer.send_raw(other.update(0))
    peer.warned("keys")
    t.demand(settled(t, peer, channel) is None, "the channel is believed")


@rule(7, NO_OUTPUT)
def announcement_of_no_output(t):
    channel = Announced().mined(1, 500, 0)
    is_ignored(t, t.peer(), channel, channel.announcement())


@rule(7, ANNOUNCEMENT + "OR the output is spent: MUST ignore the message.")
def announcement_of_a_spent_output(t):
    channel = t.world.announced()
    spend(t, channel)
    t.world.mine_and_wait(1)
    is_ignored(t, t.peer(), channel, channel.announcement())


def spend(t, channel):
    """Spends the output of a channel."""
    txid, index = t.world.outpoint(channel)
    script = two_of_two(*map(public, channel.keys))
    transaction = Transaction([Input(txid, index)], [Output(channel.AMOUNT - 1_000, t.world.bank.script)])
    digest = transaction.digest(0, script, channel.AMOUNT)
    keys = sorted(channel.keys, key=public)
    signatures = [compact_to_der(sign(key, digest)) + b"\x01" for key in keys]
    transaction.inputs[0].witness = [b"", *signatures, script]
    t.chain.call("sendrawtransaction", transaction.encode().hex())


@rule(7, ANNOUNCEMENT + "if the specified `chain_hash` is unknown to the receiver: MUST ignore the message.")
def announcement_of_another_chain(t):
    channel = t.world.announced()
    is_ignored(t, t.peer(), channel, channel.announcement(chain_hash=bytes(32)))


@rule(7, ANNOUNCEMENT + "if the `short_channel_id`'s output does NOT have at least 6 confirmations: MAY accept the message "
      "if the output is close to 6 confirmations, in case the receiving node hasn't received the latest block(s) yet. "
      "otherwise: SHOULD ignore the message.")
def announcement_of_a_young_output(t):
    channel = Announced()
    with t.world.mining:
        transaction = t.world.bank.pay(channel.output)
        block = t.world.mine(1)[0]
        listed = t.chain.call("getblock", block)
        channel.mined(listed["height"], listed["tx"].index(transaction.shown_id), 0)
        t.node.synchronise()
        is_ignored(t, t.peer(), channel, channel.announcement())


@rule(7, "`node_id_1` is the lexicographically-lesser of the two compressed keys")
def announcement_out_of_order(t):
    peer, channel = t.peer(), t.world.announced()
    peer.send_raw(channel.announcement(
        node_id_1=channel.ids[1], node_id_2=channel.ids[0],
        signers=[channel.nodes[1], channel.nodes[0], *channel.keys]))
    peer.warned("order")
    t.demand(settled(t, peer, channel) is None, "the channel is believed")


@rule(7, ANNOUNCEMENT + "if it has previously received a valid `channel_announcement`, for the same transaction, in the same "
      "block, but for a different `node_id_1` or `node_id_2`: SHOULD blacklist the previous message's `node_id_1` and "
      "`node_id_2`, as well as this `node_id_1` and `node_id_2` AND forget any channels connected to them.")
def contradicting_announcement(t):
    peer = t.peer()
    channel = believed(t, peer)
    other = Announced()
    other.keys, other.name = channel.keys, channel.name
    peer.send_raw(other.announcement())
    t.eventually("the channel's end", lambda: edge(t, channel) is None)


# node_announcement


@rule(7, NODE + "if `timestamp` is greater than the last-received `node_announcement` from this `node_id`: SHOULD queue the "
      "message for rebroadcasting.", NODE + "if `node_id` is NOT previously known from a `channel_announcement` message, OR "
      "if `timestamp` is NOT greater than the last-received `node_announcement` from this `node_id`: SHOULD ignore the "
      "message.")
def node_announcements_in_turn(t):
    peer = t.peer()
    channel = believed(t, peer)
    now = int(time.time())
    for timestamp, alias, is_taken in ((now - 50, b"first", True), (now - 40, b"second", True), (now - 45, b"old", False),
                                       (now - 40, b"equal", False)):
        peer.send_raw(channel.node_announcement(timestamp=timestamp, alias=alias.ljust(32, b"\0")))
        if is_taken:
            t.eventually("the alias", lambda: node_known(t, channel.ids[0]).get("alias") == alias.decode())
    settled(t, peer, channel)
    t.demand(node_known(t, channel.ids[0])["alias"] == "second", "an older announcement was taken")


@rule(7, "nodes not associated with an already known channel are ignored.")
def node_announcement_of_a_stranger(t):
    peer, stranger = t.peer(), Announced()
    peer.send_raw(stranger.node_announcement())
    settled(t, peer, t.world.announced())
    t.demand(node_known(t, stranger.ids[0]) == {}, "the node is known")


@rule(7, NODE + "if `signature` is NOT a valid signature (using `node_id` of the double-SHA256 of the entire message "
      "following the `signature` field, including any future fields appended to the end): SHOULD send a `warning`. MAY "
      "close the connection. MUST NOT process the message further.")
def node_announcement_with_a_wrong_signature(t):
    peer = t.peer()
    channel = believed(t, peer)
    peer.send_raw(channel.node_announcement(signer=os.urandom(32), alias=b"forged".ljust(32, b"\0")))
    peer.warned("signature")
    t.demand(node_known(t, channel.ids[0]).get("alias") != "forged", "the announcement was taken")


@rule(7, NODE + "if `node_id` is NOT a valid compressed public key: SHOULD send a `warning`. MAY close the connection. MUST "
      "NOT process the message further.")
def node_announcement_without_a_key(t):
    peer = t.peer()
    channel = believed(t, peer)
    peer.send_raw(channel.node_announcement(node_id=b"\x04" + bytes(32)))
    peer.closed("node_id")


@rule(7, NODE + "if `addrlen` is insufficient to hold the address descriptors of the known types: SHOULD send a `warning`. "
      "MAY close the connection.")
def node_announcement_with_cut_addresses(t):
    peer = t.peer()
    channel = believed(t, peer)
    peer.send_raw(channel.node_announcement(addresses=b"\x01\x7f\x00\x00"))
    peer.warned("addresses")


IPV4 = b"\x01" + bytes([10, 0, 0, 1]) + b"\x26\x07"


def addresses(name, quote, data, expected):
    @rule(7, quote, name=f"node_announcement_{name}")
    def case(t):
        peer = t.peer()
        channel = believed(t, peer)
        peer.send_raw(channel.node_announcement(addresses=data, alias=b"addressed".ljust(32, b"\0")))
        t.eventually("the alias", lambda: node_known(t, channel.ids[0]).get("alias") == "addressed")
        found = [entry["addr"] for entry in node_known(t, channel.ids[0])["addresses"]]
        t.demand(found == expected, f"the addresses are {found}")


UNKNOWN_ADDRESS = NODE + "SHOULD ignore the first `address descriptor` that does NOT match the types defined above."
addresses("of_known_types", UNKNOWN_ADDRESS, IPV4, ["10.0.0.1:9735"])
addresses("with_an_unknown_type", UNKNOWN_ADDRESS, IPV4 + b"\x99" + bytes(30), ["10.0.0.1:9735"])
addresses("with_port_0", NODE + "if `port` is equal to 0: SHOULD ignore `ipv6_addr` OR `ipv4_addr` OR `hostname`.",
          b"\x01" + bytes([10, 0, 0, 2]) + b"\0\0", [])
addresses("with_tor_2", NODE + "SHOULD ignore Tor v2 onion services.", b"\x03" + bytes(12), [])
HOST = b"\x05\x0bexample.com\x26\x07"


@rule(7, NODE + "if more than one `type 5` address is announced: SHOULD ignore the additional data. MUST not forward the "
      "`node_announcement`.")
def node_announcement_with_two_hostnames(t):
    peer = t.peer()
    channel = believed(t, peer)
    peer.send_raw(channel.node_announcement(addresses=HOST + HOST))
    settled(t, peer, channel)
    answers = query(t.peer(), channel.name)
    t.demand(all(message.name != "node_announcement" for message in answers), "the announcement was passed on")


# channel_update


@rule(7, UPDATE + "if the `short_channel_id` does NOT match a previous `channel_announcement`: MUST ignore `channel_update`s "
      "that do NOT correspond to one of its own channels.")
def update_of_an_unknown_channel(t):
    peer, channel = t.peer(), t.world.announced()
    peer.send_raw(channel.update(0))
    t.demand(settled(t, peer, channel) is None, "the channel is believed")
    peer.alive(skip=NOISE)


UPDATE_SIGNATURE = (
    UPDATE + "if `signature` is not a valid signature, using `node_id` of the double-SHA256 of the entire message following the "
    "`signature` field (including unknown fields following `fee_proportional_millionths`): SHOULD send a `warning` and close "
    "the connection. MUST NOT process the message further.")


@rule(7, UPDATE_SIGNATURE)
def update_with_a_wrong_signature(t):
    peer = t.peer()
    channel = believed(t, peer, (0,))
    peer.send_raw(channel.update(1, signer=os.urandom(32)))
    peer.warned("signature")
    peer.send_raw(channel.update(0, signer=channel.nodes[1], fee_base_msat=77))
    peer.warned("signature")
    settled(t, t.peer(), channel)
    t.demand(known_updates(t, channel) == 1, "the update was taken")
    t.demand(edge(t, channel)["node1_policy"]["fee_base_msat"] != "77", "the update was taken")


@rule(7, UPDATE_SIGNATURE)
def update_with_future_fields(t):
    peer = t.peer()
    channel = believed(t, peer, (0,))
    peer.send_raw(channel.update(1, extra=bytes.fromhex("fd03e902abcd")))
    t.eventually("the update", lambda: known_updates(t, channel) == 2)


@rule(7, UPDATE + "if the specified `chain_hash` value is unknown (meaning it isn't active on the specified chain): MUST "
      "ignore the channel update.")
def update_of_another_chain(t):
    peer = t.peer()
    channel = believed(t, peer, (0,))
    peer.send_raw(channel.update(1, chain_hash=bytes(32)))
    settled(t, peer, channel)
    t.demand(known_updates(t, channel) == 1, "the update was taken")


def late_update(name, quote, seconds):
    @rule(7, quote, name=f"update_{name}")
    def case(t):
        peer = t.peer()
        channel = believed(t, peer, (0,))
        now = int(time.time())
        peer.send_raw(channel.update(1, timestamp=now - 50, fee_base_msat=500))
        t.eventually("the update", lambda: known_updates(t, channel) == 2)
        peer.send_raw(channel.update(1, timestamp=now - 50 + seconds, fee_base_msat=600))
        settled(t, peer, channel)
        t.demand(edge(t, channel)["node2_policy"]["fee_base_msat"] == "500", "the update was taken")


late_update("of_the_same_time", UPDATE + "if the `timestamp` is equal to the last-received `channel_update` for this "
            "`short_channel_id` AND `node_id`: if the fields below `timestamp` differ: MAY blacklist this `node_id`.", 0)
late_update("of_an_earlier_time", UPDATE + "if `timestamp` is lower than that of the last-received `channel_update` for this "
            "`short_channel_id` AND for `node_id`: SHOULD ignore the message.", -10)
late_update("of_the_far_future", UPDATE + "if the `timestamp` is unreasonably far in the future: MAY discard the "
            "`channel_update`.", 30 * 86_400)


@rule(7, UPDATE + "SHOULD queue the message for rebroadcasting.")
def update_is_taken(t):
    peer = t.peer()
    channel = believed(t, peer)
    peer.send_raw(channel.update(1, fee_base_msat=4_321))
    t.eventually("the update", lambda: edge(t, channel)["node2_policy"]["fee_base_msat"] == "4321")


@rule(7, "This field must now always be present, so `must_be_one` is a constant value, and ignored by receivers.")
def update_without_must_be_one(t):
    peer = t.peer()
    channel = believed(t, peer, (0,))
    peer.send_raw(channel.update(1, message_flags=0))
    t.eventually("the update", lambda: known_updates(t, channel) == 2)


@rule(7, UPDATE + "if the channel output has been spent: MUST ignore `channel_update`s, unless they have the `disable` bit "
      "set to 1.", ANNOUNCEMENT + "SHOULD forget a channel after a 72-block delay.")
def update_of_a_spent_channel(t):
    peer = t.peer()
    channel = believed(t, peer)
    spend(t, channel)
    t.world.mine_and_wait(1)
    now = int(time.time())
    peer.send_raw(channel.update(0, timestamp=now - 5, fee_base_msat=888))
    peer.send_raw(channel.update(1, timestamp=now - 5, fee_base_msat=888, channel_flags=3))
    t.eventually("the other update", lambda: edge(t, channel)["node2_policy"]["disabled"])
    t.demand(edge(t, channel)["node1_policy"]["fee_base_msat"] != "888", "the update was taken")


@rule(7, UPDATE + "SHOULD accept `channel_update`s for its own channels (even if non-public), in order to learn the "
      "associated origin nodes' forwarding parameters.", channel=OURS)
def update_of_an_own_channel(t):
    t.channel.peer.send_raw(update_of_own_channel(t, message_flags=3, fee_base_msat=5_555))

    def learnt():
        answer = t.node.post("/v1/invoices", {"value": "1000", "private": True})
        hints = t.node.get("/v1/payreq/" + answer["payment_request"])["route_hints"]
        return any(
            hop["node_id"] == t.channel.peer.id.hex() and hop["fee_base_msat"] == 5_555
            for hint in hints for hop in hint["hop_hints"])
    t.eventually("the hint", learnt)
