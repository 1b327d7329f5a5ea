"""BOLT 1: messages, TLV streams, init, errors, pings."""

import os

from driver.channel import Channel
from driver.messages import bigsize, build
from driver.rules import OURS, THEIRS, rule
from driver.wire import FEATURES, REGTEST, Closed, features

# Types that no message has.
ODD, EVEN = 0xFFF1, 0xFFF0


def open_channel_with(t, tlvs):
    """Sends an `open_channel` whose TLV stream is these bytes. Gives the peer and the channel's temporary id."""
    peer = t.peer()
    channel = Channel(peer)
    peer.send("open_channel", **channel.open_fields(tlvs=tlvs))
    return peer, channel.temporary_id


# The stream of an `open_channel` that is accepted: no upfront script, and the type with anchors.
GOOD_TLVS = bytes.fromhex("0000" + "0103401000")

UNKNOWN_ODD = "upon receiving a message of _odd_, unknown type: MUST ignore the received message."


@rule(1, UNKNOWN_ODD)
def odd_type_is_ignored(t):
    peer = t.peer()
    peer.send_raw(ODD.to_bytes(2, "big") + os.urandom(50))
    peer.alive()


@rule(1, UNKNOWN_ODD, channel=OURS)
def odd_type_amid_a_channel_is_ignored(t):
    for type in (99, 201, 511, 32769):
        t.channel.peer.send_raw(type.to_bytes(2, "big"))
    t.works()


@rule(1, "upon receiving a message of _even_, unknown type: MUST close the connection.")
def even_type_closes(t):
    peer = t.peer()
    peer.send_raw(EVEN.to_bytes(2, "big"))
    peer.closed("not known here")


@rule(1, "upon receiving a message of _even_, unknown type: MUST close the connection.", channel=OURS)
def even_type_costs_no_channel(t):
    t.channel.peer.send_raw(bytes.fromhex("0200"))
    t.refused("not known here")


TOO_SHORT = "upon receiving a known message with insufficient length for the contents: MUST close the connection."


def too_short(name, message):
    @rule(1, TOO_SHORT, name=f"short_{name}_closes")
    def case(t):
        peer = t.peer()
        peer.send_raw(message[:-1])
        peer.closed("ends early")


too_short("ping", build("ping", num_pong_bytes=1, ignored=b"abc"))
too_short("pong", build("pong", ignored=b"abc"))
too_short("error", build("error", channel_id=bytes(32), data=b"abc"))
too_short("warning", build("warning", channel_id=bytes(32), data=b"abc"))
too_short("gossip_timestamp_filter", build(
    "gossip_timestamp_filter", chain_hash=REGTEST, first_timestamp=0, timestamp_range=0))
too_short("query_channel_range", build(
    "query_channel_range", chain_hash=REGTEST, first_blocknum=0, number_of_blocks=1))
too_short("update_fee", build("update_fee", channel_id=bytes(32), feerate_per_kw=253))


@rule(1, TOO_SHORT)
def short_init_closes(t):
    peer = t.peer(greet=False)
    peer.expect("init")
    peer.send_raw(build("init", globalfeatures=b"", features=features(*FEATURES), tlvs={})[:-1])
    peer.closed()


@rule(1, TOO_SHORT, channel=OURS)
def short_channel_message_closes(t):
    t.channel.peer.send_raw(build("update_fee", channel_id=t.channel.id, feerate_per_kw=2501)[:-1])
    t.refused("ends early")


@rule(1, "Otherwise, if the `extension` is invalid: MUST close the connection.")
def invalid_extension_closes(t):
    peer = t.peer()
    peer.send_raw(build("ping", num_pong_bytes=1, ignored=b"") + bytes.fromhex("01"))
    # An extension may be ignored as a whole, too.
    try:
        peer.alive(size=2, skip={"pong"})
    except Exception:
        peer.closed()


# TLV streams, in `open_channel`


@rule(1, "if zero bytes remain before parsing a `type`: MUST stop parsing the `tlv_stream`.")
def tlv_stream_ends(t):
    peer, _ = open_channel_with(t, GOOD_TLVS)
    peer.expect("accept_channel")


@rule(1, "otherwise, if `type` is odd: MUST discard the next `length` bytes.")
def unknown_odd_record_is_discarded(t):
    peer, _ = open_channel_with(t, GOOD_TLVS + bigsize(0xFFF1) + bigsize(3) + b"abc")
    peer.expect("accept_channel")


def bad_stream(name, quote, stream, says):
    @rule(1, quote, name=f"tlv_{name}")
    def case(t):
        peer, _ = open_channel_with(t, bytes.fromhex(stream))
        peer.closed("open_channel_tlvs.*" + says)


NOT_MINIMAL = "if a `type` or `length` is not minimally encoded: MUST fail to parse the `tlv_stream`."
NOT_ASCENDING = (
    "if decoded `type`s are not strictly-increasing (including situations when two or more occurrences of the same "
    "`type` are met): MUST fail to parse the `tlv_stream`.")
bad_stream("type_not_minimal", NOT_MINIMAL, "0000" + "fd00010340" + "1000", "is not in its")
bad_stream("length_not_minimal", NOT_MINIMAL, "0000" + "01fd0003401000", "is not in its")
bad_stream("types_descending", NOT_ASCENDING, "0103401000" + "0000", "must increase")
bad_stream("type_twice", NOT_ASCENDING, "0000" + "0103401000" + "0103401000", "must increase")
bad_stream("unknown_type_twice", NOT_ASCENDING, "0000" + "0103401000" + "0b00" + "0b00", "must increase")
bad_stream(
    "length_beyond_the_message",
    "if `length` exceeds the number of bytes remaining in the message: MUST fail to parse the `tlv_stream`.",
    "0000" + "0104401000", "ends early")
bad_stream(
    "unknown_even_type", "if `type` is even: MUST fail to parse the `tlv_stream`.", "0000" + "0103401000" + "0c00",
    "12")


@rule(1, "if `length` is not exactly equal to that required for the known encoding for `type`: MUST fail to parse the "
      "`tlv_stream`.", channel=OURS)
def tlv_length_of_known_type(t):
    # The alias of `channel_ready` has eight bytes.
    t.channel.send_ready(tlvs={1: bytes(7)})
    t.refused("channel_ready_tlvs")


@rule(1, "if `length` is not exactly equal to that required for the known encoding for `type`: MUST fail to parse the "
      "`tlv_stream`.")
def tlv_networks_of_odd_length(t):
    peer = t.peer(greet=False)
    peer.greet(tlvs={1: REGTEST + b"\0"})
    peer.closed("init_tlvs")


@rule(1, "if variable-length fields within the known encoding for `type` are not minimal: MUST fail to parse the "
      "`tlv_stream`.")
def tlv_field_not_minimal(t):
    # The options of `query_channel_range` are one bigsize.
    peer = t.peer()
    peer.send("query_channel_range", chain_hash=REGTEST, first_blocknum=0, number_of_blocks=1,
              tlvs={1: bytes.fromhex("fd0003")})
    peer.closed("is not in its")


# init


@rule(1, "MUST send `init` as the first Lightning message for any connection.",
      "MUST set any undefined feature bits to 0.")
def init_is_first_with_known_bits(t):
    peer = t.peer(greet=False)
    greeting = peer.expect("init", skip=())
    bits = int.from_bytes(greeting.globalfeatures, "big") | int.from_bytes(greeting.features, "big")
    assigned = {0, 4, 6, 8, 10, 12, 14, 16, 18, 22, 24, 26, 28, 34, 36, 38, 42, 44, 46, 48, 50, 60, 62}
    for bit in range(bits.bit_length()):
        t.demand(not bits >> bit & 1 or bit & ~1 in assigned, f"the feature bit {bit} is not assigned")
    t.demand(not (bits & bits >> 1) & int("01" * 40, 2), "both bits of a feature are set")


@rule(1, "MUST wait to receive `init` before sending any other messages.")
def nothing_before_init(t):
    peer = t.peer(greet=False)
    peer.expect("init", skip=())
    # Another connection is greeted meanwhile, and has got what the node says unasked.
    t.peer().alive().alive()
    t.demand(peer.is_quiet(), "something was sent before init came")
    peer.send("init", globalfeatures=b"", features=features(*FEATURES), tlvs={1: REGTEST})
    peer.alive()


@rule(1, "MUST send `init` as the first Lightning message for any connection.")
def another_first_message_closes(t):
    peer = t.peer(greet=False)
    peer.expect("init")
    peer.send("ping", num_pong_bytes=1, ignored=b"")
    peer.closed("init")


@rule(1, "MUST combine (bitwise OR) the two feature bitmaps into one logical `features` map.")
def global_features_count(t):
    peer = t.peer(greet=False)
    low, high = [bit for bit in FEATURES if bit < 14], [bit for bit in FEATURES if bit >= 14]
    peer.greet(globalfeatures=features(*low), features=features(*high))
    peer.alive()


@rule(1, "upon receiving unknown _odd_ feature bits that are non-zero: MUST ignore the bit.")
def unknown_odd_feature(t):
    t.peer(offers=FEATURES + (101, 255, 2047)).alive()


@rule(1, "upon receiving unknown _even_ feature bits that are non-zero: MUST close the connection.")
def unknown_even_feature(t):
    t.peer(offers=FEATURES + (100,)).closed("100")


@rule(1, "upon receiving unknown _even_ feature bits that are non-zero: MUST close the connection.")
def unknown_even_global_feature(t):
    peer = t.peer(greet=False)
    peer.greet(globalfeatures=features(98))
    peer.closed("98")


@rule(1, "upon receiving `networks` containing no common chains MAY close the connection.")
def no_common_chain(t):
    peer = t.peer(greet=False)
    peer.greet(tlvs={1: bytes(32)})
    peer.closed("chain")


@rule(1, "SHOULD set `networks` to all chains it will gossip or open channels for.")
def networks_are_told(t):
    t.demand(t.peer().init.tlvs[1] == REGTEST, "networks is not regtest")


def missing_dependency(name, bits):
    @rule(1, "if the feature vector does not set all known, transitive dependencies: MUST close the connection.",
          name=f"features_{name}_without_what_they_need")
    def case(t):
        t.peer(offers=bits).closed("missingDependency")


missing_dependency("zero_confirmation", tuple(bit for bit in FEATURES if bit != 47) + (51,))
missing_dependency("multi_part", tuple(bit for bit in FEATURES if bit != 14))
missing_dependency("simple_close", tuple(bit for bit in FEATURES if bit != 27))


@rule(1, "MUST set it to a valid `address descriptor` (1 byte type and data) as described in "
      "[BOLT 7](07-routing-gossip.md#the-node_announcement-message).")
def remote_address_is_valid_if_it_is_there(t):
    told = t.peer().init.tlvs.get(3)
    lengths = {1: 7, 2: 19, 4: 38}
    t.demand(told is None or lengths.get(told[0]) == len(told), f"remote_addr is {told}")


# error and warning


@rule(1, "if `channel_id` is all zero: MUST fail all channels with the sending node.", channel=OURS)
def error_for_all_channels(t):
    t.channel.peer.send("error", channel_id=bytes(32), data=b"gone")
    t.force_closed()


@rule(1, "MUST fail the channel referred to by `channel_id`, if that channel is with the sending node.", channel=THEIRS)
def error_for_one_channel(t):
    t.channel.peer.send("error", channel_id=t.channel.id, data=b"\x00\xff not printable")
    t.force_closed()


NO_CHANNEL = "if no existing channel is referred to by `channel_id`: MUST ignore the message."


@rule(1, NO_CHANNEL, channel=OURS)
def error_for_another_channel_is_ignored(t):
    t.channel.peer.send("error", channel_id=os.urandom(32), data=b"gone")
    t.works()


@rule(1, NO_CHANNEL, channel=OURS)
def warning_for_another_channel_is_ignored(t):
    t.channel.peer.send("warning", channel_id=os.urandom(32), data=b"hm")
    t.works()


@rule(1, "MUST fail the channel referred to by `channel_id`, if that channel is with the sending node.", channel=OURS)
def error_of_a_stranger_is_ignored(t):
    t.peer().send("error", channel_id=t.channel.id, data=b"gone")
    t.peer().send("error", channel_id=bytes(32), data=b"gone")
    t.works()


@rule(1, "upon receiving `warning`: SHOULD log the message for later diagnosis.", channel=OURS)
def warning_costs_nothing(t):
    word = os.urandom(8).hex()
    t.channel.peer.send("warning", channel_id=t.channel.id, data=word.encode())
    t.works()
    t.eventually("the log's line", lambda: word in t.node.process.said())


@rule(1, "if `data` is not composed solely of printable ASCII characters (For reference: the printable character set "
      "includes byte values 32 through 126, inclusive): SHOULD NOT print out `data` verbatim.")
def unprintable_error_is_not_logged(t):
    peer, word = t.peer(), os.urandom(8).hex().encode()
    peer.send("error", channel_id=bytes(32), data=word + b"\x1b[31m\n")
    peer.alive()
    t.eventually("the log's line", lambda: word.hex() in t.node.process.said())
    t.demand(word.decode() not in t.node.process.said(), "the data stands in the log")


@rule(1, "SHOULD send `error` with the unknown `channel_id` in reply to messages of type `32`-`255` related to unknown "
      "channels.")
def unknown_channel_is_answered(t):
    peer, unknown = t.peer(), os.urandom(32)
    peer.send("update_fee", channel_id=unknown, feerate_per_kw=253)
    peer.error("unknown channel", unknown)
    peer.alive()


@rule(1, "for all error messages sent before (and not including) the `funding_signed` message: MUST use "
      "`temporary_channel_id` in lieu of `channel_id`.")
def errors_have_the_temporary_id(t):
    peer = t.peer()
    channel = Channel(peer)
    channel.propose()
    peer.send("funding_created", temporary_channel_id=channel.temporary_id, funding_txid=os.urandom(32),
              funding_output_index=0, signature=bytes(64))
    peer.error("signature", channel.temporary_id)


# ping and pong


def pings(size):
    @rule(1, "if `num_pong_bytes` is less than 65532: MUST respond by sending a `pong` message, with `byteslen` equal to "
          "`num_pong_bytes`.", name=f"ping_for_{size}")
    def case(t):
        t.peer().alive(size=size)


for _size in (0, 1, 65531):
    pings(_size)


@rule(1, "otherwise (`num_pong_bytes` is **not** less than 65532): MUST ignore the `ping`.")
def ping_for_too_much_is_ignored(t):
    peer = t.peer()
    for size in (65532, 65535):
        peer.send("ping", num_pong_bytes=size, ignored=b"")
    peer.alive(size=3)


@rule(1, "SHOULD set `ignored` to 0s.")
def pong_tells_nothing(t):
    peer = t.peer()
    peer.send("ping", num_pong_bytes=2000, ignored=os.urandom(100))
    t.demand(not any(peer.expect("pong").ignored), "a pong is not zeros")


@rule(1, "if `byteslen` does not correspond to any `ping`'s `num_pong_bytes` value it has sent: MAY close the "
      "connection.")
def pong_that_was_not_asked_for(t):
    peer = t.peer()
    peer.send("pong", ignored=bytes(1234))
    peer.closed("pong")


@rule(1, "if it doesn't receive a corresponding `pong`: MAY close the network connection, and MUST NOT fail the "
      "channels in this case.", node="impatient")
def silence_costs_no_channel(t):
    t.channel = t.open(OURS)
    t.channel.peer.answers_pings = False
    while True:
        try:
            t.channel.peer.receive()
        except Closed:
            break
    t.stays()


# peer storage


@rule(1, "upon receiving a message of _odd_, unknown type: MUST ignore the received message.", channel=OURS)
def peer_storage_that_was_not_offered_is_ignored(t):
    t.channel.peer.send("peer_storage", blob=bytes(100))
    t.works()
