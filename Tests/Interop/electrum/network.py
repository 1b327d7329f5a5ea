"""What one scenario runs in: a chain and the nodes that it asks for."""

import hashlib
import os
import shutil

from chain import COIN
from electrum import Electrum
from salama import Salama
from waiting import Timeout, eventually

CAPACITY = 5_000_000


def new_preimage():
    """A preimage and its hash, in hexadecimal."""
    preimage = os.urandom(32)
    return preimage.hex(), hashlib.sha256(preimage).hexdigest()


class Network:
    def __init__(self, programs, chain, folder):
        self.chain = chain
        self._programs, self._folder = programs, folder
        self.nodes = []

    # Nodes

    def start(self, *names, options=None):
        """Starts nodes side by side, each of the kind that its name begins with, and gives them coins."""
        nodes = []
        for name in names:
            kind = Electrum if name.startswith("electrum") else Salama
            node = kind(self._programs, self.chain, f"{self._folder}/{name}", name, **(options or {}).get(name, {}))
            nodes.append(node)
            self.nodes.append(node)
        for node in nodes:
            node.wait_until_ready()
        self.fund(*nodes)
        return nodes

    def restart(self, node):
        """Starts a node again that was killed or stopped."""
        node.launch()
        node.wait_until_ready()

    def save(self, node):
        """Copies what a stopped node knows."""
        shutil.copytree(node.folder, node.folder + ".saved")

    def put_back(self, node):
        """Makes a stopped node know what it knew when it was saved."""
        shutil.rmtree(node.folder)
        shutil.copytree(node.folder + ".saved", node.folder)

    def fund(self, *nodes, satoshis=COIN):
        for node in nodes:
            self.chain.fund(node.new_address(), satoshis)
        self.mine()
        for node in nodes:
            eventually(f"{node.name}'s coins", lambda: node.balance() >= satoshis)

    def stop(self):
        for node in self.nodes:
            node.kill()

    # Blocks

    def mine(self, count=1, but=()):
        """Mines blocks, and waits until every node that runs has seen them."""
        self.chain.mine(count)
        for node in self.nodes:
            if node not in but:
                node.wait_for_tip()

    def reorganize(self, depth, count, with_transactions=True):
        """Replaces the newest blocks, and waits until every node has seen it."""
        self.chain.reorganize(depth, count, with_transactions)
        for node in self.nodes:
            node.wait_for_tip()

    def mine_until(self, what, condition, step, limit, but=()):
        """Mines blocks by and by, until nodes have answered to them with what the condition wants."""
        for _ in range(0, limit, step):
            try:
                return eventually(what, condition, patience=1.5)
            except Timeout:
                self.mine(step, but)
        return eventually(f"{what}, {limit} blocks later", condition)

    def wait_for_transaction(self, txid):
        eventually(f"{txid} in the mempool", lambda: txid in self.chain.mempool())

    def mine_transaction(self, txid, count=1, but=()):
        """Mines a transaction that is in the mempool, or will be."""
        self.wait_for_transaction(txid)
        self.mine(count, but)

    # Channels

    def connect(self, left, right):
        left.connect(right)
        self.wait_for_connection(left, right)

    def disconnect(self, electrum, salama):
        salama.disconnect(electrum)
        eventually("the connection's end", lambda: not electrum.is_connected(salama))

    def reconnect(self, electrum, salama):
        """Connects anew at once: Electrum alone knows the other's address, and takes its time."""
        eventually(f"{electrum.name}'s new connection", lambda: electrum.connect(salama) is None)
        self.wait_for_connection(electrum, salama)

    def wait_for_connection(self, left, right):
        for one, other in ((left, right), (right, left)):
            eventually(f"{one.name} connected to {other.name}", lambda: one.is_connected(other))

    def open(self, opener, peer, satoshis=CAPACITY, push=0, public=False):
        """Opens a channel that both can use, and returns its funding output."""
        point = opener.open_channel(peer, satoshis, push=push, public=public)
        self.mine_transaction(point.split(":")[0], 6)
        self.wait_until_open(point, opener, peer)
        return point

    def wait_until_open(self, point, *nodes):
        for node in nodes:
            eventually(f"the channel at {node.name}", lambda: node.is_open(point))

    def wait_for_htlcs(self, count, point, *nodes):
        for node in nodes:
            eventually(f"{count} HTLCs at {node.name}", lambda: node.pending_htlcs(point) == count)
