"""Sets the stage: a chain, nodes, and the channels that the cases want, all opened before the first case."""

import json
import pathlib
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

from .bank import Bank, address_script
from .bitcoin import Output
from .channel import AMOUNT, PUSH, Channel
from .gossip import Announced
from .keys import commitment_secret
from .wire import Peer
from .world import Chain, Node, WorldError, eventually

# Options of the nodes that cases may ask for.
FIXED_KEYS = {
    name: f"{number:02x}" * 32 for number, name in enumerate((
        "node_private_key", "funding_private_key", "revocation_basepoint_secret", "payment_basepoint_secret",
        "delayed_payment_basepoint_secret", "htlc_basepoint_secret", "per_commitment_seed"), 0x21)}
NODES = {
    # A node whose secrets are known: those of its channels are all the same.
    "fixed": ("--dev-funding-depth", "1", "--dev-keys", "{folder}/keys.json"),
    # Channels wait for their cases, on a slow machine longer than peers may be silent.
    "main": ("--dev-funding-depth", "1", "--num-restricted-slots", "10000", "--dev-ping", "1h"),
    "impatient": ("--dev-funding-depth", "1", "--dev-ping", "4s"),
}
WALLET_COINS, WALLET_COIN = 80, 2_000_000
# The channels of others that there are to be announced.
ANNOUNCED = 200


class Stage:
    """The world of a run."""

    def __init__(self, program, folder, nodes=("main",)):
        self.program, self.folder = program, folder
        self.chain = Chain(program, folder + "/chain")
        self.bank = Bank(self.chain)
        self.spent, self.mining = {}, threading.RLock()
        pathlib.Path(folder + "/keys.json").write_text(json.dumps(FIXED_KEYS))
        self.nodes = {
            name: Node(
                program, f"{folder}/{name}", self.chain, [option.format(folder=folder) for option in NODES[name]])
            for name in nodes}
        for node in self.nodes.values():
            script = address_script(self.chain, node.get("/v1/newaddress?type=4")["address"])
            self.bank.pay(*[Output(WALLET_COIN, script)] * WALLET_COINS)
        self._make_announced()
        self.mine(6)
        for node in self.nodes.values():
            node.synchronise()
            eventually("the node's coins", lambda: self.balance(node) == WALLET_COINS * WALLET_COIN)

    def _make_announced(self):
        """Outputs of channels of others, for gossip to speak of."""
        channels = [Announced() for _ in range(ANNOUNCED)]
        transaction = self.bank.pay(*[channel.output for channel in channels])
        block = self.chain.call("getblock", self.mine(1)[0])
        position = block["tx"].index(transaction.shown_id)
        self.outpoints = {}
        for index, channel in enumerate(channels):
            channel.mined(block["height"], position, index)
            self.outpoints[channel.name] = (transaction.txid, index)
        self.unannounced = channels

    def announced(self):
        """A channel of others that nobody has announced yet."""
        with self.mining:
            return self.unannounced.pop()

    def outpoint(self, channel):
        return self.outpoints[channel.name]

    @staticmethod
    def balance(node):
        return int(node.get("/v1/balance/blockchain")["confirmed_balance"])

    def end(self):
        for node in self.nodes.values():
            node.process.end()
        self.chain.process.end()

    @staticmethod
    def their_secret(number):
        """The secret of a commitment of the node with fixed keys."""
        return commitment_secret(bytes.fromhex(FIXED_KEYS["per_commitment_seed"]), number)

    # The chain

    def mine(self, count=1):
        """Mines blocks, and notes what they spend."""
        with self.mining:
            hashes = self.chain.mine(count)
            for block in hashes:
                for transaction in self.chain.call("getblock", block, 2)["tx"]:
                    for item in transaction["vin"]:
                        if "txid" in item:
                            self.spent[(item["txid"], item["vout"])] = transaction["txid"]
            return hashes

    def mine_and_wait(self, count=1):
        self.mine(count)
        for node in self.nodes.values():
            node.synchronise()

    def spender(self, txid, index):
        """The id of the transaction that spends an output, in the mempool or in a block; None where there is none."""
        found = self.chain.call("gettxspendingprevout", [{"txid": txid, "vout": index}])[0]
        return found.get("spendingtxid") or self.spent.get((txid, index))

    # Channels

    def open_all(self, wanted):
        """Opens a channel for each (node's name, Wanted). Gives them by what was wanted, as lists."""
        channels = defaultdict(list)
        # Nobody else mines meanwhile: the node opens no channel before it has caught up.
        with self.mining, ThreadPoolExecutor(8) as pool:
            ours = [pool.submit(self._propose, *one) for one in wanted if one[1].opener == "us"]
            theirs = [pool.submit(self._be_asked, *one) for one in wanted if one[1].opener == "them"]
            opened = [future.result() for future in ours]
            for at in range(0, len(opened), 200):
                self._fund(pool, [channel for _, channel in opened[at:at + 200]])
            opened += [future.result() for future in theirs]
            self.mine_and_wait(1)
            list(pool.map(lambda one: one[1].ready(), opened))
        for key, channel in opened:
            channels[key].append(channel)
        return channels

    def _propose(self, name, wanted):
        channel = Channel(Peer(self.nodes[name], offers=wanted.offers), announced=wanted.announced)
        channel.propose()
        return (name, wanted), channel

    def _fund(self, pool, channels):
        transaction = self.bank.transaction([channel.funding_output for channel in channels])
        list(pool.map(lambda one: one[1].fund(transaction.txid, one[0]), enumerate(channels)))
        self.bank.publish(transaction)

    def _be_asked(self, name, wanted):
        node = self.nodes[name]
        peer = Peer(node, offers=wanted.offers)
        return (name, wanted), self.take_opening(node, peer, private=not wanted.announced)

    def take_opening(self, node, peer, accepting=None, **options):
        """A channel that the node opens to the peer; its funding is published."""
        channel = Channel(peer, opener="them")
        with ThreadPoolExecutor(1) as pool:
            request = pool.submit(ask_to_open, node, peer, **options)
            channel.take(channel.peer.expect("open_channel"), **(accepting or {}))
            channel.signed(channel.peer.expect("funding_created"))
            request.result()
        eventually("the funding's publication", lambda: self.chain.knows(channel.funding.txid[::-1].hex()))
        return channel


def ask_to_open(node, peer, private=True, **more):
    """Has the node open a channel to a peer; raises WorldError where it will not."""
    body = {
        "node_pubkey_string": peer.id.hex(), "local_funding_amount": str(AMOUNT), "push_sat": str(PUSH // 1000),
        "sat_per_vbyte": "5", "private": private, **more}
    while True:
        try:
            return node.post("/v1/channels", body)
        except WorldError as refusal:
            # Another case has mined a block that the node has not taken yet.
            if "sync" not in str(refusal):
                raise
            node.synchronise()
