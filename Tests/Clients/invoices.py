"""Invoices as the package `bolt11` of PyPI makes and reads them, to be compared with the node's own.

  invoices.py write COUNT SEED   prints COUNT random invoices, each a line of JSON with what it says
  invoices.py read FILE          reads such lines, and compares what the invoices say with what the lines do

What the package cannot do is not asked of it: it reads the numbers of route hints as signed, loses the last of five hops,
writes no number 0, wants a description of some length, and keeps one fallback of each invoice.
"""

import json
import random
import sys

from bitstring import Bits, pack
from bolt11 import decode, encode
from bolt11.models.fallback import Fallback
from bolt11.models.features import Features
from bolt11.models.routehint import Route, RouteHint
from bolt11.models.tags import TagChar, Tags
from bolt11.types import Bolt11, MilliSatoshi
from coincurve import PrivateKey

PREFIXES = {"bc": "lnbc", "tb": "lntb", "tbs": "lntbs", "bcrt": "lnbcrt"}
LETTERS = "abc xyz ABC 0189 äöü ναι 漢字 ⚡ \"\\<>&\n"


def number_of(name):
    block, transaction, output = map(int, name.split("x"))
    return block << 40 | transaction << 16 | output


def facts(invoice):
    """What an invoice says, in the form of the lines."""
    fallback = invoice.fallback
    return {
        "prefix": PREFIXES[invoice.currency],
        "amount": int(invoice.amount_msat) if invoice.amount_msat else None,
        "timestamp": invoice.date,
        "paymentHash": invoice.payment_hash,
        "paymentSecret": invoice.payment_secret,
        "text": invoice.description,
        "hash": invoice.description_hash,
        "expiry": invoice.expiry,
        "minFinalExpiryDelta": invoice.min_final_cltv_expiry,
        "fallback": f"{fallback.data[:5].uint}:{whole_bytes(fallback.data[5:]).hex()}" if fallback else None,
        "routeHints": [
            [f"{hop.public_key} {number_of(hop.short_channel_id)} {hop.base_fee} {hop.ppm_fee} {hop.cltv_expiry_delta}"
             for hop in hint.routes]
            for hint in invoice.route_hints],
        "features": feature_bits(invoice.features),
        "metadata": invoice.metadata,
        "payee": invoice.payee}


def whole_bytes(bits):
    return bits[:len(bits) // 8 * 8].tobytes()


def feature_bits(features):
    if features is None:
        return []
    return sorted(
        feature.value * 2 + (state.name == "supported") for feature, state in features.feature_list.items())


class Maker:
    """Makes random invoices, the same for the same seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def maybe(self):
        return self.random.random() < 0.5

    def invoice(self):
        """An invoice as text, with the facts that it was made of."""
        random = self.random
        key = PrivateKey(random.randbytes(32))
        tags = Tags()
        tags.add(TagChar.payment_hash, random.randbytes(32).hex())
        tags.add(TagChar.payment_secret, random.randbytes(32).hex())
        if self.maybe():
            tags.add(TagChar.description, "".join(random.choices(LETTERS, k=random.randint(1, 150))))
        else:
            tags.add(TagChar.description_hash, random.randbytes(32).hex())
        if self.maybe():
            tags.add(TagChar.expire_time, random.randint(1, 1 << random.randint(1, 40)))
        if self.maybe():
            tags.add(TagChar.min_final_cltv_expiry, random.randint(1, 1 << random.randint(1, 20)))
        if self.maybe():
            tags.add(TagChar.metadata, random.randbytes(random.randint(1, 60)).hex())
        currency = random.choice(list(PREFIXES))
        if self.maybe():
            version, length = random.choice(((0, 20), (0, 32), (1, 32), (16, 2), (17, 20), (18, 20)))
            program = Bits(random.randbytes(length))
            padding = Bits(length=-len(program) % 5) if len(program) % 5 else Bits()
            tags.add(TagChar.fallback, Fallback(pack("uint:5", version) + program + padding, currency))
        for _ in range(random.randint(0, 3)):
            tags.add(TagChar.route_hint, RouteHint([self.hop() for _ in range(random.randint(1, 4))]))
        wanted = [8, 14] + [bit for bit in (17, 49) if self.maybe()] + [bit for bit in (151, 201) if random.random() < 0.1]
        bits = "".join("1" if bit in wanted else "0" for bit in reversed(range(max(wanted) + 1)))
        bits = "0" * (-len(bits) % 5) + bits
        tags.add(TagChar.features, Features.from_bitstring(Bits(bin=bits)))
        tags.add(TagChar.payee, key.public_key.format().hex())
        amount = MilliSatoshi(random.randint(1, 1 << random.randint(1, 55))) if random.random() < 0.8 else None
        invoice = Bolt11(currency=currency, date=random.randint(1, (1 << 35) - 1), tags=tags, amount_msat=amount)
        text = encode(invoice, key.to_hex(), keep_payee=self.maybe())
        return {"invoice": text, "facts": facts(invoice)}

    def hop(self):
        random = self.random
        name = f"{random.getrandbits(23)}x{random.getrandbits(24)}x{random.getrandbits(16)}"
        return Route(
            PrivateKey(random.randbytes(32)).public_key.format().hex(), name, random.getrandbits(31),
            random.getrandbits(31), random.getrandbits(15))


def write(count, seed):
    maker = Maker(seed)
    for _ in range(count):
        print(json.dumps(maker.invoice()))


def read(path):
    wrong, checked = [], 0
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            written = json.loads(line)
            text, said = written["invoice"], written["facts"]
            try:
                found = facts(decode(text))
            except Exception as problem:  # What the package makes of it is the result, whatever it is.
                wrong.append(f"{text}: {type(problem).__name__} {problem}")
                continue
            checked += 1
            for name in found.keys() | said.keys():
                if found.get(name) != said.get(name):
                    wrong.append(f"{text}: {name} is {found.get(name)!r}, not {said.get(name)!r}")
    for problem in wrong[:20]:
        print(problem, file=sys.stderr)
    print(json.dumps({"checked": checked, "wrong": len(wrong)}))
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(int(sys.argv[2]), int(sys.argv[3]))
    else:
        sys.exit(read(sys.argv[2]))
