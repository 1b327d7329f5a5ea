"""BOLT 7: questions, answers, and the filter of what is passed on."""

import time

from driver.gossip import short_ids
from driver.graph import ASKING, FILTER, GOSSIP, QUERY, RANGE, believed, edge, known_updates, node_known, query
from driver.rules import rule
from driver.wire import NOISE, REGTEST

@rule(7, QUERY + "with a `channel_announcement` and the latest `channel_update` for each end",
      QUERY + "MUST follow with any `node_announcement`s for each `channel_announcement`",
      QUERY + "MUST follow these responses with `reply_short_channel_ids_end`.",
      QUERY + "otherwise: SHOULD set `full_information` to 1.")
def query_is_answered(t):
    peer = t.peer()
    channel = believed(t, peer)
    sent = channel.node_announcement(1)
    peer.send_raw(sent)
    t.eventually("the node", lambda: node_known(t, channel.ids[1]).get("alias") == "driver")
    answers = query(t.peer(), channel.name)
    names = [message.name for message in answers]
    t.demand(names == [
        "channel_announcement", "channel_update", "channel_update", "node_announcement",
        "reply_short_channel_ids_end"], f"the answers are {names}")
    t.demand(answers[3].raw == sent, "the node's announcement is another")
    t.demand(answers[-1].full_information == 1, "full_information is not 1")


FLAGS = {
    1: ("channel_announcement", "if bit 0 of `query_flag` is set: MUST reply with a `channel_announcement`"),
    2: ("update_1", "if bit 1 of `query_flag` is set and it has received a `channel_update` from `node_id_1`: MUST reply with "
        "the latest `channel_update` for `node_id_1`"),
    4: ("update_2", "if bit 2 of `query_flag` is set and it has received a `channel_update` from `node_id_2`: MUST reply with "
        "the latest `channel_update` for `node_id_2`"),
    8: ("node_1", "if bit 3 of `query_flag` is set and it has received a `node_announcement` from `node_id_1`: MUST reply "
        "with the latest `node_announcement` for `node_id_1`"),
    16: ("node_2", "if bit 4 of `query_flag` is set and it has received a `node_announcement` from `node_id_2`: MUST reply "
         "with the latest `node_announcement` for `node_id_2`")}


def flag(bit, name, quote):
    @rule(7, QUERY + quote, name=f"query_for_{name}")
    def case(t):
        peer = t.peer()
        channel = t.world.announced()
        now = int(time.time())
        sent = {
            1: channel.announcement(), 2: channel.update(0, timestamp=now), 4: channel.update(1, timestamp=now),
            8: channel.node_announcement(0), 16: channel.node_announcement(1)}
        for message in sent.values():
            peer.send_raw(message)
        t.eventually("the channel", lambda: known_updates(t, channel) == 2)
        for id in channel.ids:
            t.eventually("the node", lambda: node_known(t, id).get("alias") == "driver")
        answers = query(t.peer(), channel.name, flags=[bit])
        t.demand([message.raw for message in answers[:-1]] == [sent[bit]], f"the answers are {answers}")


for _bit, (_name, _quote) in FLAGS.items():
    flag(_bit, _name, _quote)


@rule(7, QUERY + "SHOULD avoid sending duplicate `node_announcements` in response to a single `query_short_channel_ids`.")
def query_of_channels_of_one_node(t):
    peer = t.peer()
    channels = [t.world.announced() for _ in range(2)]
    second = channels[1]
    # Both channels are of the same two nodes.
    second.nodes, second.ids = channels[0].nodes, channels[0].ids
    for channel in channels:
        peer.send_raw(channel.announcement())
        peer.send_raw(channel.update(0))
    peer.send_raw(second.node_announcement(0))
    t.eventually("the node", lambda: node_known(t, second.ids[0]).get("alias") == "driver")
    t.eventually("both channels", lambda: all(edge(t, channel) for channel in channels))
    names = [message.name for message in query(t.peer(), *[channel.name for channel in channels])]
    t.demand(names.count("node_announcement") == 1, f"the answers are {names}")
    t.demand(names.count("channel_announcement") == 2, f"the answers are {names}")


@rule(7, QUERY + "MUST respond to each known `short_channel_id`")
def query_of_unknown_channels(t):
    answers = query(t.peer(), bytes(8), b"\xff" * 8)
    t.demand([message.name for message in answers] == ["reply_short_channel_ids_end"], f"the answers are {answers}")


@rule(7, QUERY + "if does not maintain up-to-date channel information for `chain_hash`: MUST set `full_information` to 0.")
def query_of_another_chain(t):
    answers = query(t.peer(), bytes(8), chain=bytes(32))
    t.demand(answers[-1].full_information == 0 and len(answers) == 1, f"the answers are {answers}")
    t.demand(answers[-1].chain_hash == bytes(32), "the chain is another")


def bad_query(name, quote, ids, tlvs, says="query_flags"):
    @rule(7, QUERY + quote, name=f"query_{name}")
    def case(t):
        peer = t.peer()
        peer.send("query_short_channel_ids", chain_hash=REGTEST, encoded_short_ids=ids, tlvs=tlvs)
        peer.warned(says)
        t.demand(len(query(peer, bytes(8))) == 1, "the next query is not answered")


bad_query("of_an_unknown_encoding", "if the first byte of `encoded_short_ids` is not a known encoding type: MAY send a "
          "`warning`. MAY close the connection.", b"\x07" + bytes(8), {}, "encoding_type")
bad_query("of_the_old_encoding", "if the first byte of `encoded_short_ids` is not a known encoding type: MAY send a "
          "`warning`. MAY close the connection.", b"\x01" + bytes(8), {}, "compressed")
bad_query("of_half_a_name", "if `encoded_short_ids` does not decode into a whole number of `short_channel_id`: MAY send a "
          "`warning`. MAY close the connection.", b"\x00" + bytes(12), {}, "are left behind it")
bad_query("with_flags_of_an_unknown_encoding", "if `encoding_type` is not a known encoding type: MAY send a `warning`. MAY "
          "close the connection.", b"\x00" + bytes(8), {1: b"\x07\x01"}, "encoding_type")
bad_query("with_too_many_flags", "if `encoded_query_flags` does not decode to exactly one flag per `short_channel_id`: MAY "
          "send a `warning`. MAY close the connection.", b"\x00" + bytes(8), {1: b"\x00\x01\x01"})
bad_query("with_too_few_flags", "if `encoded_query_flags` does not decode to exactly one flag per `short_channel_id`: MAY "
          "send a `warning`. MAY close the connection.", b"\x00" + bytes(8) + bytes(7) + b"\x01", {1: b"\x00\x01"})


# Ranges


def ask_range(peer, first, number, chain=REGTEST, options=None):
    """The replies to a query of a range, up to the last."""
    tlvs = {} if options is None else {1: bytes([options])}
    peer.send("query_channel_range", chain_hash=chain, first_blocknum=first, number_of_blocks=number, tlvs=tlvs)
    replies = []
    while not replies or not replies[-1].sync_complete:
        replies.append(peer.expect("reply_channel_range"))
    return replies


@rule(7, RANGE + "MUST respond with one or more `reply_channel_range`",
      RANGE + "MUST set with `chain_hash` equal to that of `query_channel_range`,",
      RANGE + "MUST set `first_blocknum` less than or equal to the `first_blocknum` in `query_channel_range`",
      RANGE + "MUST set `first_blocknum` plus `number_of_blocks` greater than `first_blocknum` in `query_channel_range`.",
      RANGE + "MUST have `first_blocknum` plus `number_of_blocks` equal or greater than the `query_channel_range` "
      "`first_blocknum` plus `number_of_blocks`.", RANGE + "MUST set `sync_complete` to `true`.")
def range_is_answered(t):
    channel = believed(t, t.peer())
    first, number = (channel.number >> 40) - 3, 10
    replies = ask_range(t.peer(), first, number)
    t.demand(all(reply.chain_hash == REGTEST for reply in replies), "the chain is another")
    t.demand(replies[0].first_blocknum <= first < replies[0].first_blocknum + replies[0].number_of_blocks, "the start")
    t.demand(replies[-1].first_blocknum + replies[-1].number_of_blocks >= first + number, "the end")
    t.demand(any(channel.name in split(reply.encoded_short_ids) for reply in replies), "the channel is not there")


def split(encoded):
    return [encoded[at:at + 8] for at in range(1, len(encoded), 8)]


@rule(7, RANGE + "successive `reply_channel_range` message: MUST have `first_blocknum` equal or greater than the previous "
      "`first_blocknum`.")
def range_of_everything(t):
    channel = believed(t, t.peer())
    replies = ask_range(t.peer(), 0, 0xFFFFFFFF)
    firsts = [reply.first_blocknum for reply in replies]
    t.demand(firsts == sorted(firsts), "the replies are not in order")
    t.demand(any(channel.name in split(reply.encoded_short_ids) for reply in replies), "the channel is not there")


@rule(7, RANGE + "This allows querying for channels within specific blocks.")
def range_without_channels(t):
    replies = ask_range(t.peer(), 1, 5)
    t.demand(split(replies[0].encoded_short_ids) == [], "there are channels in it")
    t.demand(replies[0].first_blocknum <= 1 and len(replies) == 1, "the range is another")


@rule(7, RANGE + "MUST set with `chain_hash` equal to that of `query_channel_range`,")
def range_of_another_chain(t):
    replies = ask_range(t.peer(), 0, 1000, chain=bytes(32))
    t.demand(replies[0].chain_hash == bytes(32), "the chain is another")
    t.demand(split(replies[0].encoded_short_ids) == [], "there are channels of it")


@rule(7, RANGE + "if bit 0 in `query_option_flags` is set, the receiver MAY append a `timestamps_tlv` that contains "
      "`channel_update` timestamps for all `short_channel_id`s in `encoded_short_ids`")
def range_with_timestamps(t):
    peer = t.peer()
    channel = t.world.announced()
    peer.send_raw(channel.announcement())
    stamp = int(time.time()) - 7
    peer.send_raw(channel.update(1, timestamp=stamp))
    t.eventually("the update", lambda: known_updates(t, channel) == 1)
    for reply in ask_range(t.peer(), channel.number >> 40, 1, options=1):
        names = split(reply.encoded_short_ids)
        if channel.name in names:
            data = reply.tlvs[1][1 + 8 * names.index(channel.name):][:8]
            t.demand(data == bytes(4) + stamp.to_bytes(4, "big"), f"the times are {data.hex()}")
            return
    t.demand(False, "the channel is not there")


@rule(7, RANGE + "The checksum of a `channel_update` is the CRC32C checksum as specified in")
def range_with_checksums(t):
    peer = t.peer()
    channel = t.world.announced()
    update = channel.update(0)
    peer.send_raw(channel.announcement())
    peer.send_raw(update)
    t.eventually("the update", lambda: known_updates(t, channel) == 1)
    body = update[2 + 64:]
    expected = crc32c(body[:40] + body[44:])
    for reply in ask_range(t.peer(), channel.number >> 40, 1, options=2):
        names = split(reply.encoded_short_ids)
        if channel.name in names:
            data = reply.tlvs[3][8 * names.index(channel.name):][:8]
            t.demand(data == expected.to_bytes(4, "big") + bytes(4), f"the checksums are {data.hex()}")
            return
    t.demand(False, "the channel is not there")


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


# gossip_timestamp_filter


@rule(7, "MUST not send gossip it did not generate itself, until it receives `gossip_timestamp_filter`.")
def no_gossip_without_a_filter(t):
    silent, watcher = t.peer(), t.peer()
    watcher.send("gossip_timestamp_filter", chain_hash=REGTEST, first_timestamp=0, timestamp_range=0xFFFFFFFF)
    channel = believed(t, t.peer())
    while watcher.expect(*GOSSIP, skip=ASKING).get("short_channel_id") != channel.name:
        pass
    silent.alive(skip=NOISE)
    others = [message for message in silent.heard if message.name in GOSSIP and message.get("node_id") != t.node.id]
    own = {int(entry["chan_id"]) for entry in t.node.get("/v1/channels")["channels"]}
    for message in others:
        number = int.from_bytes(message.get("short_channel_id", bytes(8)), "big")
        t.demand(number in own or involves(message, t.node.id), f"{message!r} of others was sent")


def involves(message, id):
    return id in (message.get("node_id_1"), message.get("node_id_2"))


@rule(7, FILTER + "MUST send the `channel_announcement` prior to any corresponding `channel_update`s and "
      "`node_announcement`s.", FILTER + "MUST consider whether to send the `channel_announcement` after receiving the first "
      "corresponding `channel_update`.", FILTER + "SHOULD send all gossip messages whose `timestamp` is greater or equal to "
      "`first_timestamp`, and less than `first_timestamp` plus `timestamp_range`.")
def filter_gives_the_past_in_order(t):
    peer = t.peer()
    channel = believed(t, peer, (0,))
    peer.send_raw(channel.node_announcement(0))
    t.eventually("the node", lambda: node_known(t, channel.ids[0]).get("alias") == "driver")
    watcher = t.peer()
    watcher.send("gossip_timestamp_filter", chain_hash=REGTEST, first_timestamp=0, timestamp_range=0xFFFFFFFF)
    wanted, seen = ["channel_announcement", "channel_update", "node_announcement"], []
    while len(seen) < 3:
        message = watcher.expect(*GOSSIP, skip=ASKING)
        if channel.name == message.get("short_channel_id") or channel.ids[0] == message.get("node_id"):
            seen.append(message.name)
    t.demand(seen == wanted, f"the order is {seen}")


@rule(7, FILTER + "If a `channel_announcement` has no corresponding `channel_update`s: MUST NOT send the "
      "`channel_announcement`.")
def filter_leaves_out_channels_without_updates(t):
    peer, bare = t.peer(), t.world.announced()
    peer.send_raw(bare.announcement())
    t.eventually("the channel", lambda: edge(t, bare))
    behind = believed(t, peer, (0,))
    watcher = t.peer()
    watcher.send("gossip_timestamp_filter", chain_hash=REGTEST, first_timestamp=0, timestamp_range=0xFFFFFFFF)
    while True:
        message = watcher.expect(*GOSSIP, skip=ASKING)
        t.demand(message.get("short_channel_id") != bare.name, "the bare channel was sent")
        if message.get("short_channel_id") == behind.name:
            return


@rule(7, FILTER + "SHOULD restrict future gossip messages to those whose `timestamp` is greater or equal to "
      "`first_timestamp`, and less than `first_timestamp` plus `timestamp_range`.")
def filter_of_the_past_alone(t):
    watcher, control = t.peer(), t.peer()
    watcher.send("gossip_timestamp_filter", chain_hash=REGTEST, first_timestamp=1, timestamp_range=10)
    control.send("gossip_timestamp_filter", chain_hash=REGTEST, first_timestamp=0, timestamp_range=0xFFFFFFFF)
    watcher.alive()
    channel = believed(t, t.peer())
    while control.expect(*GOSSIP, skip=ASKING).get("short_channel_id") != channel.name:
        pass
    watcher.alive()
    t.demand(not any(message.get("short_channel_id") == channel.name for message in watcher.heard), "it was sent")


@rule(7, FILTER + "Note that this filter replaces any previous one, so it can be used multiple times to change the gossip from "
      "a peer.")
def filter_is_replaced(t):
    watcher = t.peer()
    watcher.send("gossip_timestamp_filter", chain_hash=REGTEST, first_timestamp=1, timestamp_range=10)
    watcher.send("gossip_timestamp_filter", chain_hash=REGTEST, first_timestamp=0, timestamp_range=0xFFFFFFFF)
    channel = believed(t, t.peer())
    while watcher.expect(*GOSSIP, skip=ASKING).get("short_channel_id") != channel.name:
        pass


@rule(7, FILTER + "MUST set `chain_hash` to the 32-byte hash that uniquely identifies the chain that it wants the gossip to "
      "refer to.", RANGE + "MUST set `number_of_blocks` to 1 or greater.")
def queries_of_the_node(t):
    peer = t.peer()
    asked = {}
    while len(asked) < 2:
        message = peer.expect("gossip_timestamp_filter", "query_channel_range", skip=GOSSIP)
        asked[message.name] = message
    t.demand(all(message.chain_hash == REGTEST for message in asked.values()), "the chain is another")
    t.demand(asked["query_channel_range"].number_of_blocks >= 1, "it asks for no block")


@rule(7, RANGE + "MUST NOT send this if it has sent a previous `query_channel_range` to this peer and not received all "
      "`reply_channel_range` replies.", QUERY + "MUST NOT send `query_short_channel_ids` if it has sent a previous "
      "`query_short_channel_ids` to this peer and not received `reply_short_channel_ids_end`.",
      QUERY + "MUST set the first byte of `encoded_short_ids` to the encoding type.",
      QUERY + "MUST encode a whole number of `short_channel_id`s to `encoded_short_ids`")
def node_asks_for_what_it_does_not_know(t):
    peer, channel = t.peer(), t.world.announced()
    asked = peer.expect("query_channel_range", skip=NOISE - {"query_channel_range"})
    peer.alive(skip=NOISE - {"query_channel_range", "query_short_channel_ids"})
    peer.send("reply_channel_range", chain_hash=REGTEST, first_blocknum=asked.first_blocknum,
              number_of_blocks=asked.number_of_blocks, sync_complete=1, encoded_short_ids=short_ids(channel.name),
              tlvs={})
    wanted = peer.expect("query_short_channel_ids", skip=NOISE - {"query_short_channel_ids"})
    t.demand(wanted.encoded_short_ids == short_ids(channel.name), f"it asks for {wanted.encoded_short_ids.hex()}")
    peer.alive(skip=NOISE - {"query_short_channel_ids", "query_channel_range"})
    peer.send_raw(channel.announcement())
    peer.send_raw(channel.update(0))
    peer.send("reply_short_channel_ids_end", chain_hash=REGTEST, full_information=1)
    t.eventually("the channel", lambda: edge(t, channel))


@rule(7, RANGE + "The receiver of `query_channel_range`: if it has not sent all `reply_channel_range` to a previously "
      "received `query_channel_range` from this sender: MAY send a `warning`.")
def replies_that_were_not_asked_for(t):
    peer = t.peer()
    asked = peer.expect("query_channel_range", skip=NOISE - {"query_channel_range"})
    reply = dict(chain_hash=REGTEST, first_blocknum=asked.first_blocknum, number_of_blocks=asked.number_of_blocks,
                 sync_complete=1, encoded_short_ids=short_ids(), tlvs={})
    peer.send("reply_channel_range", **reply)
    peer.send("reply_channel_range", **reply)
    peer.warned("reply_channel_range")
    peer.alive()
