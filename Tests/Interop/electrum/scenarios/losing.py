"""Nodes that have lost their latest state, and ask the other side to close."""

from waiting import eventually, expect

from . import scenario
from .cheating import spendable_outputs

CAPACITY, PUSHED, PAID = 2_000_000, 900_000, 300_000
FEES_OF_SALAMA, FEES_OF_ELECTRUM = 40_000, 150_000


def finish(net, point, electrum, salama, before):
    """Both have their shares after a payment of Electrum, which opened the channel."""
    net.mine_until("the end at Salama", lambda: salama.closed_channel(point), step=120, limit=720)
    net.mine_until("the end at Electrum", lambda: electrum.channel(point)["state"] == "REDEEMED", step=120, limit=720)
    outputs = spendable_outputs(net, net.chain.spender(point))
    expect(all(map(net.chain.spender, outputs)), "an output is left")
    for node, share, fees in (
        (salama, PUSHED + PAID, FEES_OF_SALAMA),
        (electrum, CAPACITY - PUSHED - PAID, FEES_OF_ELECTRUM),
    ):
        gain = node.balance() - before[node]
        expect(share - fees <= gain <= share, f"{node.name} has {gain} sat of its {share} sat")


def lose_data(net, loser_name):
    """Puts a node back to what it knew before a payment, and lets it meet the other again."""
    electrum, salama = net.start("electrum", "salama")
    loser = {"electrum": electrum, "salama": salama}[loser_name]
    point = net.open(electrum, salama, CAPACITY, push=PUSHED)
    before = {node: node.balance() for node in (electrum, salama)}
    loser.stop()
    net.save(loser)
    net.restart(loser)
    net.reconnect(electrum, salama)
    net.wait_until_open(point, electrum, salama)
    expect(electrum.pay(salama.invoice(PAID)), "no payment after the old state")
    net.wait_for_htlcs(0, point, electrum, salama)
    loser.stop()
    net.put_back(loser)
    net.restart(loser)
    electrum.try_to_connect(salama)
    if loser is electrum:
        # It hears that it is behind before it has told where it stands, and leaves it to its user to ask for the close.
        eventually("Electrum's insight", lambda: electrum.channel(point)["state"] == "WE_ARE_TOXIC")
        electrum.call("request_force_close", channel_point=point)
    txid = eventually("the other's commitment", lambda: net.chain.spender(point))
    net.mine_transaction(txid)
    finish(net, point, electrum, salama, before)


@scenario("Salama has lost its latest state, says so, and gets its latest share when Electrum closes", is_long=True)
def salama_lost_data(net):
    lose_data(net, "salama")


@scenario("Electrum has lost its latest state, and Salama closes so that both have their latest shares", is_long=True)
def electrum_lost_data(net):
    lose_data(net, "electrum")


@scenario("Electrum asks Salama to close alone, and Salama does")
def electrum_asks(net):
    electrum, salama = net.start("electrum", "salama")
    point = net.open(electrum, salama, CAPACITY, push=PUSHED)
    before = {node: node.balance() for node in (electrum, salama)}
    expect(electrum.pay(salama.invoice(PAID)), "no payment before the close")
    net.wait_for_htlcs(0, point, electrum, salama)
    electrum.call("request_force_close", channel_point=point)
    txid = eventually("Salama's commitment", lambda: net.chain.spender(point))
    net.mine_transaction(txid)
    finish(net, point, electrum, salama, before)
    kind = salama.closed_channel(point)["close_type"]
    expect(kind == "LOCAL_FORCE_CLOSE", kind)
