"""Coins: everything that the cases need on the chain is made of few transactions."""

import threading

from .bitcoin import Input, Output, Transaction, compact_to_der, p2wpkh, public, sha256, sign
from .wire import Failed


def address_script(chain, address):
    return bytes.fromhex(chain.call("validateaddress", address)["scriptPubKey"])


class Bank:
    """Owns mined coins, and pays outputs of any script with them."""

    FEE = 50_000

    def __init__(self, chain):
        self.chain, self.lock = chain, threading.Lock()
        self.secret = sha256(b"bank")
        self.script = p2wpkh(public(self.secret))
        self.coins = []
        hashes = chain.mine(120, bech32(self.script))
        for block in hashes[:20]:
            txid = chain.call("getblock", block)["tx"][0]
            self.coins.append((bytes.fromhex(txid)[::-1], 0, 50 * 100_000_000))

    def transaction(self, outputs):
        """A signed transaction with the outputs first, in the order given, and change."""
        with self.lock:
            txid, index, amount = self.coins.pop(0)
            change = amount - sum(output.amount for output in outputs) - self.FEE
            if change < 100_000:
                raise Failed("the bank is out of coins")
            transaction = Transaction([Input(txid, index)], [*outputs, Output(change, self.script)])
            code = b"\x76\xa9" + bytes([20]) + self.script[2:] + b"\x88\xac"
            digest = transaction.digest(0, code, amount)
            signature = compact_to_der(sign(self.secret, digest)) + b"\x01"
            transaction.inputs[0].witness = [signature, public(self.secret)]
            return transaction

    def publish(self, transaction):
        txid = self.chain.call("sendrawtransaction", transaction.encode().hex())
        with self.lock:
            self.coins.append((transaction.txid, len(transaction.outputs) - 1, transaction.outputs[-1].amount))
        return txid

    def pay(self, *outputs):
        """Pays the outputs. Gives the transaction."""
        transaction = self.transaction(outputs)
        self.publish(transaction)
        return transaction


CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bech32(script, prefix="bcrt"):
    """The address of a version 0 witness program."""
    program = script[2:]
    bits = "".join(f"{byte:08b}" for byte in program)
    bits += "0" * (-len(bits) % 5)
    data = [0] + [int(bits[at:at + 5], 2) for at in range(0, len(bits), 5)]
    values = [ord(letter) >> 5 for letter in prefix] + [0] + [ord(letter) & 31 for letter in prefix] + data
    check = 1
    for value in values + [0] * 6:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= generator if top >> bit & 1 else 0
    check ^= 1
    return prefix + "1" + "".join(CHARSET[v] for v in data + [check >> 5 * (5 - i) & 31 for i in range(6)])
