"""Channels that both sides close together."""

from network import new_preimage
from waiting import Background, eventually, expect

from . import scenario

# More than any closing transaction here costs.
FEE = 30_000


def close(net, closer_name, opener_name):
    electrum, salama = net.start("electrum", "salama")
    nodes = {"electrum": electrum, "salama": salama}
    opener = nodes[opener_name]
    other = salama if opener is electrum else electrum
    point = net.open(opener, other, push=2_000_000)
    expect(opener.pay(other.invoice(100_000)), "no payment before the close")
    net.wait_for_htlcs(0, point, electrum, salama)
    balances = {node: node.balance() for node in nodes.values()}
    txid = nodes[closer_name].close_channel(point)
    net.mine_transaction(txid)
    expect(net.chain.spender(point) == txid, "the funding is spent by another transaction")
    for node, share in ((opener, 2_900_000), (other, 2_100_000)):
        eventually(
            f"{node.name}'s share",
            lambda: balances[node] + share - FEE <= node.balance() <= balances[node] + share)
    eventually("the end at Salama", lambda: salama.closed_channel(point))
    expect(
        salama.closed_channel(point)["close_type"] == "COOPERATIVE_CLOSE",
        salama.closed_channel(point)["close_type"])


@scenario("Electrum closes a channel that it opened, and both have their shares")
def electrum_closes_its_own(net):
    close(net, "electrum", "electrum")


@scenario("Electrum closes a channel that Salama opened")
def electrum_closes_salamas(net):
    close(net, "electrum", "salama")


@scenario("Salama closes a channel that it opened")
def salama_closes_its_own(net):
    close(net, "salama", "salama")


@scenario("Salama closes a channel that Electrum opened")
def salama_closes_electrums(net):
    close(net, "salama", "electrum")


def close_with_htlc(net, closer_name):
    """A payment that is held when one side says `shutdown` is settled first."""
    electrum, salama = net.start("electrum", "salama")
    point = net.open(electrum, salama, push=2_000_000)
    for_electrum, for_salama = new_preimage(), new_preimage()
    paying = [
        salama.pay_in_background(electrum.hold_invoice(for_electrum[1], 100_000)),
        electrum.pay_in_background(salama.hold_invoice(for_salama[1], 50_000))]
    for node, (_, payment_hash) in ((electrum, for_electrum), (salama, for_salama)):
        eventually("the payment held", lambda: node.holds(payment_hash))
    net.wait_for_htlcs(2, point, electrum, salama)
    before = {node: node.balance() for node in (electrum, salama)}
    closer = {"electrum": electrum, "salama": salama}[closer_name]
    closing = Background(lambda: closer.close_channel(point))
    eventually("the shutdown", lambda: electrum.channel(point)["state"] == "SHUTDOWN")
    electrum.settle(for_electrum[0])
    salama.settle(for_salama[0])
    expect([p.result() for p in paying] == [for_electrum[0], for_salama[0]], "the payers have other preimages")
    txid = eventually("the closing transaction", lambda: net.chain.spender(point))
    net.mine_transaction(txid)
    expect(closing.result() == txid, "the close ended with another transaction")
    for node, share in ((electrum, 3_050_000), (salama, 1_950_000)):
        eventually(
            f"{node.name}'s share",
            lambda: before[node] + share - FEE <= node.balance() <= before[node] + share)


@scenario("Electrum closes while payments are held both ways, and the close waits for them")
def electrum_closes_with_htlcs(net):
    close_with_htlc(net, "electrum")


@scenario("Salama closes while payments are held both ways, and the close waits for them")
def salama_closes_with_htlcs(net):
    close_with_htlc(net, "salama")
