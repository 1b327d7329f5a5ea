"""A channel as a peer of the node keeps it: what it says when, and what both commitments are."""

import hashlib
import hmac
import os
import struct

from pyln.proto.onion import SphinxHop, SphinxPath, chacha20_stream, generate_key
from pyln.proto.primitives import PublicKey

from .bitcoin import Output, p2wsh, sign, verifies
from .commitment import HTLC, Commitment, Funding, Side, funding_script, payout
from .keys import Basepoints, Secrets, derived_secret
from .messages import tlvs
from .wire import REGTEST, Failed, Peer, features

ANCHORS = features(12, 22)
AMOUNT, PUSH = 1_000_000, 400_000_000
FEERATE = 2500

# What the peer asks for in `open_channel` and in `accept_channel`.
TERMS = dict(
    dust_limit_satoshis=354, max_htlc_value_in_flight_msat=900_000_000, channel_reserve_satoshis=10_000,
    htlc_minimum_msat=1_000, to_self_delay=144, max_accepted_htlcs=30)


class Update:
    """A change of the commitments, and how far it has come: sent, signed for, acknowledged."""

    SENT, SIGNED, ACKNOWLEDGED = range(3)

    def __init__(self, by_us, kind, value):
        self.by_us, self.kind, self.value, self.stage = by_us, kind, value, Update.SENT


class Channel:
    """The peer's side of a channel with the node; the connection may be replaced."""

    def __init__(self, peer, opener="us", announced=False, amount=AMOUNT, push=PUSH):
        self.peer, self.opener, self.announced = peer, opener, announced
        self.amount, self.push = amount, push
        self.secrets = Secrets(os.urandom(32))
        self.temporary_id = os.urandom(32)
        self.script = payout(self.secrets.seed)
        self.ours = self.theirs = self.funding = None
        # The numbers of the last commitments of each side, and the points of the node's that are known.
        self.our_number = self.their_number = 0
        self.their_points = {}
        self.their_secret, self.their_secrets = bytes(32), []
        self.feerate, self.updates, self.next_id = FEERATE, [], 0
        # The ids of the node's commitments that this side has signed and the node has not revoked.
        self.publishable = []
        self.id = self.temporary_id

    # Opening

    def open_fields(self, **fields):
        """The fields of `open_channel`, with some of them changed."""
        values = dict(
            TERMS, chain_hash=REGTEST, temporary_channel_id=self.temporary_id, funding_satoshis=self.amount,
            push_msat=self.push, feerate_per_kw=FEERATE, first_per_commitment_point=self.secrets.point(0),
            channel_flags=int(self.announced), tlvs={0: b"", 1: ANCHORS}, **self.secrets.basepoints.fields())
        return {**values, **fields}

    def accept_fields(self, **fields):
        """The fields of `accept_channel`, with some of them changed."""
        values = dict(
            TERMS, temporary_channel_id=self.temporary_id, minimum_depth=1,
            first_per_commitment_point=self.secrets.point(0), tlvs={0: b"", 1: ANCHORS},
            **self.secrets.basepoints.fields())
        return {**values, **fields}

    def propose(self, **fields):
        """Sends `open_channel` and takes the node's `accept_channel`."""
        values = self.open_fields(**fields)
        self.peer.send("open_channel", **values)
        accept = self.peer.expect("accept_channel")
        self.feerate, self.amount, self.push = (
            values["feerate_per_kw"], values["funding_satoshis"], values["push_msat"])
        self._agree(values, accept)
        return accept

    def take(self, message, **fields):
        """Answers the node's `open_channel` with `accept_channel`."""
        self.temporary_id = self.id = message.temporary_channel_id
        self.feerate, self.amount, self.push = (
            message.feerate_per_kw, message.funding_satoshis, message.push_msat)
        self.announced = bool(message.channel_flags & 1)
        values = self.accept_fields(**{"tlvs": {0: b"", 1: message.tlvs[1]}, **fields})
        self.peer.send("accept_channel", **values)
        self._agree(values, message)

    def _agree(self, ours, theirs):
        self.their_terms = theirs
        self.their_points[0] = theirs["first_per_commitment_point"]
        self.ours = Side(
            self.secrets.basepoints, ours["dust_limit_satoshis"], theirs["to_self_delay"],
            theirs["channel_reserve_satoshis"])
        self.theirs = Side(
            Basepoints.of(theirs), theirs["dust_limit_satoshis"], ours["to_self_delay"],
            ours["channel_reserve_satoshis"])

    @property
    def their_funding(self):
        """The node's key of the funding output."""
        return self.theirs.basepoints.funding

    @property
    def funding_output(self):
        return Output(self.amount, p2wsh(funding_script(self.ours.basepoints, self.theirs.basepoints)))

    def fund(self, txid, index, **fields):
        """Sends `funding_created` for an output, and takes `funding_signed`."""
        self.created(txid, index, **fields)
        self.finish(self.peer.expect("funding_signed"))

    def created(self, txid, index, **fields):
        self.point_at(txid, index)
        values = dict(
            temporary_channel_id=self.temporary_id, funding_txid=txid, funding_output_index=index,
            signature=self.first_signature())
        self.peer.send("funding_created", **{**values, **fields})

    def signed(self, message, **fields):
        """Answers the node's `funding_created` with `funding_signed`."""
        self.point_at(message.funding_txid, message.funding_output_index)
        self._verify(message.signature, self.our_commitment(0).digest)
        self.id = self.funding.channel_id
        values = dict(channel_id=self.id, signature=self.first_signature())
        self.peer.send("funding_signed", **{**values, **fields})

    def first_signature(self):
        """What this side signs of the node's first commitment."""
        commitment = self.their_commitment(0)
        self.publishable = [commitment.transaction.shown_id]
        return sign(self.secrets.of["funding"], commitment.digest)

    def finish(self, message):
        self.id = self.funding.channel_id
        if message.channel_id != self.id:
            raise Failed("funding_signed is for another channel")
        self._verify(message.signature, self.our_commitment(0).digest)

    def point_at(self, txid, index):
        """The output that the channel is made of."""
        script = funding_script(self.ours.basepoints, self.theirs.basepoints)
        self.funding = Funding(txid, index, self.amount, script)

    def ready(self, **fields):
        """Exchanges `channel_ready` once the funding is mined."""
        self.send_ready(**fields)
        self.take_ready(self.peer.expect("channel_ready"))

    def send_ready(self, **fields):
        values = dict(channel_id=self.id, second_per_commitment_point=self.secrets.point(1))
        self.peer.send("channel_ready", **{**values, **fields})

    def take_ready(self, message):
        self.their_points[1] = message.second_per_commitment_point

    # Commitments

    def _view(self, of_us):
        """The HTLCs, balances and fee rate of one side's next commitment."""
        htlcs, removed, feerate = {}, [], self.feerate
        for update in self.updates:
            if update.by_us == of_us and update.stage < Update.ACKNOWLEDGED:
                continue
            if update.kind == "add":
                htlcs[(update.by_us, update.value.id)] = update.value
            elif update.kind == "fee":
                feerate = update.value
            else:
                removed.append((not update.by_us, *update.value))
        opener = self.amount * 1000 - self.push
        ours, theirs = (opener, self.push) if self.opener == "us" else (self.push, opener)
        for htlc in htlcs.values():
            ours, theirs = (
                (ours - htlc.amount_msat, theirs) if htlc.by_us else (ours, theirs - htlc.amount_msat))
        for by_us, id, fulfilled in removed:
            htlc = htlcs.pop((by_us, id))
            to_us = by_us != fulfilled
            ours, theirs = (
                (ours + htlc.amount_msat, theirs) if to_us else (ours, theirs + htlc.amount_msat))
        return list(htlcs.values()), ours, theirs, feerate

    def balances(self):
        """What both sides have when everything has been exchanged, in millisatoshi."""
        _, ours, theirs, _ = self._view(False)
        return ours, theirs

    @property
    def next_feerate(self):
        """The fee rate that the last `update_fee` has set."""
        return self._view(False)[3]

    def our_commitment(self, number):
        htlcs, ours, theirs, feerate = self._view(True)
        return Commitment(
            self.ours, self.theirs, self.secrets.point(number), feerate, (ours, theirs),
            [htlc for htlc in htlcs if htlc.by_us], [htlc for htlc in htlcs if not htlc.by_us],
            self.funding, number, self.opener == "us")

    def their_commitment(self, number):
        htlcs, ours, theirs, feerate = self._view(False)
        return Commitment(
            self.theirs, self.ours, self.their_points[number], feerate, (theirs, ours),
            [htlc for htlc in htlcs if not htlc.by_us], [htlc for htlc in htlcs if htlc.by_us],
            self.funding, number, self.opener == "them")

    def _verify(self, signature, digest, key=None):
        if not verifies(signature, digest, key or self.theirs.basepoints.funding):
            raise Failed("the node's signature is invalid")

    # Updates

    def onion(self, payment_hash, amount, expiry, payment_secret=None, payload=None):
        """An onion whose only hop is the node."""
        if payload is None:
            secret = (payment_secret or bytes(32)) + truncated(amount)
            payload = tlvs({2: truncated(amount), 4: truncated(expiry), 8: secret})
        return Onion([(self.peer.node.id, payload)], payment_hash).packet

    def add(self, amount=20_000_000, payment_hash=None, onion=None, payment_secret=None, expiry=None, **fields):
        """Offers an HTLC; fields that are given replace what is right."""
        payment_hash = payment_hash or os.urandom(32)
        expiry = expiry or self.peer.node.chain.call("getblockcount") + 100
        onion = onion or self.onion(payment_hash, amount, expiry, payment_secret)
        values = dict(
            channel_id=self.id, id=self.next_id, amount_msat=amount, payment_hash=payment_hash, cltv_expiry=expiry,
            onion_routing_packet=onion)
        values.update(fields)
        self.peer.send("update_add_htlc", **values)
        htlc = HTLC(True, self.next_id, values["amount_msat"], payment_hash, values["cltv_expiry"])
        self.updates.append(Update(True, "add", htlc))
        self.next_id += 1
        return htlc

    def change_fee(self, feerate):
        self.peer.send("update_fee", channel_id=self.id, feerate_per_kw=feerate)
        self.updates.append(Update(True, "fee", feerate))

    def fulfill(self, htlc, preimage, **fields):
        values = dict(channel_id=self.id, id=htlc.id, payment_preimage=preimage)
        self.peer.send("update_fulfill_htlc", **{**values, **fields})
        self.updates.append(Update(True, "remove", (htlc.id, True)))

    def fail(self, htlc, **fields):
        values = dict(channel_id=self.id, id=htlc.id, reason=bytes(292))
        self.peer.send("update_fail_htlc", **{**values, **fields})
        self.updates.append(Update(True, "remove", (htlc.id, False)))

    def fail_malformed(self, htlc, **fields):
        values = dict(channel_id=self.id, id=htlc.id, sha256_of_onion=bytes(32), failure_code=0xC005)
        self.peer.send("update_fail_malformed_htlc", **{**values, **fields})
        self.updates.append(Update(True, "remove", (htlc.id, False)))

    def take_update(self, message):
        """Takes an update of the node's."""
        if message.name == "update_add_htlc":
            value = HTLC(False, message.id, message.amount_msat, message.payment_hash, message.cltv_expiry)
            self.updates.append(Update(False, "add", value))
            return value
        if message.name == "update_fee":
            self.updates.append(Update(False, "fee", message.feerate_per_kw))
            return None
        fulfilled = message.name == "update_fulfill_htlc"
        self.updates.append(Update(False, "remove", (message.id, fulfilled)))
        return None

    # commitment_signed and revoke_and_ack

    def signatures(self):
        """The signatures for the node's next commitment, and the fields of `commitment_signed`."""
        commitment = self.their_commitment(self.their_number + 1)
        secret = self.htlc_secret(self.their_points[self.their_number + 1])
        return dict(
            channel_id=self.id, signature=sign(self.secrets.of["funding"], commitment.digest),
            htlc_signatures=[sign(secret, digest) for digest in commitment.htlc_digests()])

    def htlc_secret(self, point):
        return derived_secret(self.secrets.of["htlc"], point)

    def commit(self, **fields):
        """Sends `commitment_signed`."""
        self.publishable.append(self.their_commitment(self.their_number + 1).transaction.shown_id)
        self.peer.send("commitment_signed", **{**self.signatures(), **fields})
        for update in self.updates:
            if update.by_us and update.stage == Update.SENT:
                update.stage = Update.SIGNED

    def take_revocation(self, message):
        """Takes the node's `revoke_and_ack`."""
        self.their_secret = message.per_commitment_secret
        self.their_secrets.append(self.their_secret)
        self.their_number += 1
        del self.publishable[:-1]
        self.their_points[self.their_number + 1] = message.next_per_commitment_point
        for update in self.updates:
            if update.by_us and update.stage == Update.SIGNED:
                update.stage = Update.ACKNOWLEDGED

    def take_commitment(self, message):
        """Verifies the node's `commitment_signed`."""
        commitment = self.our_commitment(self.our_number + 1)
        self._verify(message.signature, commitment.digest)
        digests = list(commitment.htlc_digests())
        if len(digests) != len(message.htlc_signatures):
            raise Failed(f"{len(message.htlc_signatures)} HTLC signatures came instead of {len(digests)}")
        for signature, digest in zip(message.htlc_signatures, digests):
            self._verify(signature, digest, commitment.keys["remote"])
        for update in self.updates:
            if not update.by_us and update.stage == Update.SENT:
                update.stage = Update.SIGNED

    def revocation_fields(self, **fields):
        values = dict(
            channel_id=self.id, per_commitment_secret=self.secrets.commitment_secret(self.our_number),
            next_per_commitment_point=self.secrets.point(self.our_number + 2))
        return {**values, **fields}

    def revoke(self, **fields):
        """Sends `revoke_and_ack`."""
        self.peer.send("revoke_and_ack", **self.revocation_fields(**fields))
        self.our_number += 1
        for update in self.updates:
            if not update.by_us and update.stage == Update.SIGNED:
                update.stage = Update.ACKNOWLEDGED

    def exchange(self):
        """Commits what was sent, and goes on until both commitments have it. Gives the node's updates meanwhile."""
        self.commit()
        self.take_revocation(self.peer.expect("revoke_and_ack"))
        self.take_commitment(self.peer.expect("commitment_signed"))
        self.revoke()

    def receive_updates(self):
        """Takes updates of the node's up to its `commitment_signed`, and exchanges them. Gives what it has taken."""
        messages = []
        while (message := self.peer.expect(
                "update_add_htlc", "update_fee", "update_fulfill_htlc", "update_fail_htlc",
                "update_fail_malformed_htlc", "commitment_signed")).name != "commitment_signed":
            self.take_update(message)
            messages.append(message)
        self.take_commitment(message)
        self.revoke()
        self.commit()
        self.take_revocation(self.peer.expect("revoke_and_ack"))
        return messages

    # Connections

    def reestablish_fields(self, **fields):
        values = dict(
            channel_id=self.id, next_commitment_number=self.our_number + 1,
            next_revocation_number=self.their_number, your_last_per_commitment_secret=self.their_secret,
            my_current_per_commitment_point=self.secrets.point(self.our_number))
        return {**values, **fields}

    def reconnect(self, **changes):
        """Comes back under the same key, with a new connection, and takes the node's `channel_reestablish`."""
        old = self.peer
        old.leave()
        self.peer = Peer(old.node, old.key, changes.get("offers", old.offers))
        self.peer.heard[:0] = old.heard
        return self.peer.expect("channel_reestablish")

    def resume(self, **fields):
        """Reconnects, and says `channel_reestablish`, and `channel_ready` where that is due."""
        theirs = self.reconnect()
        self.peer.send("channel_reestablish", **self.reestablish_fields(**fields))
        self.ready_if_due(theirs)
        return theirs

    def ready_if_due(self, theirs=None):
        """Exchanges `channel_ready` again where nothing but the first commitments has been exchanged."""
        if self.our_number == 0 and (theirs is None or theirs.next_commitment_number == 1):
            self.ready()

    def shutdown(self, **fields):
        self.peer.send("shutdown", **{**dict(channel_id=self.id, scriptpubkey=self.script), **fields})


class Onion:
    """An onion of the hops [(node, payload)], and what comes back of it."""

    def __init__(self, hops, payment_hash):
        self.path = SphinxPath(
            [SphinxHop(PublicKey(id), bytes([len(payload)]) + payload) for id, payload in hops], payment_hash)
        self.packet = self.path.compile().to_bin()

    def failure(self, reason):
        """The hop that failed the payment, from 0 on, the code that it gave, and the data."""
        for index, hop in enumerate(self.path.get_hop_params()):
            stream = bytearray(len(reason))
            chacha20_stream(generate_key(hop.secret.data, b"ammag"), stream)
            reason = bytes(one ^ other for one, other in zip(reason, stream))
            tag = hmac.new(generate_key(hop.secret.data, b"um"), reason[32:], hashlib.sha256).digest()
            if tag == reason[:32]:
                (length,) = struct.unpack_from(">H", reason, 32)
                message = reason[34:34 + length]
                return index, struct.unpack_from(">H", message)[0], message[2:]
        raise Failed("the reason is from none of the hops")


def truncated(value):
    """A number without leading zeros."""
    return struct.pack(">Q", value).lstrip(b"\0")
