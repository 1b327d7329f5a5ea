"""A Lightning peer made of pyln-proto and pyln-bolt1, against which the tests speak BOLT 8 and BOLT 1 over TCP.

  pyln_peer.py listen FEATURES           waits at a port of 127.0.0.1 that it prints first
  pyln_peer.py connect PORT NODE FEATURES

It sends `init` with FEATURES and regtest's chain, reads the other side's, and prints what it read as one line of
JSON. Then it sends one large ping, and answers pings until the other side leaves; the last line counts them.
"""

import io
import json
import socket
import sys

from pyln.proto.message import Message
from pyln.proto.wire import LightningServerSocket, PrivateKey, connect
from pyln.spec.bolt1 import namespace

REGTEST = "06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f"
KEY = PrivateKey(bytes([0x42] * 32))
TIMEOUT = 30


def tell(**values):
    print(json.dumps(values), flush=True)


def send(connection, name, **fields):
    buffer = io.BytesIO()
    Message(namespace.get_msgtype(name), **fields).write(buffer)
    connection.send_message(buffer.getvalue())


def receive(connection):
    return Message.read(namespace, io.BytesIO(connection.read_message()))


def converse(connection, features):
    connection.connection.settimeout(TIMEOUT)
    # pyln sends a message in two pieces, and the second must not wait for the first's receipt.
    connection.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    send(
        connection, "init", globalfeatures="", features=features,
        tlvs="{networks={chains=[%s]}}" % REGTEST)
    first = receive(connection)
    tell(
        peer=connection.remote_pubkey.serializeCompressed().hex(),
        name=first.messagetype.name, message=first.to_py())
    send(connection, "ping", num_pong_bytes=65531, ignored="00" * 60000)
    pings = 0
    pongs = []
    while True:
        try:
            message = receive(connection)
        except (ValueError, ConnectionError):
            break
        if message.messagetype.name == "ping":
            pings += 1
            send(connection, "pong", ignored="00" * int(message.fields["num_pong_bytes"]))
        elif message.messagetype.name == "pong":
            pongs.append(len(message.to_py()["ignored"]) // 2)
    tell(pings=pings, pongs=pongs)


def main(arguments):
    tell(node=KEY.public_key().serializeCompressed().hex())
    if arguments[0] == "listen":
        server = LightningServerSocket(KEY)
        server.settimeout(TIMEOUT)
        server.bind(("127.0.0.1", 0))
        server.listen()
        tell(port=server.getsockname()[1])
        connection, _ = server.accept()
        converse(connection, arguments[1])
    else:
        connection = connect(
            KEY, bytes.fromhex(arguments[2]), "127.0.0.1", int(arguments[1]))
        converse(connection, arguments[3])


main(sys.argv[1:])
