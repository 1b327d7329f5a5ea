"""HTTP as wallets speak it, byte by byte: what a library would smooth over stays visible."""

import base64
import hashlib
import json
import os
import socket
import ssl

PATIENCE = 60


class Answer:
    """Status, headers and whole body of an answer."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        """The whole body as one JSON value, which is what several clients demand."""
        return json.loads(self.body)


class Connection:
    """A TLS connection to the node."""

    def __init__(self, port, context):
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket = context.wrap_socket(plain, server_hostname="127.0.0.1")
        self.reader = self.socket.makefile("rb")

    def send(self, method, path, headers, body=None):
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"] + [f"{name}: {value}" for name, value in headers]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode() + (body or b""))

    def head(self):
        """The status and the headers of an answer."""
        status = int(self.reader.readline().split()[1])
        headers = {}
        while line := self.reader.readline().strip():
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        return status, headers

    def pieces(self, headers):
        """The body as it comes."""
        if headers.get("transfer-encoding") == "chunked":
            while size := int(self.reader.readline().split(b";")[0], 16):
                yield self.reader.read(size)
                self.reader.readline()
            self.reader.readline()
        elif "content-length" in headers:
            yield self.reader.read(int(headers["content-length"]))
        else:
            yield self.reader.read()

    def answer(self):
        status, headers = self.head()
        return Answer(status, headers, b"".join(self.pieces(headers)))

    def lines(self, headers):
        """The lines of a body that may not end, as bytes without their ends."""
        rest = b""
        for piece in self.pieces(headers):
            *whole, rest = (rest + piece).split(b"\n")
            yield from whole
        if rest:
            yield rest

    def close(self):
        # A reader that waits in another thread is woken by this, not by the closing of a descriptor.
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


class WebSocket:
    """A WebSocket of RFC 6455, with text messages."""

    def __init__(self, port, context, path, headers):
        self.connection = Connection(port, context)
        key = base64.b64encode(os.urandom(16)).decode()
        self.connection.send("GET", path, [
            ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", key), *headers])
        status, answer = self.connection.head()
        proof = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
        if status != 101 or answer.get("sec-websocket-accept") != proof:
            raise ConnectionError(f"the upgrade is answered with {status}")

    def send(self, text):
        data, mask = text.encode(), os.urandom(4)
        length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
        self.connection.socket.sendall(b"\x81" + length + mask + masked)

    def receive(self):
        """The next text message; pings are answered."""
        reader = self.connection.reader
        while True:
            first, second = reader.read(2)
            length = second & 0x7F
            if length >= 126:
                length = int.from_bytes(reader.read(2 if length == 126 else 8), "big")
            data = reader.read(length)
            if first & 0x0F == 9:
                self.connection.socket.sendall(b"\x8a\x80" + bytes(4))
            elif first & 0x0F == 1:
                return data.decode()
            elif first & 0x0F == 8:
                raise ConnectionError("the WebSocket was closed")

    def close(self):
        self.connection.close()


def certificate_authority(path):
    """LNbits: the node's own certificate is the only one that is trusted, and the name must match."""
    return ssl.create_default_context(cafile=path)


def pinned(thumbprint):
    """BTCPay Server: a thumbprint of the certificate, and no other version of TLS than 1.2."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.thumbprint = thumbprint
    return context


def unverified():
    """Zeus and Ride The Lightning: any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
