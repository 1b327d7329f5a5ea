"""The processes under test: a regtest chain and nodes on it, and how they are asked what they think."""

import base64
import ctypes
import http.client
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import threading
import time

# How long anything may take, in seconds: the machine may be busy with other tests.
PATIENCE = 60


class WorldError(Exception):
    """What has to be there for any case to run is not."""


def eventually(what, condition, patience=PATIENCE, error=WorldError):
    """Waits for a condition to give something true, and gives it."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise error(f"{what} did not happen within {patience} s")
        time.sleep(0.01)


def die_with_parent():
    """Has the kernel end a child where the driver is killed before it can do so itself."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


class Process:
    """A program that runs until the world ends."""

    def __init__(self, arguments, log):
        self.log = log
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                arguments, stdout=output, stderr=output, stdin=subprocess.DEVNULL, preexec_fn=die_with_parent)

    def said(self):
        return pathlib.Path(self.log).read_text("utf-8", "replace")

    def demand_running(self):
        if self.process.poll() is not None:
            raise WorldError(f"the program ended with {self.process.returncode}: {self.said()[-2000:]}")

    def end(self):
        self.process.kill()
        self.process.wait()


class Calls:
    """HTTP calls with JSON on both sides, over one kept connection for each thread."""

    def __init__(self, port, context=None, headers=None):
        self.port, self.context, self.headers = port, context, headers or {}
        self.local = threading.local()

    def _connection(self):
        kept = getattr(self.local, "connection", None)
        if kept is None:
            kind = http.client.HTTPSConnection if self.context else http.client.HTTPConnection
            more = {"context": self.context} if self.context else {}
            kept = self.local.connection = kind("127.0.0.1", self.port, timeout=120, **more)
        return kept

    def exchange(self, method, path, body=None):
        """The status and the text of the answer."""
        text = None if body is None else json.dumps(body)
        for last in (False, True):
            connection = self._connection()
            try:
                connection.request(method, path, text, self.headers)
                answer = connection.getresponse()
                return answer.status, answer.read().decode()
            except (http.client.HTTPException, ConnectionError):
                # A connection that was kept may be over when it is used again.
                self.local.connection = None
                if last:
                    raise


class Chain:
    """`salama chain`: a regtest network with bitcoind's interface."""

    def __init__(self, program, folder):
        self.process = Process(
            [program, "chain", "--datadir", folder, "--rpcport", "0", "--ephemeral", "--seed", "7"],
            folder + ".log")
        self.cookie = folder + "/regtest/.cookie"
        found = eventually("the chain's start", self._port)
        self.port = int(found.group(1))
        token = base64.b64encode(pathlib.Path(self.cookie).read_bytes()).decode()
        self.calls = Calls(self.port, headers={"Authorization": "Basic " + token})
        self.lock = threading.RLock()

    def _port(self):
        self.process.demand_running()
        found = re.search(r"^JSON-RPC on [^,\n]*:(\d+)", self.process.said(), re.M)
        return found if found and os.path.exists(self.cookie) else None

    def call(self, method, *parameters):
        """The result of a call; raises WorldError with what the chain says against it."""
        _, text = self.calls.exchange("POST", "/", {"id": 1, "method": method, "params": parameters})
        answer = json.loads(text)
        if answer.get("error"):
            raise WorldError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def knows(self, txid):
        """Whether a transaction is in the mempool."""
        return txid in self.call("getrawmempool")

    def mine(self, count=1, address="bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"):
        return self.call("generatetoaddress", count, address)


class Node:
    """`salama start` on the chain."""

    PASSWORD = "conformance"

    def __init__(self, program, folder, chain, options=()):
        self.folder, self.chain = folder, chain
        os.makedirs(folder)
        password = folder + "/password"
        pathlib.Path(password).write_text(self.PASSWORD + "\n", "utf-8")
        self.process = Process(
            [program, "start", "--datadir", folder, "--network", "regtest", "--listen", "127.0.0.1:0",
             "--restlisten", "127.0.0.1:0", "--bitcoind.rpchost", f"127.0.0.1:{chain.port}",
             "--bitcoind.rpccookie", chain.cookie, "--wallet-unlock-password-file", password,
             "--nobootstrap", "--alias", "under-test", *options],
            folder + ".log")
        self.data = folder + "/data/chain/bitcoin/regtest"
        rest = self._port_in("rest.address")
        context = ssl.create_default_context(cafile=folder + "/tls.cert")
        opener = Calls(rest, context)
        if self._state(opener) == "NON_EXISTING":
            seed = json.loads(opener.exchange("GET", "/v1/genseed")[1])
            opener.exchange("POST", "/v1/initwallet", {
                "wallet_password": base64.b64encode(self.PASSWORD.encode()).decode(),
                "cipher_seed_mnemonic": seed["cipher_seed_mnemonic"]})
        eventually("the node's start", lambda: self._state(opener) == "SERVER_ACTIVE")
        macaroon = pathlib.Path(self.data + "/admin.macaroon").read_bytes().hex()
        self.calls = Calls(rest, context, {"Grpc-Metadata-macaroon": macaroon})
        self.port = self._port_in("peer.address")
        self.id = bytes.fromhex(self.get("/v1/getinfo")["identity_pubkey"])

    def _port_in(self, name):
        path = f"{self.data}/{name}"

        def look():
            self.process.demand_running()
            return os.path.exists(path) and re.search(r":(\d+)\s*$", pathlib.Path(path).read_text(), re.M)
        return int(eventually(f"the node's {name}", look).group(1))

    @staticmethod
    def _state(calls):
        return json.loads(calls.exchange("GET", "/v1/state")[1])["state"]

    def call(self, method, path, body=None):
        """The answer; raises WorldError where it is a refusal."""
        status, text = self.calls.exchange(method, path, body)
        answer = json.loads(text.strip().split("\n")[-1])
        if status >= 400 or "error" in answer:
            raise WorldError(f"{method} {path}: {text[:500]}")
        return answer

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body):
        return self.call("POST", path, body)

    def synchronise(self):
        """Waits until the node has taken the chain's tip."""
        def at_tip():
            info = self.get("/v1/getinfo")
            return info["block_hash"] == self.chain.call("getbestblockhash") and info["synced_to_chain"]
        eventually("the tip", at_tip)

    def connected(self, peer_id):
        """Whether a peer is connected."""
        return any(peer["pub_key"] == peer_id.hex() for peer in self.get("/v1/peers")["peers"])

    def channel(self, peer_id):
        """How the node lists its channel with a peer: 'open', 'closed', or one of the kinds of pending ones, and the entry."""
        # One that moves from list to list meanwhile is found the second time.
        for _ in range(2):
            kind, entry = self._listed(peer_id)
            if kind:
                return kind, entry
        return None, None

    def _listed(self, peer_id):
        for entry in self.get("/v1/channels")["channels"]:
            if entry["remote_pubkey"] == peer_id.hex():
                return "open", entry
        pending = self.get("/v1/channels/pending")
        for kind, entries in pending.items():
            if isinstance(entries, list):
                for entry in entries:
                    if entry["channel"]["remote_node_pub"] == peer_id.hex():
                        return kind, entry
        for entry in self.get("/v1/channels/closed")["channels"]:
            if entry["remote_pubkey"] == peer_id.hex():
                return "closed", entry
        return None, None
