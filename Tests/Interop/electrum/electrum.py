"""Electrum as a Lightning node: a daemon with one wallet, asked over its JSON-RPC."""

import json
import os

from chain import COIN, RPCError, btc, call_rpc
from processes import Process, free_port
from waiting import Background, eventually

CREDENTIALS = "interop:interop"


class Electrum:
    """One daemon. It keeps its folder, so that it can be started again on what it knew."""

    def __init__(self, programs, chain, folder, name, **options):
        self.name, self.chain, self.folder = name, chain, folder
        self._programs = programs
        self._rpc_port, self.port = free_port(), free_port()
        os.makedirs(folder + "/regtest")
        with open(folder + "/regtest/config", "w") as file:
            json.dump(self._configuration(options), file)
        self.launch()

    def _configuration(self, options):
        user, password = CREDENTIALS.split(":")
        return {
            "config_version": 3, "rpcuser": user, "rpcpassword": password, "rpcsock": "tcp",
            "rpchost": "127.0.0.1", "rpcport": self._rpc_port, "check_updates": False,
            "server": f"127.0.0.1:{self.chain.electrum_port}:t", "oneserver": True,
            "auto_connect": False, "lightning_listen": f"127.0.0.1:{self.port}",
            "lightning_node_alias": self.name, "lightning_forward_payments": True,
            # Without gossip it finds routes through trampolines alone.
            "use_gossip": True,
            # With recoverable channels, nobody may open one to it.
            "use_recoverable_channels": False,
            "lightning_to_self_delay": 10,
            # What it would ask for at a closing of 150 sat/vB is more than anybody grants.
            "test_shutdown_fee": 300,
            "test_shutdown_fee_range": {"min_fee_satoshis": 1, "max_fee_satoshis": 100_000},
            **options,
        }

    def launch(self):
        """Starts the daemon without waiting for it: `wait_until_ready` does."""
        self._process = Process(
            [self._programs.electrum, "daemon", "--regtest", "--dir", self.folder, "-v"],
            f"{self.folder}/{self.name}.log", {"HOME": self.folder})

    def wait_until_ready(self):
        eventually(f"{self.name}'s answer", self._answers)
        if not os.path.exists(self.folder + "/regtest/wallets/default_wallet"):
            self.call("create")
        self.call("load_wallet")
        self.key = self.call("nodeid").split("@")[0]
        self.wait_for_tip()

    def _answers(self):
        self._process.check()
        return self.call("ping")

    def call(self, method, timeout=60, **params):
        return call_rpc(self._rpc_port, CREDENTIALS, method, params, timeout)

    def stop(self):
        """Stops it as its users do: a signal would end it without a last save of its wallet."""
        self.call("stop")
        self._process.wait()

    def kill(self):
        self._process.kill()

    def wait_for_tip(self):
        height = self.chain.height
        eventually(f"{self.name} at block {height}", lambda: self._is_at(height))

    def _is_at(self, height):
        info = self.call("getinfo")
        return info["connected"] and info["blockchain_height"] >= height and self.call("is_synchronized")

    # Coins

    def new_address(self):
        return self.call("createnewaddress")

    def balance(self):
        """Confirmed and unconfirmed coins, in satoshi."""
        answer = self.call("getbalance")
        return sum(
            round(float(answer.get(kind, 0)) * COIN)
            for kind in ("confirmed", "unconfirmed", "unmatured"))

    def estimate_fees(self, satoshis_per_kvbyte):
        """Gives it an estimate for all targets, in place of its server's or of what it takes for want of one."""
        self.call("setconfig", key="test_disable_automatic_fee_eta_update", value=True)
        estimates = {target: satoshis_per_kvbyte for target in (2, 5, 10, 25, 144, 1008)}
        self.call("test_inject_fee_etas", fee_est=str(estimates))

    # Peers and channels

    @property
    def address(self):
        return f"{self.key}@127.0.0.1:{self.port}"

    def connect(self, peer):
        self.call("add_peer", connection_string=peer.address)

    def try_to_connect(self, peer):
        """Connects to a peer that may leave at once."""
        try:
            self.connect(peer)
        except RPCError:
            pass

    def hear_gossip_of(self, peer):
        """Connects the other node of this daemon, which has no channels and collects gossip."""
        self.call("add_peer", connection_string=peer.address, gossip=True)

    def is_connected(self, peer):
        return any(p["node_id"] == peer.key and p["initialized"] for p in self.call("list_peers"))

    def open_channel(self, peer, satoshis, push=0, public=False):
        """Returns the funding output as txid:index."""
        return self.call(
            "open_channel", connection_string=peer.address, amount=btc(satoshis),
            push_amount=btc(push), public=public)

    def channel(self, point):
        return next((c for c in self.call("list_channels") if c["channel_point"] == point), None)

    def is_open(self, point):
        channel = self.channel(point)
        return channel and channel["state"] == "OPEN" and channel["peer_state"] == "GOOD"

    def local_balance(self, point):
        return self.channel(point)["local_balance"]

    def pending_htlcs(self, point):
        return len(self.call("list_channel_htlcs", channel_point=point)["inflight"])

    def close_channel(self, point, force=False):
        return self.call("close_channel", channel_point=point, force=force)

    def commitment(self, point):
        """Its present commitment transaction, signed by both."""
        return self.call("get_channel_ctx", channel_point=point, iknowwhatimdoing=True)

    def knows_channels(self):
        """How many channels its graph has, with the terms of both sides."""
        database = self.call("gossip_info")["database"]
        return min(database["channels"], database["channel_policies"] // 2)

    # Payments

    def invoice(self, satoshis, expiry=3600):
        return self.call(
            "add_request", amount=btc(satoshis), memo="interop", expiry=expiry,
            lightning=True)["lightning_invoice"]

    def hold_invoice(self, payment_hash, satoshis):
        return self.call("add_hold_invoice", payment_hash=payment_hash, amount=btc(satoshis))["invoice"]

    def settle(self, preimage):
        self.call("settle_hold_invoice", preimage=preimage)

    def cancel(self, payment_hash):
        self.call("cancel_hold_invoice", payment_hash=payment_hash)

    def holds(self, payment_hash):
        return self.call("check_hold_invoice", payment_hash=payment_hash)["status"] == "paid"

    def pay(self, invoice):
        """Returns the preimage; None where the payment fails. What is on its way may take long."""
        return self.call("lnpay", timeout=600, invoice=invoice)["preimage"]

    def pay_in_background(self, invoice):
        return Background(lambda: self.pay(invoice))
