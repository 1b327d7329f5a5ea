"""Blocks that are replaced: nothing that was in them may be taken for granted, and nothing may be lost."""

from network import CAPACITY
from waiting import eventually, expect

from . import scenario
from .forcing import Story

# More than any closing transaction here costs.
FEE = 30_000


def open_over_a_reorganization(net, opener_name, with_transactions):
    electrum, salama = net.start("electrum", "salama")
    opener, peer = (electrum, salama) if opener_name == "electrum" else (salama, electrum)
    point = opener.open_channel(peer, CAPACITY, push=1_000_000)
    txid = point.split(":")[0]
    net.mine_transaction(txid)
    net.reorganize(1, 2, with_transactions)
    net.mine_transaction(txid, 6) if not with_transactions else net.mine(6)
    net.wait_until_open(point, electrum, salama)
    expect(opener.pay(peer.invoice(20_000)), "the opener cannot pay")
    expect(peer.pay(opener.invoice(10_000)), "the other side cannot pay")


@scenario("the block with the funding of Electrum's channel is replaced by one that has it too")
def funding_of_electrum(net):
    open_over_a_reorganization(net, "electrum", with_transactions=True)


@scenario("the block with the funding of Salama's channel is replaced by empty ones, and a later one has it")
def funding_of_salama(net):
    open_over_a_reorganization(net, "salama", with_transactions=False)


@scenario("the block with a common close is replaced by empty ones, and a later one has it")
def common_close(net):
    electrum, salama = net.start("electrum", "salama")
    point = net.open(salama, electrum, push=2_000_000)
    before = {node: node.balance() for node in (electrum, salama)}
    txid = salama.close_channel(point)
    net.mine_transaction(txid)
    eventually("the end at Salama", lambda: salama.closed_channel(point))
    net.reorganize(1, 2, with_transactions=False)
    net.mine_transaction(txid, 6)
    for node, share in ((salama, 3_000_000), (electrum, 2_000_000)):
        eventually(
            f"{node.name}'s share", lambda: before[node] + share - FEE <= node.balance() <= before[node] + share)
    expect(
        salama.closed_channel(point)["close_type"] == "COOPERATIVE_CLOSE",
        salama.closed_channel(point)["close_type"])


@scenario("the block with Salama's commitment is replaced by one with Electrum's, and both get what is theirs")
def other_commitment(net):
    story = Story(net, "salama", "electrum")
    others = story.electrum.commitment(story.point)
    story.close()
    net.chain.replace_tip(others)
    net.mine()
    story.commitment = net.chain.spender(story.point)
    expect(story.commitment == net.chain.call("decoderawtransaction", others)["txid"], "another commitment is in the chain")
    story.finish()
    kind = story.salama.closed_channel(story.point)["close_type"]
    expect(kind == "REMOTE_FORCE_CLOSE", kind)


@scenario("bitcoind is restarted and forgets a commitment, which Salama offers again before a block comes", spoils_chain=True)
def forgotten_commitment(net):
    left, right = net.start("salama-left", "salama-right")
    point = net.open(left, right, push=2_000_000)
    txid = left.close_channel(point, force=True)
    net.wait_for_transaction(txid)
    net.chain.lose_mempool()
    net.mine_transaction(txid)
    eventually("the close at the other side", lambda: right.channel(point) is None)
