"""BOLT 2: what the node offers on, and what it makes of the answers."""

import os

from driver.bitcoin import sha256
from driver.channel import Channel, Onion, truncated
from driver.messages import tlvs
from driver.rules import OURS, THEIRS, rule
from driver.wire import NOISE, PATIENCE, features

from .updates import ADD, REMOVE, begin_payment, held_htlc, invoice

AMOUNT, FEE, DELTA = 10_000_000, 2_000, 80
FORWARDING = "### Forwarding HTLCs ... "
READY = "### The `channel_ready` Message ... "
REAL_NAME = 0x400A  # unknown_next_peer


class Way:
    """A payment from the peer of one channel through the node to the peer of another."""

    def __init__(self, t, name, to=None, payment_hash=None, delta=DELTA, is_committed=True):
        self.t, self.first = t, t.channel
        self.second = to or t.open(OURS)
        t.peers.append(self.second.peer)
        self.payment_hash = payment_hash or os.urandom(32)
        height = t.chain.call("getblockcount")
        last = height + 60
        self.onion = Onion([
            (t.node.id, tlvs({2: truncated(AMOUNT), 4: truncated(last), 6: name or self.alias(self.second)})),
            (self.second.peer.id, tlvs({2: truncated(AMOUNT), 4: truncated(last), 8: bytes(32) + truncated(AMOUNT)}))],
            self.payment_hash)
        self.first.add(
            amount=AMOUNT + FEE, expiry=last + delta, payment_hash=self.payment_hash, onion=self.onion.packet)
        if is_committed:
            self.first.exchange()

    @staticmethod
    def alias(channel):
        """The node's name for the channel."""
        return next(message for message in channel.peer.heard if message.name == "channel_ready").tlvs[1]

    def arrives(self):
        """The HTLC at the other end, committed on both sides."""
        (added,) = self.second.receive_updates()
        self.t.demand(added.payment_hash == self.payment_hash, "the hash is another")
        self.t.demand(added.amount_msat == AMOUNT, f"the amount is {added.amount_msat}")
        return added

    def failure(self):
        """What comes back to the first peer: the hop and the code."""
        (answer,) = self.first.receive_updates()
        self.t.demand(answer.name == "update_fail_htlc", f"the answer is {answer.name}")
        return self.onion.failure(answer.reason)


@rule(2, READY + "MUST always recognize the `alias` as a `short_channel_id` for incoming HTLCs to this channel.",
      channel=OURS)
def payment_to_an_alias(t):
    preimage = os.urandom(32)
    way = Way(t, None, payment_hash=sha256(preimage))
    added = way.arrives()
    way.second.fulfill(added, preimage)
    way.second.exchange()
    (answer,) = way.first.receive_updates()
    t.demand(answer.payment_preimage == preimage, "the preimage is another")


@rule(2, ADD + "for the first HTLC it offers: MUST set `id` to 0.", channel=OURS)
def payment_to_the_real_name(t):
    second = t.open(OURS)
    name = int(t.node.channel(second.peer.id)[1]["chan_id"]).to_bytes(8, "big")
    t.demand(Way(t, name, second).arrives().id == 0, "the first id is not 0")


@rule(2, READY + "if `channel_type` has `option_scid_alias` set: MUST NOT allow incoming HTLCs to this channel using the real "
      "`short_channel_id`", channel=OURS)
def payment_to_the_real_name_of_a_channel_of_aliases(t):
    second = Channel(t.peer())
    second.propose(tlvs={0: b"", 1: features(12, 22, 46)})
    transaction = t.world.bank.transaction([second.funding_output])
    second.fund(transaction.txid, 0)
    with t.world.mining:
        t.world.bank.publish(transaction)
        block = t.chain.call("getblock", t.world.mine(1)[0])
        t.node.synchronise()
    second.ready()
    name = (block["height"] << 40 | block["tx"].index(transaction.shown_id) << 16).to_bytes(8, "big")
    t.demand(name != Way.alias(second), "the alias is the real name")
    hop, code, _ = Way(t, name, second).failure()
    t.demand((hop, code) == (0, REAL_NAME), f"hop {hop} gives {code:x}")
    added = Way(t, None, second).arrives()
    second.fail(added)
    second.exchange()


MALFORMED = (
    REMOVE + "MUST return an error in the `update_fail_htlc` sent to the link which originally sent the HTLC, using the "
    "`failure_code` given and setting the data to `sha256_of_onion`.")


@rule(2, MALFORMED, channel=OURS)
def malformed_failure_goes_back(t):
    way = Way(t, None)
    added = way.arrives()
    way.second.fail_malformed(added, sha256_of_onion=sha256(added.onion_routing_packet), failure_code=0xC004)
    way.second.exchange()
    hop, code, data = way.failure()
    t.demand((hop, code) == (0, 0xC004), f"hop {hop} gives {code:x}")
    t.demand(data == sha256(added.onion_routing_packet), "the data is not the hash of the onion")


@rule(2, ADD + "MUST decrypt `onion_routing_packet` as described in", channel=OURS)
def failure_of_the_payee_goes_back(t):
    way = Way(t, None)
    added = way.arrives()
    way.second.fail(added)
    way.second.exchange()
    (answer,) = way.first.receive_updates()
    t.demand(answer.name == "update_fail_htlc" and len(answer.reason) == 292, f"the answer is {answer.name}")


@rule(2, "### Closing Initiation: `shutdown` ... SHOULD fail to route any HTLC added after it has sent `shutdown`.",
      channel=OURS)
def payment_into_a_channel_that_closes(t):
    second = t.open(OURS)
    channel, t.channel = t.channel, second
    held_htlc(t)
    t.channel = channel
    second.shutdown()
    second.peer.expect("shutdown")
    hop, _, _ = Way(t, None, second).failure()
    t.demand(hop == 0, "the failure is from behind the node")
    second.peer.alive()


@rule(2, FORWARDING + "until an incoming HTLC has been irrevocably committed: MUST NOT offer the corresponding "
      "outgoing HTLC (`update_add_htlc`) in response to that incoming HTLC.", channel=OURS)
def forwarding_waits_for_both_commitments(t):
    way = Way(t, None, is_committed=False)
    t.channel.commit()
    t.channel.take_revocation(t.channel.peer.expect("revoke_and_ack"))
    t.channel.take_commitment(t.channel.peer.expect("commitment_signed"))
    t.channel.peer.alive()
    way.second.peer.alive()
    t.channel.revoke()
    way.arrives()


@rule(2, FORWARDING + "MUST NOT fail the incoming HTLC (`update_fail_htlc`) that corresponds to that outgoing HTLC.", channel=OURS)
def failing_waits_for_both_commitments(t):
    way = Way(t, None)
    way.second.fail(way.arrives())
    way.second.commit()
    way.second.take_revocation(way.second.peer.expect("revoke_and_ack"))
    way.second.take_commitment(way.second.peer.expect("commitment_signed"))
    way.second.peer.alive()
    way.first.peer.alive()
    way.second.revoke()
    way.first.receive_updates()


@rule(2, FORWARDING + "if `cltv_expiry` minus `current_height` is less than `cltv_expiry_delta` for the corresponding outgoing "
      "HTLC: MUST fail that incoming HTLC (`update_fail_htlc`).", channel=OURS)
def payment_with_too_small_a_delta(t):
    hop, code, _ = Way(t, None, delta=DELTA - 1).failure()
    t.demand((hop, code) == (0, 0x100D), f"hop {hop} gives {code:x}")


@rule(2, FORWARDING + "upon receiving an `update_fulfill_htlc` for an outgoing HTLC, OR upon discovering the `payment_preimage` "
      "from an on-chain HTLC spend: MUST fulfill the incoming HTLC that corresponds to that outgoing HTLC.", channel=OURS)
def preimage_goes_back_at_once(t):
    preimage = os.urandom(32)
    way = Way(t, None, payment_hash=sha256(preimage))
    # The preimage counts before the removal is committed, and though it never is.
    way.second.peer.send(
        "update_fulfill_htlc", channel_id=way.second.id, id=way.arrives().id, payment_preimage=preimage)
    (answer,) = way.first.receive_updates()
    t.demand(answer.name == "update_fulfill_htlc" and answer.payment_preimage == preimage, f"the answer is {answer}")


# What the node offers of its own


def payment_fails(t, amount):
    """The node does not offer this payment, and says so to who asked for it."""
    thread, outcome = begin_payment(t, amount)
    thread.join(PATIENCE)
    t.demand(outcome, "the payment has no outcome")
    t.demand("FAILED" in outcome[0][1] or '"error"' in outcome[0][1], f"the payment gives {outcome[0][1][:200]}")
    t.channel.peer.alive()


@rule(2, ADD + "MUST NOT offer `amount_msat` below the receiving node's `htlc_minimum_msat`", channel=THEIRS)
def payment_below_the_minimum(t):
    payment_fails(t, 999)


@rule(2, ADD + "if the total value of offered HTLCs would exceed the remote's `max_htlc_value_in_flight_msat`: MUST NOT add an "
      "HTLC.")
def payment_above_what_may_be_in_flight(t):
    t.channel = t.opened_by_node(accepting=dict(max_htlc_value_in_flight_msat=20_000_000))
    begin_payment(t, 15_000_000)
    t.channel.receive_updates()
    payment_fails(t, 6_000_000)


@rule(2, ADD + "if result would be offering more than the remote's `max_accepted_htlcs` HTLCs, in the remote commitment "
      "transaction: MUST NOT add an HTLC.")
def more_payments_than_the_peer_takes(t):
    t.channel = t.opened_by_node(accepting=dict(max_accepted_htlcs=5))
    for _ in range(5):
        begin_payment(t, 2_000_000)
        t.channel.receive_updates()
    payment_fails(t, 2_000_000)


@rule(2, ADD + "MUST NOT offer `amount_msat` if, after adding that HTLC to its commitment transaction, it cannot pay the fee for "
      "either the local or remote commitment transaction at the current `feerate_per_kw` while maintaining its channel "
      "reserve", channel=THEIRS)
def payment_out_of_the_reserve(t):
    _, balance = t.channel.balances()
    payment_fails(t, balance - 10_000_000)


@rule(2, ADD + "MUST NOT offer `amount_msat` if, after adding that HTLC to its commitment transaction, it cannot pay the fee for "
      "either the local or remote commitment transaction at the current `feerate_per_kw` while maintaining its channel "
      "reserve", channel=OURS)
def payment_out_of_the_accepters_reserve(t):
    _, balance = t.channel.balances()
    payment_fails(t, balance - 9_000_000)


@rule(2, "### Adding an HTLC: `update_add_htlc` ... MUST set `cltv_expiry` less than 500000000.", channel=THEIRS)
def expiry_of_the_node(t):
    begin_payment(t)
    message = t.channel.peer.expect("update_add_htlc")
    height = t.chain.call("getblockcount")
    t.demand(height < message.cltv_expiry < height + 2_016, f"the expiry is {message.cltv_expiry} at {height}")


@rule(2, REMOVE + "SHOULD fail an HTLC which has timed out.")
def htlc_of_an_invoice_that_expires_too_soon(t):
    t.channel = t.open(OURS)
    payment_hash, secret = invoice(t)
    t.channel.add(payment_hash=payment_hash, payment_secret=secret, expiry=t.chain.call("getblockcount") + 2)
    t.channel.exchange()
    (answer,) = t.channel.receive_updates()
    t.demand(answer.name == "update_fail_htlc", f"the answer is {answer.name}")
    t.channel.peer.alive(skip=NOISE)


@rule(2, FORWARDING + "if an incoming HTLC's `cltv_expiry` is unreasonably far in the future: SHOULD fail that incoming HTLC "
      "(`update_fail_htlc`).", channel=OURS)
def payment_that_expires_far_in_the_future(t):
    hop, _, _ = Way(t, None, delta=20_000).failure()
    t.demand(hop == 0, "the failure is from behind the node")
