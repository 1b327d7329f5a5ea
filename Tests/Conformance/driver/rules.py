"""The table of rules, and what a case has at hand."""

import threading
from dataclasses import dataclass, field

from .wire import FEATURES, NOISE, Failed, Peer
from .world import WorldError, eventually

RULES = []

# What the node may send again, or go on with, while a case looks at something else.
REPEATED = {
    "channel_ready", "revoke_and_ack", "commitment_signed", "update_add_htlc", "update_fulfill_htlc",
    "update_fail_htlc", "update_fail_malformed_htlc", "update_fee", "shutdown", "closing_complete", "closing_signed"}


@dataclass(frozen=True)
class Wanted:
    """A channel that has to be open before a case begins."""

    opener: str
    announced: bool = False
    offers: tuple = FEATURES


OURS, THEIRS = Wanted("us"), Wanted("them")
# Without `option_simple_close`.
LEGACY = tuple(bit for bit in FEATURES if bit != 61)
OURS_LEGACY, THEIRS_LEGACY = Wanted("us", offers=LEGACY), Wanted("them", offers=LEGACY)
PUBLIC = Wanted("us", announced=True)


@dataclass
class Case:
    """One story that provokes a rule."""

    name: str
    bolt: int
    quotes: tuple
    script: object
    channel: Wanted
    node: str


def rule(bolt, *quotes, name=None, channel=None, node="main"):
    """Enters a function as a case of the rules that are quoted."""
    def enter(script):
        RULES.append(Case(name or script.__name__, bolt, quotes, script, channel, node))
        return script
    return enter


@dataclass
class Test:
    """What a case has at hand: the world, and looks that fail where they do not find what the rule asks for."""

    world: object
    node: object
    channel: object = None
    peers: list = field(default_factory=list)

    @property
    def chain(self):
        return self.world.chain

    def peer(self, **options):
        peer = Peer(self.node, **options)
        self.peers.append(peer)
        return peer

    def open(self, wanted):
        """Opens a channel while other cases run."""
        name = next(name for name, node in self.world.nodes.items() if node is self.node)
        return self.world.open_all([(name, wanted)])[(name, wanted)][0]

    def opened_by_node(self, accepting=None, **options):
        """A channel that the node has opened with these options, and the peer has accepted with these fields."""
        with self.world.mining:
            channel = self.world.take_opening(self.node, self.peer(), accepting, **options)
            self.world.mine_and_wait(1)
        channel.ready()
        return channel

    def in_background(self, call, *arguments, **options):
        """Calls something that ends only when the case has gone on. What it gives, or its refusal, is put into the list."""
        outcome = []

        def run():
            try:
                outcome.append(call(*arguments, **options))
            except (WorldError, OSError) as refusal:
                outcome.append(refusal)
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread, outcome

    def demand(self, condition, what):
        if not condition:
            raise Failed(what)

    def eventually(self, what, condition):
        return eventually(what, condition, error=Failed)

    def works(self, channel=None):
        """The channel lists as open and active, and a commitment with a change is exchanged over it."""
        channel = channel or self.channel
        channel.peer.alive()
        kind, entry = self.node.channel(channel.peer.id)
        self.demand(kind == "open" and entry["active"], f"the channel is {kind} {entry}")
        if channel.opener == "us":
            channel.change_fee(channel.next_feerate + 1)
            channel.exchange()
        else:
            # An HTLC that the node knows nothing of, and fails.
            channel.add(2_000_000)
            channel.exchange()
            channel.receive_updates()
        channel.peer.alive()

    def stays(self, channel=None):
        """The channel is no worse for a connection that was closed: it is reestablished, and goes on."""
        channel = channel or self.channel
        kind, _ = self.node.channel(channel.peer.id)
        self.demand(kind == "open", f"the channel is {kind} and not open any more")
        self.demand(not self.published(channel), "the node has published a commitment")
        channel.resume()
        channel.peer.alive(skip={*NOISE, *REPEATED})

    def refused(self, says, channel=None):
        """The node warns and closes the connection, and the channel goes on when it is back."""
        channel = channel or self.channel
        channel.peer.closed(says, skip={*NOISE, *REPEATED})
        self.stays(channel)

    def published(self, channel):
        """The transaction of the mempool or the last blocks that spends the funding; None where there is none."""
        outpoint = (channel.funding.txid[::-1].hex(), channel.funding.index)
        return self.world.spender(*outpoint)

    def failed(self, says, channel=None):
        """The node sends an error, and publishes its commitment."""
        channel = channel or self.channel
        channel.peer.error(says, channel.id, skip={*NOISE, *REPEATED})
        self.force_closed(channel)

    def force_closed(self, channel=None):
        """The node has published its last commitment, and lists the channel as closing."""
        channel = channel or self.channel
        txid = self.eventually("the publication of the commitment", lambda: self.published(channel))
        self.demand(
            txid in channel.publishable, f"{txid} was published, which is none of {channel.publishable}")
        kind, _ = self.node.channel(channel.peer.id)
        self.demand(
            kind in ("pending_force_closing_channels", "waiting_close_channels"), f"the channel is {kind}")
