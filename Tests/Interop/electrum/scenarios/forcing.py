"""Channels that one side closes alone, and what becomes of the HTLCs in them."""

from chain import COIN
from network import new_preimage
from waiting import eventually, expect

from . import scenario

ANCHOR = 330
CAPACITY, PUSHED, HTLC = 2_000_000, 900_000, 100_000
# More than the fees of all that Salama publishes; Electrum takes 150 sat/vB for each of its own.
FEES_OF_SALAMA, FEES_OF_ELECTRUM = 60_000, 300_000


class Story:
    """A channel with what its sides are going to have of it, less fees."""

    def __init__(self, net, closer_name, opener_name, **options):
        self.net = net
        self.electrum, self.salama = net.start("electrum", "salama", options={"electrum": options})
        if options.get("test_ln_open_srk_channels"):
            # Without anchors the fee rate of commitments has to be one that both find right.
            self.electrum.estimate_fees(20_000)
        nodes = {"electrum": self.electrum, "salama": self.salama}
        self.closer, opener = nodes[closer_name], nodes[opener_name]
        other = self.salama if opener is self.electrum else self.electrum
        self.point = net.open(opener, other, CAPACITY, push=PUSHED)
        self.before = {node: node.balance() for node in nodes.values()}
        self.shares = {opener: CAPACITY - PUSHED, other: PUSHED}

    def hold(self, payer, payee, is_settled):
        """A payment that the payee holds; `settle` and `let_expire` end it."""
        preimage, payment_hash = new_preimage()
        paying = payer.pay_in_background(payee.hold_invoice(payment_hash, HTLC))
        eventually("the payment held", lambda: payee.holds(payment_hash))
        if is_settled:
            self.shares[payer] -= HTLC
            self.shares[payee] += HTLC
        return payee, preimage, paying

    def close(self):
        self.closer.close_channel(self.point, force=True)
        self.commitment = eventually("the commitment", lambda: self.net.chain.spender(self.point))
        self.net.mine_transaction(self.commitment)

    def outputs(self):
        """The commitment's outputs that somebody has to claim: not the anchors, and no plain output of the other side."""
        outputs = self.net.chain.transaction(self.commitment)["vout"]
        return [
            f"{self.commitment}:{o['n']}" for o in outputs
            if round(o["value"] * COIN) > ANCHOR and o["scriptPubKey"]["type"] != "witness_v0_keyhash"]

    def claimed(self):
        return sum(self.net.chain.spender(output) is not None for output in self.outputs())

    def finish(self):
        """Mines until both have all that is theirs."""
        self.net.mine_until(
            "the end at Salama", lambda: self.salama.closed_channel(self.point), step=120, limit=720)
        self.net.mine_until(
            "the end at Electrum", lambda: self.electrum.channel(self.point)["state"] == "REDEEMED",
            step=120, limit=720)
        expect(self.claimed() == len(self.outputs()), "an output is left")
        for node, fees in ((self.salama, FEES_OF_SALAMA), (self.electrum, FEES_OF_ELECTRUM)):
            gain = node.balance() - self.before[node]
            share = self.shares[node]
            expect(
                share - fees <= gain <= share, f"{node.name} has {gain} sat of its {share} sat")


def close_without_htlcs(net, closer_name, opener_name):
    story = Story(net, closer_name, opener_name)
    story.close()
    story.finish()
    kind = story.salama.closed_channel(story.point)["close_type"]
    expect(kind == f"{'LOCAL' if closer_name == 'salama' else 'REMOTE'}_FORCE_CLOSE", kind)


@scenario("Electrum closes a channel of Salama's alone, and both get what is theirs", is_long=True)
def electrum_alone(net):
    close_without_htlcs(net, "electrum", "salama")


@scenario("Salama closes a channel of Electrum's alone, and both get what is theirs")
def salama_alone(net):
    close_without_htlcs(net, "salama", "electrum")


def close_with_htlcs(net, closer_name, opener_name, **options):
    """Two HTLCs each way: one is settled on the chain, the other expires."""
    story = Story(net, closer_name, opener_name, **options)
    electrum, salama = story.electrum, story.salama
    held = [
        story.hold(payer, payee, is_settled)
        for payer, payee in ((electrum, salama), (salama, electrum)) for is_settled in (True, False)]
    net.wait_for_htlcs(4, story.point, electrum, salama)
    story.close()
    count = 5 if options.get("test_ln_open_srk_channels") else 6
    expect(len(story.outputs()) == count, f"the commitment has {len(story.outputs())} outputs to claim")
    for payee, preimage, _ in held[0::2]:
        payee.settle(preimage)
    # Both preimages are on the chain before anything expires.
    for _, preimage, paying in held[0::2]:
        net.mine_until("the payer's preimage", lambda: paying.is_done, step=1, limit=12)
        expect(paying.result() == preimage, "the payer has another preimage")
    story.finish()
    for _, _, paying in held[1::2]:
        expect(paying.result() is None, "what expired was paid")


@scenario("Electrum closes alone with HTLCs both ways, which are settled on the chain or expire", is_long=True)
def electrum_with_htlcs(net):
    close_with_htlcs(net, "electrum", "electrum")


@scenario("Salama closes alone with HTLCs both ways, which are settled on the chain or expire")
def salama_with_htlcs(net):
    close_with_htlcs(net, "salama", "salama")


@scenario("Electrum closes a channel without anchors alone, with HTLCs both ways", is_long=True)
def electrum_without_anchors(net):
    close_with_htlcs(net, "electrum", "electrum", test_ln_open_srk_channels=True)


@scenario("Salama closes a channel without anchors alone, with HTLCs both ways", is_long=True)
def salama_without_anchors(net):
    close_with_htlcs(net, "salama", "electrum", test_ln_open_srk_channels=True)
