"""Commitment, HTLC and closing transactions of channels with anchors (BOLT 3), built without any code of the node's."""

import struct
from dataclasses import dataclass

from .bitcoin import (
    SINGLE_ANYONE, Input, Output, Transaction, hash160, number, p2wpkh, p2wsh, public, push, ripemd160, sha256,
    two_of_two)
from .keys import derived, revocation

ANCHOR = 330


@dataclass(frozen=True)
class HTLC:
    """An HTLC: who offered it, its number with that side, and its terms."""

    by_us: bool
    id: int
    amount_msat: int
    payment_hash: bytes
    expiry: int


@dataclass
class Side:
    """What one side asks of its commitments, and its keys."""

    basepoints: object
    dust_limit: int
    delay: int  # what it has to wait for, which is what the other side asked for
    reserve: int  # what it has to keep, which is what the other side asked for


def to_local(revocation_key, delay, delayed_key):
    return b"\x63" + push(revocation_key) + b"\x67" + number(delay) + b"\xb2\x75" + push(delayed_key) + b"\x68\xac"


def to_remote(key):
    return push(key) + b"\xad\x51\xb2"


def anchor(funding_key):
    return push(funding_key) + b"\xac\x73\x64\x60\xb2\x68"


def offered(revocation_key, local_key, remote_key, payment_hash):
    return (
        b"\x76\xa9" + push(hash160(revocation_key)) + b"\x87\x63\xac\x67" + push(remote_key)
        + b"\x7c\x82\x01\x20\x87\x64\x75\x52\x7c" + push(local_key) + b"\x52\xae\x67\xa9"
        + push(ripemd160(payment_hash)) + b"\x88\xac\x68\x51\xb2\x75\x68")


def received(revocation_key, local_key, remote_key, payment_hash, expiry):
    return (
        b"\x76\xa9" + push(hash160(revocation_key)) + b"\x87\x63\xac\x67" + push(remote_key)
        + b"\x7c\x82\x01\x20\x87\x63\xa9" + push(ripemd160(payment_hash)) + b"\x88\x52\x7c" + push(local_key)
        + b"\x52\xae\x67\x75" + number(expiry) + b"\xb1\x75\xac\x68\x51\xb2\x75\x68")


class Commitment:
    """The commitment transaction of one side, with its HTLC transactions in the order of their signatures.

    `owner` and `other` are of class Side; `mine` are the HTLCs that the owner offers, `others` those it is offered.
    """

    def __init__(self, owner, other, point, feerate, balances, mine, others, funding, count, opener_is_owner):
        self.owner, self.other, self.feerate, self.funding = owner, other, feerate, funding
        self.keys = dict(
            revocation=revocation(other.basepoints.revocation, point),
            delayed=derived(owner.basepoints.delayed, point),
            local=derived(owner.basepoints.htlc, point), remote=derived(other.basepoints.htlc, point))
        untrimmed = [(htlc, False) for htlc in mine if not self.is_trimmed(htlc)]
        untrimmed += [(htlc, True) for htlc in others if not self.is_trimmed(htlc)]
        self.fee = feerate * (1124 + 172 * len(untrimmed)) // 1000
        cost = self.fee + 2 * ANCHOR
        to_owner, to_other = (balance // 1000 for balance in balances)
        if opener_is_owner:
            to_owner = max(0, to_owner - cost)
        else:
            to_other = max(0, to_other - cost)
        self._build(to_owner, to_other, untrimmed, count, opener_is_owner)

    def is_trimmed(self, htlc):
        """HTLC transactions of channels with anchors pay no fee, so the dust limit alone decides."""
        return htlc.amount_msat // 1000 < self.owner.dust_limit

    def _build(self, to_owner, to_other, untrimmed, count, opener_is_owner):
        keys, outputs = self.keys, []
        for htlc, is_received in untrimmed:
            if is_received:
                script = received(
                    keys["revocation"], keys["local"], keys["remote"], htlc.payment_hash, htlc.expiry)
            else:
                script = offered(keys["revocation"], keys["local"], keys["remote"], htlc.payment_hash)
            outputs.append((Output(htlc.amount_msat // 1000, p2wsh(script)), htlc.expiry, (htlc, is_received, script)))
        if to_owner >= self.owner.dust_limit:
            script = to_local(keys["revocation"], self.owner.delay, keys["delayed"])
            outputs.append((Output(to_owner, p2wsh(script)), 0, None))
        if to_other >= self.owner.dust_limit:
            outputs.append((Output(to_other, p2wsh(to_remote(self.other.basepoints.payment))), 0, None))
        if to_owner >= self.owner.dust_limit or untrimmed:
            outputs.append((Output(ANCHOR, p2wsh(anchor(self.owner.basepoints.funding))), 0, None))
        if to_other >= self.owner.dust_limit or untrimmed:
            outputs.append((Output(ANCHOR, p2wsh(anchor(self.other.basepoints.funding))), 0, None))
        outputs.sort(key=lambda entry: (entry[0].amount, entry[0].script, entry[1]))
        first, second = (
            (self.owner, self.other) if opener_is_owner else (self.other, self.owner))
        mask = sha256(first.basepoints.payment + second.basepoints.payment)[-6:]
        obscured = int.from_bytes(mask, "big") ^ count
        self.transaction = Transaction(
            [Input(self.funding.txid, self.funding.index, 0x80000000 | obscured >> 24)],
            [output for output, _, _ in outputs], 0x20000000 | obscured & 0xFFFFFF)
        self.htlcs = [(index, about) for index, (_, _, about) in enumerate(outputs) if about]

    @property
    def digest(self):
        """What both sides' funding keys sign."""
        return self.transaction.digest(0, self.funding.script, self.funding.amount)

    def htlc_digests(self):
        """What the other side's HTLC key signs for each HTLC transaction, in order."""
        for index, (htlc, is_received, script) in self.htlcs:
            amount = htlc.amount_msat // 1000
            output = Output(amount, p2wsh(to_local(self.keys["revocation"], self.owner.delay, self.keys["delayed"])))
            transaction = Transaction(
                [Input(self.transaction.txid, index, 1)], [output], 0 if is_received else htlc.expiry)
            yield transaction.digest(0, script, amount, SINGLE_ANYONE)


@dataclass
class Funding:
    """The output that a channel is."""

    txid: bytes
    index: int
    amount: int
    script: bytes

    @property
    def channel_id(self):
        return self.txid[:30] + struct.pack(">H", struct.unpack(">H", self.txid[30:])[0] ^ self.index)


def funding_script(first, second):
    return two_of_two(first.funding, second.funding)


def closing(funding, outputs, locktime=0, sequence=0xFFFFFFFF):
    """A mutual close with the outputs [(amount, script)], in the order of BIP 69."""
    ordered = sorted(outputs)
    return Transaction(
        [Input(funding.txid, funding.index, sequence)], [Output(*output) for output in ordered], locktime)


def payout(secret_seed):
    """A script that nobody but one peer uses."""
    return p2wpkh(public(sha256(b"payout" + secret_seed)))
