"""Gossip of BOLT 7 about channels that others have: real outputs, with both nodes' keys at hand."""

import os
import time

from .bitcoin import Output, hash256, p2wsh, public, sha256, sign, two_of_two
from .messages import build
from .wire import REGTEST


class Announced:
    """A channel of two nodes that are no processes: what they say of it can be signed at will."""

    AMOUNT = 100_000

    def __init__(self, seed=None):
        seed = seed or os.urandom(32)
        secrets = sorted((sha256(b"node %d" % side + seed) for side in range(2)), key=public)
        self.nodes, self.keys = secrets, [sha256(b"key %d" % side + seed) for side in range(2)]
        self.ids = [public(secret) for secret in secrets]
        self.name = None

    @property
    def output(self):
        return Output(self.AMOUNT, p2wsh(two_of_two(*map(public, self.keys))))

    def mined(self, height, position, index):
        """Takes note of where the output is."""
        self.name = (height << 40 | position << 16 | index).to_bytes(8, "big")
        return self

    @property
    def number(self):
        return int.from_bytes(self.name, "big")

    def announcement(self, extra=b"", signers=None, **fields):
        """A `channel_announcement`, signed by both nodes and both keys as it is sent, or by other `signers`."""
        values = dict(
            features=b"", chain_hash=REGTEST, short_channel_id=self.name, node_id_1=self.ids[0], node_id_2=self.ids[1],
            bitcoin_key_1=public(self.keys[0]), bitcoin_key_2=public(self.keys[1]))
        values.update(fields)
        names = ("node_signature_1", "node_signature_2", "bitcoin_signature_1", "bitcoin_signature_2")
        message = build("channel_announcement", **dict.fromkeys(names, bytes(64)), **values) + extra
        digest = hash256(message[2 + 256:])
        signatures = b"".join(sign(secret, digest) for secret in signers or [*self.nodes, *self.keys])
        return message[:2] + signatures + message[2 + 256:]

    def update(self, side=0, signer=None, extra=b"", **fields):
        """A `channel_update` of one side."""
        values = dict(
            chain_hash=REGTEST, short_channel_id=self.name, timestamp=int(time.time()), message_flags=1,
            channel_flags=side, cltv_expiry_delta=40, htlc_minimum_msat=1, fee_base_msat=1_000,
            fee_proportional_millionths=10, htlc_maximum_msat=self.AMOUNT * 1000)
        return signed("channel_update", signer or self.nodes[side], extra, **{**values, **fields})

    def node_announcement(self, side=0, signer=None, extra=b"", **fields):
        """A `node_announcement` of one side."""
        values = dict(
            features=b"", timestamp=int(time.time()), node_id=self.ids[side], rgb_color=b"\x01\x02\x03",
            alias=b"driver".ljust(32, b"\0"), addresses=b"\x01" + bytes([127, 0, 0, 1]) + b"\x26\x07")
        return signed("node_announcement", signer or self.nodes[side], extra, **{**values, **fields})


def signed(name, secret, extra, **fields):
    """A message whose first field is the signature of all that follows."""
    message = build(name, signature=bytes(64), **fields) + extra
    return message[:2] + sign(secret, hash256(message[2 + 64:])) + message[2 + 64:]


def short_ids(*names):
    """The uncompressed encoding of names of channels."""
    return b"\0" + b"".join(names)
