"""As much of Bitcoin as channels need: transactions, scripts, signatures."""

import hashlib
import struct
from dataclasses import dataclass, field

import coincurve

ORDER = int("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", 16)
ALL, SINGLE_ANYONE = 0x01, 0x83


def sha256(data):
    return hashlib.sha256(data).digest()


def hash256(data):
    return sha256(sha256(data))


def hash160(data):
    return ripemd160(sha256(data))


def ripemd160(data):
    return hashlib.new("ripemd160", data).digest()


def compact(value):
    return bytes([value]) if value < 0xFD else b"\xfd" + struct.pack("<H", value)


def push(data):
    """A script that pushes data of up to 75 bytes."""
    assert len(data) <= 75
    return bytes([len(data)]) + data


def number(value):
    """A script that pushes a positive number as short as it can."""
    if value <= 16:
        return bytes([0x50 + value]) if value else b"\x00"
    length = (value.bit_length() + 8) // 8
    return push(value.to_bytes(length, "little"))


def p2wsh(script):
    return b"\x00\x20" + sha256(script)


def p2wpkh(pubkey):
    return b"\x00\x14" + hash160(pubkey)


def two_of_two(first, second):
    """The witness script of a funding output."""
    keys = sorted((first, second))
    return b"\x52" + push(keys[0]) + push(keys[1]) + b"\x52\xae"


@dataclass
class Output:
    amount: int
    script: bytes

    def encode(self):
        return struct.pack("<Q", self.amount) + compact(len(self.script)) + self.script


@dataclass
class Input:
    txid: bytes  # in the order of hashes, not of displays
    index: int
    sequence: int = 0xFFFFFFFF
    witness: list = field(default_factory=list)

    @property
    def outpoint(self):
        return self.txid + struct.pack("<I", self.index)


@dataclass
class Transaction:
    inputs: list
    outputs: list
    locktime: int = 0
    version: int = 2

    def encode(self, witness=True):
        head = struct.pack("<I", self.version)
        body = compact(len(self.inputs)) + b"".join(
            item.outpoint + b"\x00" + struct.pack("<I", item.sequence) for item in self.inputs)
        body += compact(len(self.outputs)) + b"".join(output.encode() for output in self.outputs)
        tail = struct.pack("<I", self.locktime)
        if not witness:
            return head + body + tail
        stacks = b"".join(
            compact(len(item.witness)) + b"".join(compact(len(part)) + part for part in item.witness)
            for item in self.inputs)
        return head + b"\x00\x01" + body + stacks + tail

    @property
    def txid(self):
        """The id in the order of hashes."""
        return hash256(self.encode(witness=False))

    @property
    def shown_id(self):
        return self.txid[::-1].hex()

    def digest(self, index, script, amount, kind=ALL):
        """The signature hash of BIP 143 for a version 0 witness program."""
        item = self.inputs[index]
        if kind == ALL:
            prevouts = hash256(b"".join(each.outpoint for each in self.inputs))
            sequences = hash256(b"".join(struct.pack("<I", each.sequence) for each in self.inputs))
            outputs = hash256(b"".join(output.encode() for output in self.outputs))
        else:
            prevouts = sequences = bytes(32)
            outputs = hash256(self.outputs[index].encode())
        return hash256(
            struct.pack("<I", self.version) + prevouts + sequences + item.outpoint
            + compact(len(script)) + script + struct.pack("<Q", amount) + struct.pack("<I", item.sequence)
            + outputs + struct.pack("<II", self.locktime, kind))


def public(secret):
    return coincurve.PublicKey.from_valid_secret(secret).format()


def der_to_compact(der):
    """The 64 bytes of a signature on the wire."""
    length = der[3]
    r, s = der[4:4 + length], der[6 + length:]
    return r[-32:].rjust(32, b"\0") + s[-32:].rjust(32, b"\0")


def compact_to_der(signature):
    def part(value):
        value = value.lstrip(b"\0") or b"\0"
        value = b"\0" + value if value[0] & 0x80 else value
        return b"\x02" + bytes([len(value)]) + value
    body = part(signature[:32]) + part(signature[32:])
    return b"\x30" + bytes([len(body)]) + body


def sign(secret, digest):
    """A compact signature with a low S."""
    return der_to_compact(coincurve.PrivateKey(secret).sign(digest, hasher=None))


def high_s(signature):
    """The same signature with the other S, which Bitcoin's rule of relay forbids."""
    s = ORDER - int.from_bytes(signature[32:], "big")
    return signature[:32] + s.to_bytes(32, "big")


def verifies(signature, digest, pubkey):
    return coincurve.verify_signature(compact_to_der(signature), digest, pubkey, hasher=None)
