"""Channels that either side opens."""

from network import CAPACITY
from waiting import eventually, expect

from . import scenario


def open_and_pay(net, opener, peer, public):
    point = net.open(opener, peer, push=1_000_000, public=public)
    expect(opener.pay(peer.invoice(20_000)), "the opener cannot pay")
    expect(peer.pay(opener.invoice(10_000)), "the other side cannot pay")
    eventually("the balance", lambda: peer.local_balance(point) == 1_010_000)
    return point


def announce(net, opener, peer):
    open_and_pay(net, opener, peer, public=True)
    electrum, salama = (opener, peer) if opener.name == "electrum" else (peer, opener)
    electrum.hear_gossip_of(salama)
    for node in (opener, peer):
        # What Electrum says of the channel may come back to its other node with the news of a minute.
        eventually(f"the channel in {node.name}'s graph", lambda: node.knows_channels() == 1)


@scenario("Electrum opens a private channel to Salama, and both pay")
def private_by_electrum(net):
    electrum, salama = net.start("electrum", "salama")
    open_and_pay(net, electrum, salama, public=False)


@scenario("Salama opens a private channel to Electrum, and both pay")
def private_by_salama(net):
    electrum, salama = net.start("electrum", "salama")
    open_and_pay(net, salama, electrum, public=False)


@scenario("Electrum opens a public channel to Salama, and both find it in the graph")
def public_by_electrum(net):
    electrum, salama = net.start("electrum", "salama")
    announce(net, electrum, salama)


@scenario("Salama opens a public channel to Electrum, and both find it in the graph")
def public_by_salama(net):
    electrum, salama = net.start("electrum", "salama")
    announce(net, salama, electrum)


@scenario("Electrum opens a channel without anchors to Salama, and both pay")
def without_anchors(net):
    electrum, salama = net.start("electrum", "salama", options={"electrum": {"test_ln_open_srk_channels": True}})
    electrum.estimate_fees(20_000)
    point = open_and_pay(net, electrum, salama, public=False)
    kind = salama.channel(point)["commitment_type"]
    expect(kind == "STATIC_REMOTE_KEY", kind)


@scenario("Salama opens a channel to Electrum, which trusts it, and pays before a block has the funding")
def before_a_block(net):
    salama, = net.start("salama")
    electrum, = net.start("electrum", options={"electrum": {
        "open_zeroconf_channels": True, "zeroconf_trusted_node": salama.address, "lightning_forward_payments": False}})
    point = salama.open_channel(electrum, CAPACITY, zero_conf=True, scid_alias=True, commitment_type="ANCHORS")
    net.wait_until_open(point, electrum, salama)
    expect(salama.pay(electrum.invoice(200_000)), "Salama cannot pay")
    net.wait_for_htlcs(0, point, electrum, salama)
    # Electrum finds no way over channels without a place in the chain.
    net.mine_transaction(point.split(":")[0], 6)
    net.wait_until_open(point, electrum, salama)
    expect(electrum.pay(salama.invoice(5_000)), "Electrum cannot pay")
