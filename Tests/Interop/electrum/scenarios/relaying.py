"""Payments forwarded by Salama between two Electrums, one of whose channels is closed while they are on their way."""

from chain import COIN
from network import new_preimage
from waiting import eventually, expect

from . import scenario

CAPACITY, PUSHED, HTLC = 2_000_000, 900_000, 100_000


class Line:
    """Electrum, Salama, Electrum, with a payment from left to right that the right one holds."""

    def __init__(self, net):
        self.net = net
        self.left, self.salama, self.right = net.start("electrum-left", "salama", "electrum-right")
        self.incoming = net.open(self.left, self.salama, CAPACITY, push=PUSHED)
        self.outgoing = net.open(self.right, self.salama, CAPACITY, push=PUSHED)
        self.preimage, payment_hash = new_preimage()
        self.paying = self.left.pay_in_background(self.right.hold_invoice(payment_hash, HTLC))
        eventually("the payment held", lambda: self.right.holds(payment_hash))
        net.wait_for_htlcs(1, self.incoming, self.left, self.salama)
        # With Salama's fee, and without it.
        self.amounts = {
            point: int(self.salama.channel(point)["pending_htlcs"][0]["amount"])
            for point in (self.incoming, self.outgoing)}

    def close(self, node, point):
        """Lets a node close alone, and returns the output that the payment has then."""
        node.close_channel(point, force=True)
        txid = eventually("the commitment", lambda: self.net.chain.spender(point))
        self.net.mine_transaction(txid)
        outputs = self.net.chain.transaction(txid)["vout"]
        return next(f"{txid}:{o['n']}" for o in outputs if round(o["value"] * COIN) == self.amounts[point])


@scenario("Salama learns from the chain that a forwarded payment has arrived, and is paid for it")
def preimage_on_chain(net):
    line = Line(net)
    before = line.salama.local_balance(line.incoming)
    line.close(line.right, line.outgoing)
    line.right.settle(line.preimage)
    net.mine_until("the payer's preimage", lambda: line.paying.is_done, step=1, limit=12)
    expect(line.paying.result() == line.preimage, "the payer has another preimage")
    net.wait_for_htlcs(0, line.incoming, line.left, line.salama)
    expect(line.salama.local_balance(line.incoming) >= before + HTLC, "Salama was not paid")
    expect(line.left.is_open(line.incoming), "the other channel did not survive")


@scenario("Salama takes back on the chain what it has forwarded in vain, and gives it back over the other channel", is_long=True)
def timeout_on_chain(net):
    line = Line(net)
    before = line.salama.local_balance(line.incoming)
    output = line.close(line.salama, line.outgoing)
    net.mine_until("the payer's failure", lambda: line.paying.is_done, step=24, limit=480)
    expect(line.paying.result() is None, "what expired was paid")
    expect(net.chain.spender(output), "Salama has not taken back what it offered")
    net.wait_for_htlcs(0, line.incoming, line.left, line.salama)
    expect(line.salama.local_balance(line.incoming) == before, "Salama kept what it did not forward")
    expect(line.left.is_open(line.incoming), "the other channel did not survive")


@scenario("Salama claims on the chain with the preimage that comes from the next node")
def claim_on_chain(net):
    line = Line(net)
    output = line.close(line.left, line.incoming)
    line.right.settle(line.preimage)
    claim = eventually("Salama's claim", lambda: net.chain.spender(output))
    net.mine_transaction(claim)
    witnesses = [w for i in net.chain.transaction(claim)["vin"] for w in i["txinwitness"]]
    expect(line.preimage in witnesses, "the claim does not show the preimage")
    net.mine_until("the payer's preimage", lambda: line.paying.is_done, step=1, limit=12)
    expect(line.paying.result() == line.preimage, "the payer has another preimage")
    net.wait_for_htlcs(0, line.outgoing, line.right, line.salama)
