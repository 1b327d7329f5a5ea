"""BOLT 7: what the node announces of its channels and of itself."""

import os

from driver.bitcoin import hash256, sign, verifies
from driver.channel import Channel
from driver.graph import ANNOUNCEMENT, ASKING, NODE, SIGNATURES, UPDATE, believed, query, update_of_own_channel
from driver.messages import build, parse
from driver.rules import OURS, PUBLIC, rule
from driver.wire import NOISE, REGTEST

def confirmed(t):
    """The node's `announcement_signatures` of a public channel, once the funding is deep enough."""
    t.world.mine_and_wait(6)
    return t.channel.peer.expect(
        "announcement_signatures", skip=NOISE - {"announcement_signatures"})


@rule(7, SIGNATURES + "MUST send `announcement_signatures` for the funding transaction.", channel=PUBLIC)
def announcement_signatures_are_sent(t):
    message = confirmed(t)
    t.demand(message.channel_id == t.channel.id, "the channel is another")
    _, entry = t.node.channel(t.channel.peer.id)
    t.demand(str(int.from_bytes(message.short_channel_id, "big")) == entry["chan_id"], "the place is another")
    t.demand(verify_ours(t, message), "a signature is invalid")


def own_announcement(t, short_channel_id):
    """The channel of the test as both sides announce it, without signatures."""
    sides = sorted([(t.channel.peer.id, t.channel.secrets.basepoints.funding), (t.node.id, t.channel.their_funding)])
    return build(
        "channel_announcement", node_signature_1=bytes(64), node_signature_2=bytes(64), bitcoin_signature_1=bytes(64),
        bitcoin_signature_2=bytes(64), features=b"", chain_hash=REGTEST, short_channel_id=short_channel_id,
        node_id_1=sides[0][0], node_id_2=sides[1][0], bitcoin_key_1=sides[0][1], bitcoin_key_2=sides[1][1])


def verify_ours(t, message):
    digest = hash256(own_announcement(t, message.short_channel_id)[2 + 256:])
    return (
        verifies(message.node_signature, digest, t.node.id)
        and verifies(message.bitcoin_signature, digest, t.channel.their_funding))


def send_signatures(t, message, **fields):
    digest = hash256(own_announcement(t, message.short_channel_id)[2 + 256:])
    values = dict(
        channel_id=t.channel.id, short_channel_id=message.short_channel_id,
        node_signature=sign(t.channel.peer.key.rawkey, digest),
        bitcoin_signature=sign(t.channel.secrets.of["funding"], digest))
    t.channel.peer.send("announcement_signatures", **{**values, **fields})


@rule(7, SIGNATURES + "Otherwise: MUST NOT send the `announcement_signatures` message.", channel=OURS)
def announcement_signatures_of_a_private_channel(t):
    t.world.mine_and_wait(6)
    t.channel.peer.alive(skip=NOISE - {"announcement_signatures"})


@rule(7, SIGNATURES + "If it has NOT previously received `announcement_signatures` for the funding transaction: MUST send its "
      "own `announcement_signatures` message.", channel=PUBLIC)
def announcement_signatures_are_sent_again(t):
    first = confirmed(t)
    t.channel.resume()
    again = t.channel.peer.expect("announcement_signatures", skip=NOISE - {"announcement_signatures"})
    t.demand(again.short_channel_id == first.short_channel_id, "the place is another")


@rule(7, SIGNATURES + "If it receives `announcement_signatures` for the funding transaction: MUST respond with its own "
      "`announcement_signatures` message.", channel=PUBLIC)
def announcement_signatures_are_answered(t):
    message = confirmed(t)
    send_signatures(t, message)
    t.channel.peer.alive()
    t.channel.resume()
    t.channel.peer.alive()
    send_signatures(t, message)
    t.channel.peer.expect("announcement_signatures", skip=NOISE - {"announcement_signatures"})


@rule(7, SIGNATURES + "If the `short_channel_id` doesn't match one of its funding transactions: SHOULD send a `warning`.",
      channel=PUBLIC)
def announcement_signatures_of_another_place(t):
    message = confirmed(t)
    send_signatures(t, message, short_channel_id=bytes(8))
    t.channel.peer.warned("announcement_signatures")
    t.works()


def bad_announcement_signature(field):
    @rule(7, SIGNATURES + "If the `node_signature` OR the `bitcoin_signature` is NOT correct: MAY send a `warning` and close "
          "the connection, or send an `error` and fail the channel.", name=f"announcement_signatures_with_a_wrong_{field}",
          channel=PUBLIC)
    def case(t):
        message = confirmed(t)
        send_signatures(t, message, **{field: sign(os.urandom(32), bytes(32))})
        t.refused("announcement_signatures")


bad_announcement_signature("node_signature")
bad_announcement_signature("bitcoin_signature")


def announced_by_node(t):
    """What the node tells of a public channel of its own: its announcement, its update, and itself."""
    message = confirmed(t)
    send_signatures(t, message)
    peer, found = t.peer(), []

    def look():
        found[:] = query(peer, message.short_channel_id)
        return len(found) >= 4 and found
    t.eventually("the announcement", look)
    return {answer.name: answer for answer in found}


@rule(7, SIGNATURES + "If the funding transaction has at least 6 confirmations: SHOULD queue the `channel_announcement` "
      "message for its peers.", ANNOUNCEMENT + "MUST set `node_signature_1` and `node_signature_2` to valid signatures of the "
      "hash `h`", ANNOUNCEMENT + "MUST set `bitcoin_signature_1` and `bitcoin_signature_2` to valid signatures of the hash "
      "`h`", ANNOUNCEMENT + "MUST set `bitcoin_key_1` and `bitcoin_key_2` to `node_id_1` and `node_id_2`'s respective "
      "`funding_pubkey`s.", ANNOUNCEMENT + "MUST set `len` to the minimum length required to hold the `features` bits it sets.",
      channel=PUBLIC)
def announcement_of_the_node(t):
    message = announced_by_node(t)["channel_announcement"]
    expected = own_announcement(t, message.short_channel_id)
    t.demand(message.raw[2 + 256:] == expected[2 + 256:], "the announcement says something else")
    digest = hash256(message.raw[2 + 256:])
    for side in (1, 2):
        t.demand(verifies(message[f"node_signature_{side}"], digest, message[f"node_id_{side}"]), "a node's signature")
        t.demand(verifies(message[f"bitcoin_signature_{side}"], digest, message[f"bitcoin_key_{side}"]), "a key's signature")


@rule(7, UPDATE + "MUST set `must_be_one` in `message_flags` to 1.",
      UPDATE + "MUST set bits in `channel_flags` and `message_flags` that are not assigned a meaning to 0.",
      UPDATE + "MUST set this to less than or equal to the channel capacity.",
      UPDATE + "MUST set this to less than or equal to `max_htlc_value_in_flight_msat` it received from the peer.",
      UPDATE + "MUST set this to greater than or equal to `htlc_minimum_msat`.",
      UPDATE + "MUST set `htlc_minimum_msat` to the minimum HTLC value (in millisatoshi) that the channel peer will accept.",
      UPDATE + "MUST set `signature` to the signature of the double-SHA256 of the entire remaining packet after `signature`, "
      "using its own `node_id`.", channel=PUBLIC)
def update_of_the_node(t):
    message = announced_by_node(t)["channel_update"]
    t.demand(message.message_flags == 1, f"message_flags is {message.message_flags}")
    side = 0 if t.node.id < t.channel.peer.id else 1
    t.demand(message.channel_flags in (side, side | 2), f"channel_flags is {message.channel_flags}")
    t.demand(message.htlc_maximum_msat <= t.channel.amount * 1000, "the maximum is above the capacity")
    t.demand(message.htlc_maximum_msat <= 900_000_000, "the maximum is above what the peer takes in flight")
    t.demand(1_000 <= message.htlc_minimum_msat <= message.htlc_maximum_msat, "the minimum is not the peer's")
    t.demand(verifies(message.signature, hash256(message.raw[2 + 64:]), t.node.id), "the signature is invalid")


@rule(7, NODE + "MUST set `signature` to the signature of the double-SHA256 of the entire remaining packet after `signature` "
      "(using the key given by `node_id`).", NODE + "MUST set `alias` to a valid UTF-8 string, with any `alias` "
      "trailing-bytes equal to 0.", NODE + "MUST set `addrlen` to the number of bytes in `addresses`.",
      NODE + "MUST place address descriptors in ascending order.", NODE + "MUST NOT create a `type 1`, `type 2` or `type 5` "
      "address descriptor with `port` equal to 0.", channel=PUBLIC)
def node_announcement_of_the_node(t):
    announced_by_node(t)
    found = [
        parse(message.raw) for message in query(t.peer(), *[confirmed_name(t)])
        if message.name == "node_announcement" and message.node_id == t.node.id]
    t.demand(len(found) == 1, f"it is there {len(found)} times")
    message = found[0]
    t.demand(verifies(message.signature, hash256(message.raw[2 + 64:]), t.node.id), "the signature is invalid")
    t.demand(message.alias.rstrip(b"\0").decode() == "under-test", "the alias is another")
    lengths, types, data = {1: 6, 2: 18, 4: 37}, [], message.addresses
    while data:
        types.append(data[0])
        t.demand(data[1 + lengths[data[0]] - 2:1 + lengths[data[0]]] != b"\0\0", "a port is 0")
        data = data[1 + lengths[data[0]]:]
    t.demand(types == sorted(types), "the addresses are not in order")


def confirmed_name(t):
    return int(t.node.channel(t.channel.peer.id)[1]["chan_id"]).to_bytes(8, "big")


@rule(7, UPDATE + "MUST set `dont_forward` to 1 in `message_flags`", UPDATE + "MUST set the `short_channel_id` to either an "
      "`alias` it has received from the peer, or the real channel `short_channel_id`.",
      UPDATE + "MUST set `timestamp` to greater than 0, AND to greater than any previously-sent `channel_update` for this "
      "`short_channel_id`.")
def update_of_a_private_channel(t):
    t.channel = t.open(OURS)
    mine = confirmed_name(t)
    while (message := t.channel.peer.expect("channel_update", skip=NOISE - {"channel_update"})).short_channel_id != mine:
        t.demand(not message.message_flags & 2, "the name is neither the place nor an alias of the peer's")
    t.demand(message.message_flags == 3, f"message_flags is {message.message_flags}")
    t.demand(message.timestamp > 0, "the time is 0")


@rule(7, UPDATE + "MUST NOT send a created `channel_update` before `channel_ready` has been received.")
def no_update_before_channel_ready(t):
    channel = t.channel = Channel(t.peer())
    channel.propose()
    transaction = t.world.bank.transaction([channel.funding_output])
    channel.fund(transaction.txid, 0)
    t.world.bank.publish(transaction)
    t.world.mine_and_wait(1)
    channel.take_ready(channel.peer.expect("channel_ready"))
    channel.peer.alive()
    t.demand(not any(private(message) for message in channel.peer.heard), "an update came before channel_ready")
    channel.send_ready()
    while not private(channel.peer.expect("channel_update", skip=NOISE - {"channel_update"})):
        pass


def private(message):
    """Whether it is a `channel_update` for the peer alone; those of other channels may come, too."""
    return message.name == "channel_update" and message.message_flags & 2


@rule(7, UPDATE + "MUST NOT forward such a `channel_update` to other peers, for privacy reasons.", channel=OURS)
def update_of_a_private_channel_stays_private(t):
    watcher = t.peer()
    watcher.send("gossip_timestamp_filter", chain_hash=REGTEST, first_timestamp=0, timestamp_range=0xFFFFFFFF)
    t.channel.peer.send_raw(update_of_own_channel(t, message_flags=3))
    t.channel.peer.alive()
    # What is believed after it has been passed on by the time that this has.
    behind = believed(t, t.peer())
    mine = confirmed_name(t)
    while True:
        message = watcher.expect("channel_announcement", "channel_update", "node_announcement", skip=ASKING)
        t.demand(message.get("short_channel_id") != mine, "the update was passed on")
        if message.get("short_channel_id") == behind.name:
            return
