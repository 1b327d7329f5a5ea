"""A connection of BOLT 8 on pyln-proto, with the looks at what comes that the cases are made of."""

import os
import re
import select
import socket
import time

from pyln.proto.wire import LightningConnection, PrivateKey, PublicKey

from .messages import Message, build, parse
from .world import PATIENCE

REGTEST = bytes.fromhex("06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f")

# What a node says of its own accord, and what is no part of any case unless the case asks for it.
NOISE = {
    "gossip_timestamp_filter", "query_channel_range", "query_short_channel_ids", "channel_announcement",
    "node_announcement", "channel_update", "peer_storage_retrieval", "announcement_signatures"}


class Closed(Exception):
    """The other side has closed the connection."""


class Failed(Exception):
    """The other side did not do what the rule says."""


def features(*bits):
    """A bitmap of features."""
    value = sum(1 << bit for bit in bits)
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


# What the peer offers: everything that this driver speaks.
FEATURES = (0, 5, 7, 8, 12, 14, 17, 19, 23, 27, 45, 47, 61)


class Stream:
    """A socket that reads exactly as much as it is asked for, and tells its end by an exception."""

    def __init__(self, connection):
        self.socket, self.taken = connection, 0
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.deadline = time.monotonic() + PATIENCE

    @classmethod
    def to(cls, node):
        return cls(socket.create_connection(("127.0.0.1", node.port), PATIENCE))

    def recv(self, count):
        data = b""
        while len(data) < count:
            self.socket.settimeout(max(0.001, self.deadline - time.monotonic()))
            try:
                piece = self.socket.recv(count - len(data))
            except TimeoutError:
                raise Failed("nothing came") from None
            except ConnectionError:
                piece = b""
            if not piece:
                raise Closed()
            data += piece
        return data

    def send(self, data):
        self.socket.settimeout(PATIENCE)
        try:
            self.socket.sendall(data)
        except ConnectionError:
            pass  # Reading tells of it, after what the other side has still said.

    def is_closed(self, within=PATIENCE):
        """Whether the other side ends the connection without another byte."""
        self.deadline = time.monotonic() + within
        try:
            byte = self.recv(1)
        except Closed:
            return True
        raise Failed(f"a byte came instead of the end of the connection: {byte.hex()}")


class Peer:
    """One side of a connection with the node, under a key of its own."""

    def __init__(self, node, key=None, offers=FEATURES, greet=True):
        self.node, self.offers = node, offers
        self.key = key or PrivateKey(os.urandom(32))
        self.id = self.key.public_key().serializeCompressed()
        self.heard, self.answers_pings = [], True
        self.stream = Stream.to(node)
        self.transport = LightningConnection(self.stream, PublicKey(node.id), self.key, is_initiator=True)
        self.transport.shake()
        if greet:
            self.greet()

    def greet(self, **fields):
        """Exchanges `init`."""
        self.init = self.expect("init")
        values = dict(globalfeatures=b"", features=features(*self.offers), tlvs={1: REGTEST})
        self.send("init", **{**values, **fields})
        return self

    def send(self, name, **fields):
        self.send_raw(build(name, **fields))

    def send_raw(self, message):
        self.transport.send_message(message)

    def receive(self, patience=PATIENCE):
        """The next message, pings answered; raises Closed at the end."""
        while True:
            self.stream.deadline = time.monotonic() + patience
            message = parse(self.transport.read_message())
            if message.name != "ping":
                self.heard.append(message)
                return message
            if self.answers_pings:
                self.send("pong", ignored=bytes(message.num_pong_bytes))

    def expect(self, *names, skip=NOISE) -> Message:
        """The next message that is no noise, which has to have one of the names."""
        while True:
            try:
                message = self.receive()
            except Closed:
                raise Failed(f"the connection was closed instead of {'/'.join(names)}") from None
            except Failed:
                raise Failed(f"no {'/'.join(names)} came") from None
            if message.name in names:
                return message
            if message.name not in skip:
                raise Failed(f"{message!r} came instead of {'/'.join(names)}")

    def alive(self, skip=NOISE, size=None):
        """The node answers a ping, and says nothing else before that. All that was sent before has been taken then."""
        size = size if size is not None else 1 + os.urandom(1)[0]
        self.send("ping", num_pong_bytes=size, ignored=b"")
        pong = self.expect("pong", skip=skip)
        if len(pong.ignored) != size:
            raise Failed(f"a pong of {len(pong.ignored)} bytes came instead of {size}")
        return self

    def closed(self, says=None, skip=NOISE):
        """The node closes the connection, and says nothing before but a warning that `says` matches."""
        warnings = []
        while True:
            try:
                message = self.receive()
            except Closed:
                break
            except Failed:
                raise Failed("the connection was not closed") from None
            if message.name == "warning":
                warnings.append(message.text)
            elif message.name not in skip:
                raise Failed(f"{message!r} came instead of the end of the connection")
        if says is not None and not any(re.search(says, text) for text in warnings):
            raise Failed(f"no warning of {says!r} came before the connection was closed, but {warnings}")
        return self

    def warned(self, says, skip=NOISE):
        """The node sends a warning that `says` matches."""
        warning = self.expect("warning", skip=skip)
        if not re.search(says, warning.text):
            raise Failed(f"the warning says {warning.text!r}, nothing of {says!r}")
        return warning

    def error(self, says, channel_id, skip=NOISE):
        """The node sends an error about the channel that `says` matches."""
        error = self.expect("error", skip=skip)
        if error.channel_id != channel_id:
            raise Failed(f"the error is about {error.channel_id.hex()}: {error.text}")
        if not re.search(says, error.text):
            raise Failed(f"the error says {error.text!r}, nothing of {says!r}")
        return error

    def is_quiet(self):
        """Whether nothing waits to be read."""
        return not select.select([self.stream.socket], [], [], 0)[0]

    def leave(self):
        """Ends the connection."""
        self.stream.socket.close()
