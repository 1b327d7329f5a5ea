#!/usr/bin/env python3
"""A REST client that was written from the habits of lnd's clients alone, run against two nodes with a channel.

Every check is one habit of one application: LNbits (its wallet and its node manager), BTCPay Server, Zeus or Ride The
Lightning. The exit status is 0 where all get what they need, 1 where one does not, and 2 where the nodes did not start.
"""

import argparse
import base64
import hashlib
import json
import os
import pathlib
import re
import ssl
import sys
import tempfile
import threading
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Conformance"))

from driver.world import Chain, Node, WorldError, eventually  # noqa: E402
from http_client import Connection, WebSocket, certificate_authority, pinned, unverified  # noqa: E402

AMOUNT = 1_000_000
CHECKS = []


class Wrong(Exception):
    """An answer is not what the application needs."""


def check(application):
    def enter(function):
        CHECKS.append((application, function))
        return function
    return enter


def demand(condition, what):
    if not condition:
        raise Wrong(what)


def b64(data):
    return base64.b64encode(data).decode()


def url64(data):
    return base64.urlsafe_b64encode(data).decode()


# The forms of fields, as the document has them.

def is_long(value):
    return isinstance(value, str) and re.fullmatch(r"-?\d+", value)


def is_int(value):
    return isinstance(value, int) and not isinstance(value, bool)


def is_hex(value):
    return isinstance(value, str) and re.fullmatch(r"([0-9a-f]{2})*", value)


def is_base64(value):
    return isinstance(value, str) and base64.b64decode(value, validate=True) is not None


def is_text(value):
    return isinstance(value, str)


def is_bool(value):
    return isinstance(value, bool)


def is_list(value):
    return isinstance(value, list)


def is_object(value):
    return isinstance(value, dict)


def fields(value, /, **forms):
    """Every field is there in its form; `a__b` is field b of the object or of each object of the list a."""
    for path, form in forms.items():
        found = [value]
        for name in path.split("__"):
            for one in found:
                demand(isinstance(one, dict) and name in one, f"{path} is missing in {str(value)[:300]}")
            found = [item for one in found for item in (one[name] if isinstance(one[name], list) and not (
                name == path.split("__")[-1]) else [one[name]])]
        for one in found:
            demand(form(one), f"{path} is {one!r}, which is not {form.__name__}")
    return value


SUMS = dict(sat=is_long, msat=is_long)
INVOICE = dict(
    memo=is_text, r_preimage=is_base64, r_hash=is_base64, value=is_long, value_msat=is_long, settled=is_bool, state=is_text,
    creation_date=is_long, settle_date=is_long, payment_request=is_text, description_hash=is_base64, expiry=is_long,
    private=is_bool, add_index=is_long, settle_index=is_long, amt_paid_sat=is_long, amt_paid_msat=is_long,
    is_keysend=is_bool, is_amp=is_bool, htlcs=is_list)
PAYMENT = dict(
    status=is_text, payment_hash=is_hex, payment_preimage=is_hex, fee_msat=is_long, fee_sat=is_long, value_msat=is_long,
    value_sat=is_long, payment_request=is_text, creation_date=is_long, failure_reason=is_text, htlcs=is_list)
CHANNEL = dict(
    active=is_bool, remote_pubkey=is_hex, channel_point=is_text, chan_id=is_long, capacity=is_long, local_balance=is_long,
    remote_balance=is_long, commit_fee=is_long, commit_weight=is_long, fee_per_kw=is_long, unsettled_balance=is_long,
    total_satoshis_sent=is_long, total_satoshis_received=is_long, num_updates=is_long, pending_htlcs=is_list,
    csv_delay=is_int, private=is_bool, initiator=is_bool, chan_status_flags=is_text, commitment_type=is_text,
    lifetime=is_long, uptime=is_long, alias_scids=is_list, zero_conf=is_bool)


class Application:
    """How an application speaks to a node."""

    def __init__(self, node, context, macaroon="admin", form="application/json"):
        self.node, self.context, self.form = node, context, form
        self.macaroon = pathlib.Path(f"{node.data}/{macaroon}.macaroon").read_bytes().hex()

    def connect(self):
        connection = Connection(self.node.calls.port, self.context)
        thumbprint = getattr(self.context, "thumbprint", None)
        if thumbprint:
            found = hashlib.sha256(connection.socket.getpeercert(binary_form=True)).hexdigest()
            demand(found == thumbprint, "the certificate has another thumbprint")
            demand(connection.socket.version() == "TLSv1.2", f"the version is {connection.socket.version()}")
        return connection

    def headers(self, body):
        headers = [("Grpc-Metadata-macaroon", self.macaroon)] if self.macaroon else []
        return headers + ([("Content-Type", self.form)] if body is not None else [])

    def raw(self, method, path, body=None):
        connection = self.connect()
        try:
            text = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
            connection.send(method, path, self.headers(text), text)
            return connection.answer()
        finally:
            connection.close()

    def call(self, method, path, body=None):
        """The whole body as one JSON value; raises Wrong where it is a refusal."""
        answer = self.raw(method, path, body)
        demand(answer.status == 200, f"{method} {path}: {answer.status} {answer.body[:300]}")
        return answer.json

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body):
        return self.call("POST", path, body)

    def refusal(self, method, path, body=None):
        """The status and the JSON body of a refusal."""
        answer = self.raw(method, path, body)
        demand(answer.status >= 400, f"{method} {path} is answered with {answer.status} {answer.body[:300]}")
        return answer.status, answer.json

    def stream(self, method, path, body=None):
        return Stream(self, method, path, body)


class Stream:
    """Lines of an answer that does not end, read by a thread of their own."""

    def __init__(self, application, method, path, body=None):
        self.connection = application.connect()
        text = None if body is None else json.dumps(body).encode()
        self.connection.send(method, path, application.headers(text), text)
        self.status, self.headers = self.connection.head()
        self.lines, self.is_over = [], False
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            for line in self.connection.lines(self.headers):
                self.lines.append(line)
        except (OSError, ValueError):
            pass
        self.is_over = True

    def wait(self, what, condition):
        """The first line whose result fulfils a condition. Every line has the literal beginning that BTCPay looks for."""
        def look():
            for line in list(self.lines):
                if not line:
                    continue
                demand(line.startswith((b'{"result":', b'{"error":')), f"a line begins with {line[:20]}")
                value = json.loads(line)
                if condition(value.get("result") or value):
                    return value.get("result") or value
            return None
        return eventually(what, look, 120, Wrong)

    def close(self):
        self.connection.close()


class World:
    """Alice, whom the applications use, has a channel with Bob."""

    def __init__(self, program, folder):
        self.chain = Chain(program, folder + "/chain")
        self.faucet = self.chain.call("getnewaddress")
        self.chain.mine(110, self.faucet)
        options = ("--dev-funding-depth", "1")
        self.alice = Node(program, folder + "/alice", self.chain, options)
        self.bob = Node(program, folder + "/bob", self.chain, options)
        thumbprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(
            pathlib.Path(self.alice.folder + "/tls.cert").read_text("utf-8"))).hexdigest()
        self.lnbits = Application(self.alice, certificate_authority(self.alice.folder + "/tls.cert"))
        self.manager = Application(self.alice, certificate_authority(self.alice.folder + "/tls.cert"))
        self.btcpay = Application(self.alice, pinned(thumbprint))
        self.zeus = Application(self.alice, unverified())
        self.rtl = Application(self.alice, unverified(), form="application/x-www-form-urlencoded")
        self.shop = Application(self.bob, unverified())
        self._fund()
        self._open()

    def end(self):
        for node in (self.alice, self.bob):
            node.process.end()
        self.chain.process.end()

    def mine(self, count=1):
        self.chain.mine(count, self.faucet)
        self.alice.synchronise()
        self.bob.synchronise()

    def _fund(self):
        self.alice.synchronise()
        for _ in range(5):
            self.chain.call("sendtoaddress", self.zeus.get("/v1/newaddress?type=WITNESS_PUBKEY_HASH")["address"], 0.1)
        self.mine(3)
        eventually("the coins", lambda: self.zeus.get("/v1/balance/blockchain")["confirmed_balance"] == "50000000")

    def _open(self):
        address = f"127.0.0.1:{self.bob.port}"
        self.btcpay.post("/v1/peers", {"addr": {"pubkey": self.bob.id.hex(), "host": address}, "perm": True})
        # The node manager of LNbits names the node in base 64.
        self.opened = self.manager.post("/v1/channels", {
            "node_pubkey": b64(self.bob.id), "local_funding_amount": AMOUNT, "push_sat": AMOUNT // 2, "sat_per_vbyte": 2})
        eventually("the funding", lambda: self.chain.call("getrawmempool"))
        self.mine(1)
        for application in (self.zeus, self.shop):
            eventually("the channel", lambda: any(
                channel["active"] for channel in application.get("/v1/channels")["channels"]), 120)
        self.mine(6)
        # Bob's side is announced before he can be asked for a hint, Alice's before she looks for a way.
        eventually("the announcement", lambda: len(self.zeus.get("/v1/graph")["edges"]) == 1, 120)

    def request(self, amount=1_000, **more):
        """An invoice of Bob's."""
        return self.shop.post("/v1/invoices", {"value": str(amount), "memo": "shop", **more})


# LNbits


@check("LNbits")
def balance_of_the_wallet(w):
    answer = fields(w.lnbits.get("/v1/balance/channels"), balance=is_long)
    demand(int(answer["balance"]) > 0, "there is no balance")


@check("LNbits")
def invoice_with_a_preimage_of_its_own(w):
    preimage = os.urandom(32)
    payment_hash = hashlib.sha256(preimage).digest()
    answer = w.lnbits.post("/v1/invoices", {
        "value": 1_234, "private": True, "memo": "of LNbits", "r_preimage": b64(preimage), "r_hash": b64(payment_hash),
        "expiry": "600"})
    fields(answer, r_hash=is_base64, payment_request=is_text, add_index=is_long, payment_addr=is_base64)
    demand(base64.b64decode(answer["r_hash"]) == payment_hash, "the hash is another")
    stream = w.lnbits.stream("GET", "/v1/invoices/subscribe")
    paid = w.shop.post("/v2/router/send", {
        "payment_request": answer["payment_request"], "timeout_seconds": 60, "fee_limit_sat": "100",
        "no_inflight_updates": True})
    demand(bytes.fromhex(paid["result"]["payment_preimage"]) == preimage, "the preimage is another")
    settled = stream.wait("the settled invoice", lambda line: line.get("state") == "SETTLED" and (
        base64.b64decode(line["r_hash"]) == payment_hash))
    demand(settled["settled"] is True, "settled is not true")
    stream.close()
    found = fields(w.lnbits.get(f"/v1/invoice/{payment_hash.hex()}"), **INVOICE)
    demand(found["state"] == "SETTLED" and found["amt_paid_msat"] == "1234000", f"the invoice is {found['state']}")


@check("LNbits")
def hash_without_its_preimage_is_checked(w):
    preimage = os.urandom(32)
    answer = w.lnbits.raw("POST", "/v1/invoices", {
        "value": 1, "r_preimage": b64(preimage), "r_hash": b64(bytes(32))})
    if answer.status == 200:
        demand(base64.b64decode(answer.json["r_hash"]) == hashlib.sha256(preimage).digest(), "the wrong hash was taken")


@check("LNbits")
def unknown_invoice_is_an_error(w):
    status, error = w.lnbits.refusal("GET", "/v1/invoice/" + os.urandom(32).hex())
    fields(error, code=is_int, message=is_text, details=is_list)
    demand(status == 404, f"the status is {status}")


@check("LNbits")
def payment_is_one_json_value(w):
    request = w.request()["payment_request"]
    answer = w.lnbits.raw("POST", "/v2/router/send", {
        "payment_request": request, "fee_limit_msat": 5_000, "timeout_seconds": 30, "no_inflight_updates": True})
    result = fields(answer.json["result"], **PAYMENT)
    demand(result["status"] == "SUCCEEDED", f"the payment is {result['status']}")
    demand(hashlib.sha256(bytes.fromhex(result["payment_preimage"])).hexdigest() == result["payment_hash"], "no proof")
    # The address is in base64url, with its padding.
    path = f"/v2/router/track/{url64(bytes.fromhex(result['payment_hash']))}"
    stream = w.lnbits.stream("GET", path)
    stream.wait("the payment", lambda line: line.get("status") == "SUCCEEDED")
    stream.close()


@check("LNbits")
def expired_invoice_is_refused_before_it_is_tried(w):
    old = w.shop.post("/v1/invoices", {"value": "5", "expiry": "1"})["payment_request"]

    def refused():
        answer = w.lnbits.raw("POST", "/v2/router/send", {
            "payment_request": old, "fee_limit_msat": 5_000, "timeout_seconds": 30, "no_inflight_updates": True})
        return answer if answer.status >= 400 else None
    # Within its second it is paid, which leaves "already paid" to look at.
    answer = eventually("the refusal", refused, 10, Wrong)
    fields(answer.json, error__code=is_int, error__message=is_text)
    demand(re.search("invoice expired|already paid", answer.json["error"]["message"]), answer.body)


@check("LNbits")
def invoice_of_another_network_is_refused(w):
    mainnet = (
        "lnbc1pvjluezsp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdp"
        "l2pkx2ctnv5sxxmmwwd5kgetjypeh2ursdae8g6twvus8g6rfwvs8qun0dfjkxaq9qrsgq357wnc5r2ueh7ck6q93dj32dlqnls087fxdwk8qakdyafkq3y"
        "ap9us6v52vjjsrvywa6rt52cm9r9zqt8r2t7mlcwspyetp5h2tztugp9lfyql")
    status, error = w.lnbits.refusal("POST", "/v2/router/send", {
        "payment_request": mainnet, "amt": "10", "fee_limit_msat": 1_000, "timeout_seconds": 30,
        "no_inflight_updates": True})
    demand("invoice not for current active network" in error["error"]["message"], error)


@check("LNbits")
def failed_payment_is_an_outcome(w):
    unknown = w.shop.post("/v1/invoices", {"value": str(AMOUNT * 2)})["payment_request"]
    answer = w.lnbits.raw("POST", "/v2/router/send", {
        "payment_request": unknown, "fee_limit_msat": 5_000, "timeout_seconds": 30, "no_inflight_updates": True})
    value = answer.json
    if "result" in value:
        fields(value["result"], **PAYMENT)
        demand(value["result"]["status"] == "FAILED", "a payment that cannot be made has succeeded")
        demand(value["result"]["failure_reason"] in (
            "FAILURE_REASON_NO_ROUTE", "FAILURE_REASON_INSUFFICIENT_BALANCE"), value["result"]["failure_reason"])
    else:
        fields(value, error__code=is_int, error__message=is_text)


@check("LNbits")
def hold_invoices(w):
    for end in ("settle", "cancel"):
        preimage = os.urandom(32)
        payment_hash = hashlib.sha256(preimage).digest()
        request = w.lnbits.post("/v2/invoices/hodl", {
            "hash": b64(payment_hash), "value": 2_000, "private": True, "memo": end})["payment_request"]
        payment = w.shop.stream("POST", "/v2/router/send", {"payment_request": request, "timeout_seconds": 60})
        eventually("the payment's arrival", lambda: w.lnbits.get(
            f"/v1/invoice/{payment_hash.hex()}")["state"] == "ACCEPTED", 120, Wrong)
        body = {"preimage": b64(preimage)} if end == "settle" else {"payment_hash": b64(payment_hash)}
        demand(w.lnbits.post(f"/v2/invoices/{end}", body) == {}, "the answer is not {}")
        status = {"settle": "SUCCEEDED", "cancel": "FAILED"}[end]
        payment.wait(f"the payment's end by {end}", lambda line: line.get("status") == status)
        payment.close()
        state = {"settle": "SETTLED", "cancel": "CANCELED"}[end]
        demand(w.lnbits.get(f"/v1/invoice/{payment_hash.hex()}")["state"] == state, f"the invoice is not {state}")


@check("LNbits")
def invoice_macaroon_is_enough_for_invoices(w):
    small = Application(w.alice, certificate_authority(w.alice.folder + "/tls.cert"), "invoice")
    made = small.post("/v1/invoices", {"value": "10"})
    small.get("/v1/invoice/" + base64.b64decode(made["r_hash"]).hex())
    stream = small.stream("GET", "/v1/invoices/subscribe")
    demand(stream.status == 200, "the subscription is refused")
    stream.close()
    _, error = small.refusal("POST", "/v2/router/send", {"payment_request": "x", "timeout_seconds": 30})
    fields(error, error__message=is_text) if "error" in error else fields(error, message=is_text)


@check("LNbits")
def macaroons_are_demanded(w):
    stranger = Application(w.alice, certificate_authority(w.alice.folder + "/tls.cert"))
    for macaroon in ("", "00", "ab" * 40, stranger.macaroon[:-2] + "00"):
        stranger.macaroon = macaroon
        _, error = stranger.refusal("GET", "/v1/getinfo")
        fields(error, code=is_int, message=is_text, details=is_list)


@check("LNbits' node manager")
def lists_of_the_manager(w):
    fields(w.manager.get("/v1/channels/pending"), total_limbo_balance=is_long, pending_open_channels=is_list,
           pending_closing_channels=is_list, pending_force_closing_channels=is_list, waiting_close_channels=is_list)
    fields(w.manager.get("/v1/channels/closed"), channels=is_list)
    fields(w.manager.get(f"/v1/channels?peer={url64(w.bob.id)}"), **{f"channels__{k}": v for k, v in CHANNEL.items()})
    payments = w.manager.get("/v1/payments?include_incomplete=true&max_payments=10&index_offset=0&reversed=true")
    fields(payments, **{f"payments__{k}": v for k, v in PAYMENT.items()}, last_index_offset=is_long)
    fields(payments, payments__htlcs__route__hops__pub_key=is_hex)
    fields(w.manager.get("/v1/fees"), channel_fees__chan_id=is_long, channel_fees__channel_point=is_text,
           channel_fees__base_fee_msat=is_long, channel_fees__fee_per_mil=is_long, day_fee_sum=is_long,
           week_fee_sum=is_long, month_fee_sum=is_long)


@check("LNbits' node manager")
def policy_in_parts_per_million(w):
    point = {"funding_txid_str": w.zeus.get("/v1/channels")["channels"][0]["channel_point"].split(":")[0], "output_index": int(
        w.zeus.get("/v1/channels")["channels"][0]["channel_point"].split(":")[1])}
    answer = w.manager.post("/v1/chanpolicy", {
        "chan_point": point, "base_fee_msat": "1500", "fee_rate_ppm": 250, "time_lock_delta": 90})
    fields(answer, failed_updates=is_list)
    demand(answer["failed_updates"] == [], answer)
    answer = w.zeus.post("/v1/chanpolicy", {
        "global": True, "base_fee_msat": "1000", "fee_rate": 0.0001, "time_lock_delta": 80})
    demand(answer["failed_updates"] == [], answer)


# BTCPay Server


@check("BTCPay Server")
def pinned_certificate_over_tls_12(w):
    answer = fields(
        w.btcpay.get("/v1/getinfo"), identity_pubkey=is_hex, alias=is_text, color=is_text, version=is_text,
        block_height=is_int, block_hash=is_hex, best_header_timestamp=is_long, synced_to_chain=is_bool,
        synced_to_graph=is_bool, testnet=is_bool, chains__chain=is_text, chains__network=is_text, uris=is_list,
        num_peers=is_int, num_active_channels=is_int, num_inactive_channels=is_int, num_pending_channels=is_int)
    demand(answer["num_active_channels"] == 1, answer)


@check("BTCPay Server")
def balances_in_both_units(w):
    answer = w.btcpay.get("/v1/balance/channels")
    for part in ("local_balance", "remote_balance", "pending_open_local_balance"):
        fields(answer[part], **SUMS)
    fields(answer, pending_open_balance=is_long)
    fields(w.btcpay.get("/v1/balance/blockchain"), total_balance=is_long, confirmed_balance=is_long,
           unconfirmed_balance=is_long, locked_balance=is_long)


@check("BTCPay Server")
def invoice_in_the_query(w):
    subscription = w.btcpay.stream("GET", "/v1/invoices/subscribe")
    made = w.btcpay.post("/v1/invoices", {
        "value_msat": "777000", "memo": "order", "expiry": "900", "private": True})
    payment_hash = base64.b64decode(made["r_hash"])
    path = f"/v1/invoice/?r_hash={url64(payment_hash)}"
    fresh = fields(w.btcpay.get(path), **INVOICE)
    demand(fresh["settled"] is False and fresh["state"] == "OPEN", fresh["state"])
    subscription.wait("the new invoice", lambda line: line.get("r_hash") == made["r_hash"])
    w.shop.post("/v2/router/send", {
        "payment_request": made["payment_request"], "timeout_seconds": 60, "no_inflight_updates": True})
    subscription.wait("the settled invoice", lambda line: line.get("r_hash") == made["r_hash"] and line["settled"])
    subscription.close()
    demand(w.btcpay.get(path)["amt_paid_msat"] == "777000", "the amount is another")


@check("BTCPay Server")
def unknown_invoice_is_404(w):
    status, error = w.btcpay.refusal("GET", f"/v1/invoice/?r_hash={url64(os.urandom(32))}")
    demand(status == 404 or error["message"].startswith("encoding/hex"), f"{status} {error}")


@check("BTCPay Server")
def base64_of_any_alphabet(w):
    made = w.btcpay.post("/v1/invoices", {"value": 3})
    payment_hash = base64.b64decode(made["r_hash"])
    for name in (url64(payment_hash), url64(payment_hash).rstrip("="), b64(payment_hash).replace("+", "%2B").replace(
            "/", "%2F").replace("=", "%3D")):
        demand(w.btcpay.get(f"/v1/invoice/?r_hash={name}")["r_hash"] == made["r_hash"], f"{name} is another")
    demand(w.btcpay.post("/v2/invoices/cancel", {"payment_hash": url64(payment_hash).rstrip("=")}) == {}, "not cancelled")


@check("BTCPay Server")
def payment_with_a_limit_in_satoshis(w):
    request = w.request(700)["payment_request"]
    body = {"payment_request": request, "fee_limit_sat": "10", "timeout_seconds": 60, "no_inflight_updates": True}
    stream = w.btcpay.stream("POST", "/v2/router/send", body)
    done = stream.wait("the outcome", lambda line: line.get("status") in ("SUCCEEDED", "FAILED"))
    demand(done["status"] == "SUCCEEDED" and len([line for line in stream.lines if line]) == 1, "more than one line came")
    stream.close()
    status, error = w.btcpay.refusal("POST", "/v2/router/send", body)
    demand("already paid" in error["error"]["message"], error)


@check("BTCPay Server")
def unknown_payment_is_told_of(w):
    answer = w.btcpay.raw("GET", f"/v2/router/track/{url64(os.urandom(32))}")
    error = answer.json["error"]
    demand(error["code"] == 5 or "payment isn't initiated" in error["message"], error)


@check("BTCPay Server")
def peer_that_is_there_already(w):
    answer = w.btcpay.raw("POST", "/v1/peers", {
        "addr": {"pubkey": w.bob.id.hex(), "host": f"127.0.0.1:{w.bob.port}"}, "perm": True})
    demand(answer.json == {} or "already connected" in answer.json["message"], answer.body)


@check("BTCPay Server")
def channel_to_nobody_is_refused_in_known_words(w):
    status, error = w.btcpay.refusal("POST", "/v1/channels", {
        "node_pubkey_string": "02" + "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        "local_funding_amount": "100000", "sat_per_byte": "2", "private": False})
    message = error.get("message") or error["error"]["message"]
    demand(message.startswith("peer is not connected") or message.endswith("is not online"), message)
    status, error = w.btcpay.refusal("POST", "/v1/channels", {
        "node_pubkey_string": w.bob.id.hex(), "local_funding_amount": "90000000", "sat_per_byte": "2"})
    demand(error["message"].startswith("not enough witness outputs"), error)


@check("BTCPay Server")
def empty_lists_are_there(w):
    demand(w.btcpay.get("/v1/channels/pending")["pending_open_channels"] == [], "pending_open_channels is missing")
    fields(w.btcpay.get("/v1/invoices?pending_only=true&num_max_invoices=3&reversed=true"),
           **{f"invoices__{k}": v for k, v in INVOICE.items()}, last_index_offset=is_long, first_index_offset=is_long)
    # BTCPay names the option of another call; it must not be refused.
    fields(w.btcpay.get("/v1/payments?pending_only=true"), payments=is_list)


# Zeus


@check("Zeus")
def everyday_screens(w):
    info = w.zeus.get("/v1/getinfo")
    demand(re.match(r"v?0\.(1[89]|[2-9]\d)\.\d+-", info["version"]), f"the version is {info['version']}")
    fields(w.zeus.get("/v1/balance/blockchain"), account_balance=is_object)
    fields(w.zeus.get("/v1/channels?peer_alias_lookup=true"), **{f"channels__{k}": v for k, v in CHANNEL.items()})
    fields(w.zeus.get("/v1/peers"), peers__pub_key=is_hex, peers__address=is_text, peers__bytes_sent=is_long,
           peers__bytes_recv=is_long, peers__sat_sent=is_long, peers__sat_recv=is_long, peers__inbound=is_bool,
           peers__ping_time=is_long, peers__sync_type=is_text, peers__features=is_object)
    fields(w.zeus.get("/v1/transactions?start_height=0&end_height=-1"), transactions__tx_hash=is_hex,
           transactions__amount=is_long, transactions__num_confirmations=is_int, transactions__block_hash=is_text,
           transactions__block_height=is_int, transactions__time_stamp=is_long, transactions__total_fees=is_long,
           transactions__dest_addresses=is_list, transactions__raw_tx_hex=is_hex, transactions__label=is_text,
           transactions__output_details__address=is_text, transactions__output_details__amount=is_long,
           transactions__output_details__output_index=is_long, transactions__output_details__is_our_address=is_bool)
    fields(w.zeus.post("/v2/wallet/utxos", {"min_confs": 0, "max_confs": 200000}), utxos__address=is_text,
           utxos__address_type=is_text, utxos__amount_sat=is_long, utxos__pk_script=is_hex,
           utxos__outpoint__txid_str=is_hex, utxos__outpoint__txid_bytes=is_base64, utxos__outpoint__output_index=is_int,
           utxos__confirmations=is_long)


@check("Zeus")
def what_an_invoice_says(w):
    request = w.request(42, description_hash="")["payment_request"]
    answer = fields(
        w.zeus.get(f"/v1/payreq/{request}"), destination=is_hex, payment_hash=is_hex, num_satoshis=is_long,
        num_msat=is_long, timestamp=is_long, expiry=is_long, description=is_text, description_hash=is_text,
        cltv_expiry=is_long, route_hints=is_list, features=is_object, payment_addr=is_base64)
    demand(answer["destination"] == w.bob.id.hex() and answer["num_satoshis"] == "42", answer)


@check("Zeus")
def keysend(w):
    preimage = os.urandom(32)
    bob = w.shop.get("/v1/balance/channels")["local_balance"]["msat"]
    answer = w.zeus.raw("POST", "/v2/router/send", {
        "dest": b64(w.bob.id), "amt": "21", "payment_hash": b64(hashlib.sha256(preimage).digest()),
        "dest_custom_records": {"5482373484": b64(preimage)}, "timeout_seconds": 60, "no_inflight_updates": True})
    outcome = answer.json["result"]
    # Bob was not started to accept it, so that it fails in known words.
    demand(outcome["status"] == "FAILED", "a payment that was not asked for was taken")
    demand(outcome["failure_reason"] == "FAILURE_REASON_INCORRECT_PAYMENT_DETAILS", outcome["failure_reason"])
    demand(w.shop.get("/v1/balance/channels")["local_balance"]["msat"] == bob, "the balance has changed")


@check("Zeus")
def graph_of_the_screens(w):
    fields(w.zeus.get(f"/v1/graph/node/{w.bob.id.hex()}"), node__alias=is_text, node__color=is_text, node__pub_key=is_hex,
           node__last_update=is_int, node__addresses__addr=is_text, num_channels=is_int, total_capacity=is_long)
    channel = w.zeus.get("/v1/channels")["channels"][0]["chan_id"]
    edge = fields(w.zeus.get(f"/v1/graph/edge/{channel}"), node1_pub=is_hex, node2_pub=is_hex)
    for side in ("node1_policy", "node2_policy"):
        fields(edge[side], fee_base_msat=is_long, fee_rate_milli_msat=is_long, time_lock_delta=is_int, min_htlc=is_long,
               max_htlc_msat=is_long, disabled=is_bool)
    fields(w.zeus.get("/v1/graph/info"), num_nodes=is_int, num_channels=is_int, total_network_capacity=is_long)
    route = w.zeus.get(f"/v1/graph/routes/{w.bob.id.hex()}/100")
    fields(route, routes__total_amt=is_long, routes__total_fees=is_long, routes__total_time_lock=is_int, routes__hops=is_list)
    status, _ = w.zeus.refusal("GET", "/v1/graph/node/" + "02" + "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
    demand(status == 404, f"an unknown node is {status}")


@check("Zeus")
def signed_messages(w):
    message = b64(b"LNURL-auth")
    first = w.zeus.post("/v1/signmessage", {"msg": message})["signature"]
    demand(first == w.zeus.post("/v1/signmessage", {"msg": message})["signature"], "it is not deterministic")
    answer = fields(w.zeus.post("/v1/verifymessage", {"msg": message, "signature": first}), valid=is_bool, pubkey=is_hex)
    demand(answer["pubkey"] == w.alice.id.hex(), "the key is another")


@check("Zeus")
def websocket_for_a_channel(w):
    socket = WebSocket(w.alice.calls.port, unverified(), "/v1/channels/stream?method=POST", [
        ("Grpc-Metadata-Macaroon", w.zeus.macaroon)])
    socket.send(json.dumps({
        "node_pubkey_string": w.bob.id.hex(), "local_funding_amount": "200000", "sat_per_vbyte": "2", "private": True}))
    pending = json.loads(socket.receive())
    fields(pending, result__chan_pending__txid=is_base64)
    txid = base64.b64decode(pending["result"]["chan_pending"]["txid"])[::-1].hex()
    eventually("the funding", lambda: txid in w.chain.call("getrawmempool"))
    w.mine(1)
    opened = json.loads(socket.receive())
    fields(opened, result__chan_open__channel_point__output_index=is_int)
    socket.close()
    eventually("both channels", lambda: sum(
        channel["active"] for channel in w.zeus.get("/v1/channels")["channels"]) == 2, 120, Wrong)
    # And closed again, as Zeus does: the first line tells the transaction.
    stream = w.zeus.stream("DELETE", f"/v1/channels/{txid}/{opened['result']['chan_open']['channel_point']['output_index']}?sat_per_vbyte=3")
    closing = stream.wait("the close", lambda line: "close_pending" in line)
    closing_id = base64.b64decode(closing["close_pending"]["txid"])[::-1].hex()
    eventually("the closing transaction", lambda: closing_id in w.chain.call("getrawmempool"))
    w.mine(1)
    stream.wait("the end", lambda line: "chan_close" in line)
    stream.close()
    fields(w.zeus.get("/v1/channels/closed"), channels__channel_point=is_text, channels__chan_id=is_long,
           channels__remote_pubkey=is_hex, channels__capacity=is_long, channels__settled_balance=is_long,
           channels__close_type=is_text, channels__closing_tx_hash=is_hex, channels__close_height=is_int,
           channels__open_initiator=is_text, channels__close_initiator=is_text)


@check("Zeus")
def numbers_of_either_kind(w):
    for value in (1_000, "1000"):
        made = w.zeus.post("/v1/invoices", {"value": value, "expiry": str(value)})
        demand(w.zeus.get(f"/v1/payreq/{made['payment_request']}")["num_satoshis"] == "1000", "the amount is another")


# Ride The Lightning


@check("Ride The Lightning")
def json_that_is_called_a_form(w):
    made = w.rtl.post("/v1/invoices", {"memo": "RTL", "value": "15", "private": False, "expiry": 3600})
    payment_hash = base64.b64decode(made["r_hash"])
    fields(w.rtl.get(f"/v2/invoices/lookup?payment_hash={url64(payment_hash)}"), **INVOICE)
    signature = w.rtl.post("/v1/signmessage", {"msg": b64(b"x")})["signature"]
    demand(w.rtl.post("/v1/verifymessage", {"msg": b64(b"x"), "signature": signature})["valid"] is True, "invalid")


@check("Ride The Lightning")
def empty_body_is_an_object(w):
    fields(w.rtl.call("POST", "/v1/switch", b""), forwarding_events=is_list, last_offset_index=is_int)
    fields(w.rtl.call("POST", "/v2/wallet/utxos?max_confs=100000", b""), utxos=is_list)
    fields(w.rtl.call("POST", "/v1/switch"), forwarding_events=is_list)


@check("Ride The Lightning")
def one_invoice_until_its_end(w):
    made = w.rtl.post("/v1/invoices", {"value": "16"})
    stream = w.rtl.stream("GET", f"/v2/invoices/subscribe/{url64(base64.b64decode(made['r_hash']))}")
    stream.wait("the present state", lambda line: line.get("state") == "OPEN")
    w.shop.post("/v2/router/send", {
        "payment_request": made["payment_request"], "timeout_seconds": 60, "no_inflight_updates": True})
    eventually("the end of the stream", lambda: stream.is_over, 120, Wrong)
    states = [json.loads(line)["result"]["state"] for line in stream.lines if line]
    demand(states[0] == "OPEN" and states[-1] == "SETTLED" and states[1] == "SETTLED", f"the states were {states}")
    stream.close()


@check("Ride The Lightning")
def dashboard(w):
    fields(w.rtl.get("/v1/graph/info"), num_nodes=is_int)
    fields(w.rtl.get("/v1/fees"), channel_fees=is_list)
    answer = w.rtl.raw("GET", "/v1/channels/backup")
    demand(answer.status == 200 or fields(answer.json, message=is_text), "the refusal has no message")
    fields(w.rtl.get("/v1/payments?max_payments=100&index_offset=0&reversed=true&count_total_payments=true"),
           payments=is_list, total_num_payments=is_long)
    _, error = w.rtl.refusal("DELETE", "/v1/peers/" + "02" + "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
    demand("unable to disconnect" in error["message"], error)
    address = w.rtl.get("/v1/newaddress?type=0")["address"]
    sent = w.rtl.post("/v1/transactions", {"addr": address, "amount": "10000", "sat_per_vbyte": "2"})
    fields(sent, txid=is_hex)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--salama", default=".build/release/salama", help="the program under test")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="checks whose names contain this")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--verbose", action="store_true", help="print traces of what failed")
    options = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory(prefix="salama-clients-") as folder:
        world = None
        try:
            world = World(str(pathlib.Path(options.salama).resolve()), folder)
            for application, function in CHECKS:
                if options.only and not any(part in function.__name__ for part in options.only):
                    continue
                problem = None
                try:
                    function(world)
                except Exception as error:  # Whatever goes wrong counts against the check.
                    problem = f"{type(error).__name__}: {error}"
                    if options.verbose:
                        traceback.print_exc()
                results.append({"application": application, "name": function.__name__, "problem": problem})
        except (WorldError, Wrong, OSError) as problem:
            print(f"clients: {problem}", file=sys.stderr)
            return 2
        finally:
            if world:
                world.end()
    if options.json:
        print(json.dumps({"checks": results}))
    else:
        for result in results:
            outcome = "served" if result["problem"] is None else f"FAILED: {result['problem']}"
            print(f"{result['application']:22}{result['name']:50}{outcome}")
    return 1 if any(result["problem"] for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
