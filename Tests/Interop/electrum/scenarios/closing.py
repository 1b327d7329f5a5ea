"""Channels that both sides close together."""

from waiting import eventually, expect

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
