"""BOLT 8: the handshake, in both roles, and the encryption of messages."""

import os
import socket
import struct

from pyln.proto.wire import LightningConnection, PrivateKey, PublicKey, decryptWithAD, encryptWithAD

from driver.messages import build
from driver.rules import rule
from driver.wire import Stream
from driver.world import PATIENCE, WorldError


def flipped(data, index):
    """The bytes with one bit changed."""
    data = bytearray(data)
    data[index] ^= 1
    return bytes(data)


class Initiator:
    """A handshake towards the node, act by act."""

    def __init__(self, t, node_id=None):
        self.key = PrivateKey(os.urandom(32))
        self.stream = Stream.to(t.node)
        self.transport = LightningConnection(
            self.stream, PublicKey(node_id or t.node.id), self.key, is_initiator=True)
        self.act_one = self.transport.handshake_act_one_initiator()

    def to_act_three(self):
        """Acts one and two. Gives what act three has to be."""
        self.stream.send(self.act_one)
        self.act_two = self.stream.recv(50)
        self.transport.handshake_act_two_initiator(self.act_two)
        return self.transport.handshake_act_three_initiator()

    def is_refused(self, data):
        self.stream.send(data)
        self.stream.is_closed()


def act_one_with(name, quote, fault):
    @rule(8, quote, name=f"act_one_{name}")
    def case(t):
        handshake = Initiator(t)
        handshake.is_refused(fault(handshake.act_one))


def act_three_with(name, quote, fault):
    @rule(8, quote, name=f"act_three_{name}")
    def case(t):
        handshake = Initiator(t)
        handshake.is_refused(fault(handshake.to_act_three()))
        t.demand(not t.node.connected(handshake.key.public_key().serializeCompressed()), "the peer is connected")


VERSION = "If `v` is an unrecognized handshake version, then the responder MUST abort the connection attempt."
act_one_with(
    "of_version_1", "Clients MUST reject handshake attempts initiated with an unknown version.",
    lambda act: b"\x01" + act[1:])
act_one_with("of_version_255", "Act One ... " + VERSION, lambda act: b"\xff" + act[1:])
act_one_with(
    "with_a_wrong_tag", "If this is the case, then the responder MUST terminate the connection without any further "
    "messages.", lambda act: flipped(act, 49))
act_one_with(
    "with_another_key", "If the MAC check in this operation fails, then the initiator does _not_ know the responder's "
    "static public key.", lambda act: act[:1] + PrivateKey(os.urandom(32)).public_key().serializeCompressed() + act[34:])
NO_POINT = (
    "The raw bytes of the remote party's ephemeral public key (`re`) are to be deserialized into a point on the curve")
act_one_with("without_a_point", NO_POINT, lambda act: act[:1] + b"\x02" + bytes(31) + b"\x05" + act[34:])
act_one_with("with_an_uncompressed_prefix", NO_POINT, lambda act: act[:1] + b"\x04" + act[2:])


@rule(8, "To complete this challenge, the initiator must know the static public key of the responder.")
def act_one_for_another_node(t):
    handshake = Initiator(t, PrivateKey(os.urandom(32)).public_key().serializeCompressed())
    handshake.is_refused(handshake.act_one)


act_three_with("of_version_1", "Act Three ... " + VERSION, lambda act: b"\x01" + act[1:])
act_three_with(
    "with_a_wrong_first_tag", "`rs = decryptWithAD(temp_k2, 1, h, c)` ... If the MAC check in this operation fails, then "
    "the responder MUST terminate the connection without any further messages.", lambda act: flipped(act, 49))
act_three_with(
    "with_another_key", "`rs = decryptWithAD(temp_k2, 1, h, c)` ... If the MAC check in this operation fails, then the "
    "responder MUST terminate the connection without any further messages.", lambda act: flipped(act, 10))
act_three_with(
    "with_a_wrong_last_tag", "`p = decryptWithAD(temp_k3, 0, h, t)` ... If the MAC check in this operation fails, then "
    "the responder MUST terminate the connection without any further messages.", lambda act: flipped(act, 65))


@rule(8, "The handshake is _exactly_ 66 bytes: 1 byte for the handshake version, 33 bytes for the static public key "
      "encrypted with the `ChaCha20` stream cipher")
def act_three_in_pieces(t):
    handshake = Initiator(t)
    act = handshake.to_act_three()
    for at in range(0, 66, 7):
        handshake.stream.send(act[at:at + 7])
    transport = handshake.transport
    transport.sck = transport.rck = transport.chaining_key
    t.demand(transport.read_message()[:2] == b"\x00\x10", "no init came")


@rule(8, "For each session, a node MUST generate a new ephemeral key with strong cryptographic randomness.")
def ephemeral_keys_are_new(t):
    keys = set()
    for _ in range(5):
        handshake = Initiator(t)
        handshake.to_act_three()
        keys.add(handshake.act_two[1:34])
    t.demand(len(keys) == 5, "an ephemeral key came twice")


class Responder:
    """A peer that the node is told to connect to."""

    def __init__(self, t):
        self.key = PrivateKey(os.urandom(32))
        self.id = self.key.public_key().serializeCompressed()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(PATIENCE)
        address = {"pubkey": self.id.hex(), "host": f"127.0.0.1:{self.server.getsockname()[1]}"}
        self.request, self.outcome = t.in_background(
            t.node.post, "/v1/peers", {"addr": address, "perm": False, "timeout": "60"})
        self.stream = Stream(self.server.accept()[0])
        self.transport = LightningConnection(self.stream, None, self.key, is_initiator=False)
        self.act_one = self.stream.recv(50)

    def act_two(self):
        self.transport.handshake_act_one_responder(self.act_one)
        return self.transport.handshake_act_two_responder()

    def is_left(self, t, data):
        self.stream.send(data)
        self.stream.is_closed()
        self.server.close()
        self.request.join(PATIENCE)
        t.demand(
            self.outcome and isinstance(self.outcome[0], WorldError), f"the call to connect gave {self.outcome}")
        t.demand(not t.node.connected(self.id), "the peer is connected")


@rule(8, "Each message sent during the initial handshake starts with a single leading byte, which indicates the version "
      "used for the current handshake.")
def act_one_of_the_node(t):
    responder = Responder(t)
    t.demand(responder.act_one[0] == 0, "the version is not 0")
    responder.stream.send(responder.act_two())
    responder.transport.handshake_act_three_responder(responder.stream.recv(66))
    t.demand(responder.transport.remote_pubkey.serializeCompressed() == t.node.id, "another node has connected")
    responder.server.close()


def act_two_with(name, quote, fault):
    @rule(8, quote, name=f"act_two_{name}")
    def case(t):
        responder = Responder(t)
        responder.is_left(t, fault(responder.act_two()))


LEAVE = "If the MAC check in this operation fails, then the initiator MUST terminate the connection without any further messages."
act_two_with("of_version_1", "Act Two ... " + VERSION, lambda act: b"\x01" + act[1:])
act_two_with("with_a_wrong_tag", LEAVE, lambda act: flipped(act, 49))
act_two_with("with_another_key", LEAVE, lambda act: flipped(act, 1))
act_two_with(
    "without_a_point", "where `re` is the responder's ephemeral public key ... The raw bytes of the remote party's "
    "ephemeral public key (`re`) are to be deserialized into a point on the curve",
    lambda act: act[:1] + b"\x02" + bytes(31) + b"\x05" + act[34:])


@rule(8, "If the MAC check in this operation fails, then the initiator MUST terminate the connection without any "
      "further messages.")
def act_two_of_another_node(t):
    responder = Responder(t)
    responder.transport.local_privkey = PrivateKey(os.urandom(32))
    responder.is_left(t, os.urandom(50))


# Messages


def encrypted(transport, message):
    """The two ciphertexts of a message under the next nonces, which are taken."""
    length = encryptWithAD(transport.sk, transport.nonce(transport.sn), b"", struct.pack("!H", len(message)))
    body = encryptWithAD(transport.sk, transport.nonce(transport.sn + 1), b"", message)
    transport.sn += 2
    return length, body


PING = build("ping", num_pong_bytes=7, ignored=b"")


@rule(8, "a 16-byte `Poly-1305` tag is added to the encrypted length prefix in order to ensure that the packet length "
      "hasn't been modified when in-flight")
def changed_length_closes(t):
    peer = t.peer().alive()
    length, body = encrypted(peer.transport, PING)
    peer.stream.send(flipped(length, 0) + body)
    peer.closed()


@rule(8, "Decrypt `c` (using `ChaCha20-Poly1305`, `rn`, and `rk`), to obtain decrypted plaintext packet `p`.")
def changed_message_closes(t):
    peer = t.peer().alive()
    length, body = encrypted(peer.transport, PING)
    peer.stream.send(length + flipped(body, 3))
    peer.closed()


@rule(8, "The nonce `rn` MUST be incremented after this step.")
def repeated_message_closes(t):
    peer = t.peer().alive()
    both = b"".join(encrypted(peer.transport, PING))
    peer.stream.send(both)
    peer.expect("pong")
    peer.stream.send(both)
    peer.closed()


@rule(8, "The nonce `sn` MUST be incremented after this step.")
def nonces_of_the_node_ascend(t):
    peer = t.peer()
    nonces = []
    for _ in range(3):
        peer.alive()
        nonces.append(peer.transport.rn)
    t.demand(nonces[0] < nonces[1] < nonces[2], f"the nonces were {nonces}")
    first = peer.transport.nonce(peer.transport.rn - 2)
    peer.send("ping", num_pong_bytes=0, ignored=b"")
    peer.stream.deadline += PATIENCE
    sealed = peer.stream.recv(18)
    try:
        decryptWithAD(peer.transport.rk, first, b"", sealed)
    except Exception:
        return
    t.demand(False, "a nonce came twice")


@rule(8, "A key is to be rotated after a party encrypts or decrypts 1000 times with it (i.e. every 500 messages).")
def keys_rotate(t):
    peer = t.peer()
    for _ in range(1_100):
        peer.alive(size=1)


@rule(8, "Key rotation is performed for _each_ key (`sk` and `rk`) _individually_, using `sck` and `rck` respectively.")
def keys_rotate_one_by_one(t):
    peer = t.peer()
    for _ in range(700):
        peer.send("ping", num_pong_bytes=65535, ignored=b"")
    peer.alive()


@rule(8, "A key is to be rotated after a party encrypts or decrypts 1000 times with it (i.e. every 500 messages).")
def old_key_closes(t):
    peer = t.peer().alive()
    while peer.transport.sn < 998:
        peer.send("ping", num_pong_bytes=65535, ignored=b"")
    old = peer.transport.sk
    peer.stream.send(b"".join(encrypted(peer.transport, PING)))
    peer.expect("pong")
    peer.transport.sk, peer.transport.sn = old, 1000
    peer.stream.send(b"".join(encrypted(peer.transport, PING)))
    peer.closed()


@rule(8, "The *maximum* size of _any_ Lightning message MUST NOT exceed `65535` bytes.")
def largest_message_arrives(t):
    peer = t.peer()
    peer.send("ping", num_pong_bytes=9, ignored=bytes(65_535 - 6))
    t.demand(len(peer.expect("pong").ignored) == 9, "the pong is of another size")
    peer.alive(size=65_531)


@rule(8, "Read _exactly_ `l+16` bytes from the network buffer, and let the bytes be known as `c`.")
def message_in_pieces_arrives(t):
    peer = t.peer()
    both = b"".join(encrypted(peer.transport, PING))
    for at in range(len(both)):
        peer.stream.send(both[at:at + 1])
    peer.expect("pong")
    length, body = encrypted(peer.transport, PING)
    next_length, next_body = encrypted(peer.transport, PING)
    peer.stream.send(length + body + next_length[:5])
    peer.expect("pong")
    peer.stream.send(next_length[5:] + next_body)
    peer.expect("pong")
