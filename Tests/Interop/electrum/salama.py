"""Salama, asked over its REST interface."""

import base64
import hashlib
import http.client
import json
import os
import ssl

from processes import Process, free_port
from waiting import Background, Failure, eventually

PASSWORD = "correct horse battery"


class Refusal(Failure):
    """An error that the interface answers with."""

    def __init__(self, call, message):
        self.message = message
        super().__init__(f"{call}: {message}")


class PaymentFailure(Failure):
    """A payment that ended without a preimage."""

    def __init__(self, reason):
        self.reason = reason
        super().__init__(f"the payment failed: {reason}")


def base64_of(hexadecimal):
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()


def hex_of(text):
    return base64.b64decode(text).hex()


class Salama:
    """One node. It keeps its folder, so that it can be started again on what it knew."""

    def __init__(self, programs, chain, folder, name, options=()):
        self.name, self.chain, self.folder = name, chain, folder
        self._programs, self._options = programs, list(options)
        self.port = free_port()
        os.makedirs(folder)
        with open(folder + "/password", "w") as file:
            file.write(PASSWORD + "\n")
        self._address_file = folder + "/data/chain/bitcoin/regtest/rest.address"
        self.launch()

    def launch(self):
        """Starts the node without waiting for it: `wait_until_ready` does."""
        if os.path.exists(self._address_file):
            os.unlink(self._address_file)
        self._process = Process(
            [self._programs.salama, "start", "--datadir", self.folder, "--network", "regtest",
             "--restlisten", "127.0.0.1:0", "--bitcoind.rpchost", f"127.0.0.1:{self.chain.rpc_port}",
             "--bitcoind.rpccookie", self.chain.cookie,
             "--bitcoind.zmqpubrawblock", f"tcp://127.0.0.1:{self.chain.block_port}",
             "--bitcoind.zmqpubrawtx", f"tcp://127.0.0.1:{self.chain.transaction_port}", "--alias", self.name, "--nobootstrap",
             "--wallet-unlock-password-file", self.folder + "/password", "--accept-keysend",
             "--listen", f"127.0.0.1:{self.port}", "--dev-reconnect", "2s", "--debuglevel", "debug",
             *self._options],
            f"{self.folder}/{self.name}.log")

    def wait_until_ready(self):
        eventually(f"{self.name}'s interface", self._is_listening)
        with open(self._address_file) as file:
            self._rest_port = int(file.readline().rsplit(":", 1)[1])
        self._macaroon = None
        if self.get("/v1/state")["state"] == "NON_EXISTING":
            self.post(
                "/v1/initwallet", wallet_password=base64.b64encode(PASSWORD.encode()).decode(),
                cipher_seed_mnemonic=self.get("/v1/genseed")["cipher_seed_mnemonic"])
        eventually(f"{self.name}'s wallet", lambda: self.get("/v1/state")["state"] == "SERVER_ACTIVE")
        with open(self.folder + "/data/chain/bitcoin/regtest/admin.macaroon", "rb") as file:
            self._macaroon = file.read().hex()
        self.key = self.get("/v1/getinfo")["identity_pubkey"]
        self.wait_for_tip()

    def _is_listening(self):
        self._process.check()
        return os.path.exists(self._address_file)

    def stop(self):
        self._process.stop()

    def kill(self):
        self._process.kill()

    # The interface

    def _request(self, method, path, body, timeout):
        trust = ssl.create_default_context(cafile=self.folder + "/tls.cert")
        connection = http.client.HTTPSConnection(
            "localhost", self._rest_port, timeout=timeout, context=trust)
        headers = {"Grpc-Metadata-macaroon": self._macaroon} if self._macaroon else {}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        return connection, connection.getresponse()

    def _answer(self, method, path, body=None, timeout=60):
        connection, response = self._request(method, path, body, timeout)
        try:
            answer = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise Refusal(f"{method} {path}", answer.get("message", answer))
        return answer

    def get(self, path):
        return self._answer("GET", path)

    def post(self, path, **body):
        return self._answer("POST", path, body)

    def delete(self, path):
        return self._answer("DELETE", path)

    def events(self, method, path, body=None, timeout=120):
        """The results of a call that streams them."""
        connection, response = self._request(method, path, body, timeout)
        try:
            for line in response:
                event = json.loads(line)
                if "result" not in event:
                    error = event.get("error", event)
                    raise Refusal(f"{method} {path}", error.get("message", error))
                yield event["result"]
        finally:
            connection.close()

    def wait_for_tip(self):
        def is_there():
            info = self.get("/v1/getinfo")
            return info["block_hash"] == self.chain.tip and info["synced_to_chain"]
        eventually(f"{self.name} at the tip", is_there)

    # Coins

    def new_address(self):
        return self.get("/v1/newaddress?type=4")["address"]

    def balance(self):
        """Confirmed and unconfirmed coins, in satoshi."""
        return int(self.get("/v1/balance/blockchain")["total_balance"])

    # Peers and channels

    @property
    def address(self):
        return f"{self.key}@127.0.0.1:{self.port}"

    def connect(self, peer):
        try:
            self.post("/v1/peers", addr={"pubkey": peer.key, "host": f"127.0.0.1:{peer.port}"})
        except Refusal as refusal:
            if not refusal.message.startswith("already connected"):
                raise

    def disconnect(self, peer):
        self.delete(f"/v1/peers/{peer.key}")

    def is_connected(self, peer):
        return any(p["pub_key"] == peer.key for p in self.get("/v1/peers")["peers"])

    def open_channel(self, peer, satoshis, push=0, public=False, **fields):
        """Returns the funding output as txid:index."""
        self.connect(peer)
        answer = self.post(
            "/v1/channels", node_pubkey_string=peer.key, local_funding_amount=str(satoshis),
            push_sat=str(push), private=not public, sat_per_vbyte="2", **fields)
        txid = bytes.fromhex(hex_of(answer["funding_txid_bytes"]))[::-1].hex()
        return f"{txid}:{answer['output_index']}"

    def channel(self, point):
        channels = self.get("/v1/channels")["channels"]
        return next((c for c in channels if c["channel_point"] == point), None)

    def is_open(self, point):
        channel = self.channel(point)
        return channel and channel["active"]

    def local_balance(self, point):
        return int(self.channel(point)["local_balance"])

    def pending_htlcs(self, point):
        return len(self.channel(point)["pending_htlcs"])

    def close_channel(self, point, force=False):
        """Returns the closing transaction once it is signed."""
        path = f"/v1/channels/{point.replace(':', '/')}?force={str(force).lower()}"
        if not force:
            path += "&sat_per_vbyte=2&no_wait=true"
        for event in self.events("DELETE", path):
            if "close_pending" in event:
                return bytes.fromhex(hex_of(event["close_pending"]["txid"]))[::-1].hex()
        raise Failure("the close ended without a transaction")

    def closed_channel(self, point):
        channels = self.get("/v1/channels/closed")["channels"]
        return next((c for c in channels if c["channel_point"] == point), None)

    def knows_channels(self):
        """How many channels its graph has."""
        return self.get("/v1/graph/info")["num_channels"]

    # Payments

    def invoice(self, satoshis, expiry=3600):
        return self.post(
            "/v1/invoices", value=str(satoshis), memo="interop", expiry=str(expiry),
            private=True)["payment_request"]

    def hold_invoice(self, payment_hash, satoshis):
        return self.post(
            "/v2/invoices/hodl", hash=base64_of(payment_hash), value=str(satoshis),
            private=True)["payment_request"]

    def settle(self, preimage):
        self.post("/v2/invoices/settle", preimage=base64_of(preimage))

    def cancel(self, payment_hash):
        self.post("/v2/invoices/cancel", payment_hash=base64_of(payment_hash))

    def holds(self, payment_hash):
        return self.get(f"/v1/invoice/{payment_hash}")["state"] == "ACCEPTED"

    def send(self, **request):
        """Pays, and returns the payment as the interface tells of it at its end."""
        request.setdefault("fee_limit_sat", "10000")
        request.setdefault("timeout_seconds", 60)
        payment = None
        for payment in self.events("POST", "/v2/router/send", request):
            pass
        if payment is None or payment["status"] != "SUCCEEDED":
            raise PaymentFailure(payment and payment["failure_reason"])
        return payment

    def pay(self, invoice, **request):
        """Returns the preimage; None where the payment fails."""
        try:
            return self.send(payment_request=invoice, **request)["payment_preimage"]
        except PaymentFailure:
            return None

    def pay_in_background(self, invoice):
        return Background(lambda: self.pay(invoice))

    def keysend(self, peer, satoshis):
        preimage = os.urandom(32)
        return self.send(
            dest=base64_of(peer.key), amt=str(satoshis),
            payment_hash=base64.b64encode(hashlib.sha256(preimage).digest()).decode(),
            dest_custom_records={"5482373484": base64.b64encode(preimage).decode()})
