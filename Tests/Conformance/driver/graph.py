"""What the cases of BOLT 7 have in common: the sections of the specification, and looks at the graph of the node."""

import json
import time

from driver.gossip import Announced, short_ids
from driver.wire import NOISE, REGTEST

ANNOUNCEMENT = "## The `channel_announcement` Message ... "
NODE = "## The `node_announcement` Message ... "
UPDATE = "## The `channel_update` Message ... "
SIGNATURES = "## The `announcement_signatures` Message ... "
QUERY = "### The `query_short_channel_ids`/`reply_short_channel_ids_end` Messages ... "
RANGE = "### The `query_channel_range` and `reply_channel_range` Messages ... "
FILTER = "### The `gossip_timestamp_filter` Message ... "

GOSSIP = {"channel_announcement", "channel_update", "node_announcement"}
ASKING = NOISE - GOSSIP


def edge(t, channel):
    """What the node knows of a channel; None where it knows nothing."""
    status, text = t.node.calls.exchange("GET", f"/v1/graph/edge/{channel.number}")
    if status != 200:
        return None
    return json.loads(text)


def query(peer, *names, flags=None, chain=REGTEST):
    """What the node answers to a query about channels, up to its end."""
    tlvs = {} if flags is None else {1: b"\0" + bytes(flags)}
    peer.send("query_short_channel_ids", chain_hash=chain, encoded_short_ids=short_ids(*sorted(names)), tlvs=tlvs)
    answers = []
    while True:
        message = peer.expect("reply_short_channel_ids_end", *GOSSIP, skip=ASKING)
        answers.append(message)
        if message.name == "reply_short_channel_ids_end":
            return answers


def settled(t, peer, channel):
    """Gossip that was sent before has been judged: a channel that is sent behind it is believed by now."""
    behind = t.world.announced()
    peer.send_raw(behind.announcement())
    peer.send_raw(behind.update(0))
    t.eventually("the channel behind", lambda: edge(t, behind))
    return edge(t, channel)


def believed(t, peer, side_updates=(0, 1)):
    """A channel that the node believes in, with updates."""
    channel = t.world.announced()
    peer.send_raw(channel.announcement())
    for side in side_updates:
        peer.send_raw(channel.update(side, timestamp=int(time.time()) - 100))
    t.eventually("the channel", lambda: known_updates(t, channel) == len(side_updates))
    return channel


def known_updates(t, channel):
    found = edge(t, channel)
    return sum(bool(found.get(f"node{side}_policy")) for side in (1, 2)) if found else -1


def node_known(t, id):
    status, text = t.node.calls.exchange("GET", f"/v1/graph/node/{id.hex()}")
    return json.loads(text)["node"] if status == 200 else {}


def update_of_own_channel(t, **fields):
    """The peer's `channel_update` of its channel with the node, under the node's alias for it."""
    alias = next(message for message in t.channel.peer.heard if message.name == "channel_ready").tlvs[1]
    own = Announced()
    own.name = alias
    side = 0 if t.channel.peer.id < t.node.id else 1
    return own.update(side, signer=t.channel.peer.key.rawkey, **fields)
