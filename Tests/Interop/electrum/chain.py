"""The regtest chain: a bitcoind, and the Electrum server that reads it."""

import base64
import http.client
import json
import os
import socket

from processes import Process, free_port
from waiting import Failure, eventually

COIN = 100_000_000


class RPCError(Failure):
    """An error that a JSON-RPC server answers with."""

    def __init__(self, method, error):
        self.code = error.get("code")
        data = error.get("data") or {}
        super().__init__(f"{method}: {error.get('message')} {data.get('exception', '')}".strip())


def call_rpc(port, credentials, method, params, timeout=60, path="/"):
    """Calls a JSON-RPC server of this machine that wants basic authentication."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(
            "POST", path, json.dumps({"id": 0, "jsonrpc": "2.0", "method": method, "params": params}),
            {
                "Content-Type": "application/json",
                "Authorization": "Basic " + base64.b64encode(credentials.encode()).decode(),
            })
        body = connection.getresponse().read()
    finally:
        connection.close()
    try:
        answer = json.loads(body)
    except ValueError:
        raise Failure(f"{method}: answered {body[:200]!r}") from None
    if answer.get("error"):
        raise RPCError(method, answer["error"])
    return answer["result"]


def btc(satoshis):
    """An amount as programs that count in bitcoin read it."""
    return f"{satoshis // COIN}.{satoshis % COIN:08}"


class Chain:
    """A chain whose blocks are mined when a scenario says so."""

    def __init__(self, programs, folder):
        self.folder = folder
        os.makedirs(folder)
        self.rpc_port, self.electrum_port = free_port(), free_port()
        self.block_port, self.transaction_port = free_port(), free_port()
        self._bitcoind_command = [
            programs.bitcoind_script, "run", "--datadir", folder, f"-rpcport={self.rpc_port}", "-persistmempool=0",
            f"-zmqpubrawblock=tcp://127.0.0.1:{self.block_port}",
            f"-zmqpubrawtx=tcp://127.0.0.1:{self.transaction_port}"]
        self.cookie = folder + "/regtest/.cookie"
        self._bitcoind = self._start_bitcoind()
        eventually("bitcoind's answer", lambda: self._checked(self._bitcoind).call("getblockcount") == 0)
        self.call("createwallet", "faucet")
        self._faucet = self.call("getnewaddress")
        self.call("generatetoaddress", 110, self._faucet)
        self._server = self._start_server(programs)
        eventually("the Electrum server", lambda: self._checked(self._server) and self._server_is_up())

    def _start_bitcoind(self):
        return Process(self._bitcoind_command, self.folder + "/bitcoind.log")

    def lose_mempool(self):
        """Stops bitcoind, which does not write down what waits for a block, and starts it again."""
        self.call("stop")
        self._bitcoind.wait()
        self._bitcoind = self._start_bitcoind()
        eventually("bitcoind's answer", lambda: self._checked(self._bitcoind).call("getblockcount") > 0)
        self.call("loadwallet", "faucet")

    def _checked(self, process):
        process.check()
        return self

    def _start_server(self, programs):
        with open(self.cookie) as file:
            cookie = file.read().strip()
        os.makedirs(self.folder + "/electrumx")
        return Process([programs.electrum_server], self.folder + "/electrumx.log", {
            "COIN": "Bitcoin", "NET": "regtest", "DB_DIRECTORY": self.folder + "/electrumx",
            "DAEMON_URL": f"http://{cookie}@127.0.0.1:{self.rpc_port}",
            "SERVICES": f"tcp://127.0.0.1:{self.electrum_port}", "PEER_DISCOVERY": "off",
            "ALLOW_ROOT": "1", "CACHE_MB": "50", "COST_SOFT_LIMIT": "0", "COST_HARD_LIMIT": "0",
            "DAEMON_POLL_INTERVAL_BLOCKS": "100", "DAEMON_POLL_INTERVAL_MEMPOOL": "100",
        })

    def _server_is_up(self):
        with socket.create_connection(("127.0.0.1", self.electrum_port), timeout=1):
            return True

    def call(self, method, *params):
        with open(self.cookie) as file:
            return call_rpc(self.rpc_port, file.read().strip(), method, list(params))

    def fund(self, address, satoshis):
        """Pays from the faucet, and returns the transaction that pays."""
        return self.call("sendtoaddress", address, btc(satoshis))

    def mine(self, count=1):
        """Mines blocks; `Network.mine` waits for the nodes to see them, too."""
        self.call("generatetoaddress", count, self._faucet)

    def reorganize(self, depth, count, with_transactions=True):
        """Replaces the newest blocks by new ones: with what the old ones had, or empty."""
        self.call("invalidateblock", self.call("getblockhash", self.height - depth + 1))
        # To another address than before: the same block would be the same invalid one.
        address = self.call("getnewaddress")
        for _ in range(count):
            if with_transactions:
                self.call("generatetoaddress", 1, address)
            else:
                self.call("generateblock", address, [])

    def replace_tip(self, transaction):
        """Replaces the newest block by one that has this transaction alone, and mines another on it."""
        self.call("invalidateblock", self.tip)
        self.call("generateblock", self.call("getnewaddress"), [transaction])
        self.mine()

    def teach_fee_rate(self, satoshis_per_vbyte):
        """Sends payments that pay this rate, for an estimate: call it and mine until `estimated_fee_rate` has one."""
        for _ in range(8):
            self.call(
                "sendtoaddress", self._faucet, "0.1", "", "", False, True, None, "unset", False, satoshis_per_vbyte)

    def estimated_fee_rate(self):
        """In satoshi per virtual byte; None where bitcoind has seen too little."""
        rate = self.call("estimatesmartfee", 6).get("feerate")
        return rate and rate * COIN / 1_000

    def fee_rate(self, transaction, satoshis):
        """What a transaction of which the one input has these satoshi pays, in satoshi for 1,000 units of weight."""
        decoded = self.call("decoderawtransaction", transaction)
        fee = satoshis - sum(round(output["value"] * COIN) for output in decoded["vout"])
        return fee * 1_000 // decoded["weight"]

    def mempool(self):
        return self.call("getrawmempool")

    def transaction(self, txid):
        return self.call("getrawtransaction", txid, 1)

    def spender(self, outpoint):
        """The transaction that spends an output, in the mempool or in a block; None where there is none."""
        txid, index = outpoint.split(":")
        if self.call("gettxout", txid, int(index), True) is not None:
            return None
        found = self.call("gettxspendingprevout", [{"txid": txid, "vout": int(index)}])[0]
        if "spendingtxid" in found:
            return found["spendingtxid"]
        for height in range(self.height, 0, -1):
            block = self.call("getblock", self.call("getblockhash", height), 2)
            for transaction in block["tx"]:
                for spent in transaction["vin"]:
                    if spent.get("txid") == txid and spent.get("vout") == int(index):
                        return transaction["txid"]
        return None

    @property
    def height(self):
        return self.call("getblockcount")

    @property
    def tip(self):
        return self.call("getbestblockhash")

    def stop(self):
        self._server.kill()
        self._bitcoind.kill()
