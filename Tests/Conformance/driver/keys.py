"""The keys of one side of a channel (BOLT 3)."""

import hashlib
from dataclasses import dataclass

import coincurve

from .bitcoin import ORDER, public, sha256


def add(point, other):
    return coincurve.PublicKey.combine_keys([coincurve.PublicKey(point), coincurve.PublicKey(other)]).format()


def times(point, scalar):
    return coincurve.PublicKey(point).multiply(scalar).format()


def derived(basepoint, point):
    """The key of one commitment that belongs to a basepoint."""
    return add(basepoint, public(sha256(point + basepoint)))


def derived_secret(secret, point):
    tweak = int.from_bytes(sha256(point + public(secret)), "big")
    return ((int.from_bytes(secret, "big") + tweak) % ORDER).to_bytes(32, "big")


def revocation(basepoint, point):
    """The revocation key of the commitment with this point, which belongs to the other side's basepoint."""
    return add(times(basepoint, sha256(basepoint + point)), times(point, sha256(point + basepoint)))


@dataclass
class Basepoints:
    """What one side tells the other of its keys."""

    funding: bytes
    revocation: bytes
    payment: bytes
    delayed: bytes
    htlc: bytes

    NAMES = {
        "funding_pubkey": "funding", "revocation_basepoint": "revocation", "payment_basepoint": "payment",
        "delayed_payment_basepoint": "delayed", "htlc_basepoint": "htlc"}

    @classmethod
    def of(cls, message):
        return cls(**{ours: message[theirs] for theirs, ours in cls.NAMES.items()})

    def fields(self):
        return {theirs: getattr(self, ours) for theirs, ours in self.NAMES.items()}


def commitment_secret(seed, number):
    """The secret of the commitment with this number."""
    value, index = bytearray(seed), (1 << 48) - 1 - number
    for bit in reversed(range(48)):
        if index >> bit & 1:
            value[bit // 8] ^= 1 << (bit % 8)
            value = bytearray(sha256(bytes(value)))
    return bytes(value)


class Secrets:
    """The secrets of one side, all from one seed."""

    def __init__(self, seed):
        self.seed = hashlib.sha256(b"commitments" + seed).digest()
        self.of = {name: hashlib.sha256(name.encode() + seed).digest() for name in Basepoints.NAMES.values()}
        self.basepoints = Basepoints(**{name: public(secret) for name, secret in self.of.items()})

    def commitment_secret(self, number):
        return commitment_secret(self.seed, number)

    def point(self, number):
        return public(self.commitment_secret(number))
