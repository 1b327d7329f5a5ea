"""Messages of BOLT 1, 2 and 7 as tables of fields, to be built with any of them missing, wrong or added."""

import struct

# Name, type and fields. A number is so many bytes; `data` has its length in two bytes before it, `sigs` their count.
LAYOUTS = """
warning 1: channel_id:32 data:data
stfu 2: channel_id:32 initiator:u8
peer_storage 7: blob:data
peer_storage_retrieval 9: blob:data
init 16: globalfeatures:data features:data tlvs:tlvs
error 17: channel_id:32 data:data
ping 18: num_pong_bytes:u16 ignored:data
pong 19: ignored:data
open_channel 32: chain_hash:32 temporary_channel_id:32 funding_satoshis:u64 push_msat:u64 dust_limit_satoshis:u64
  max_htlc_value_in_flight_msat:u64 channel_reserve_satoshis:u64 htlc_minimum_msat:u64 feerate_per_kw:u32
  to_self_delay:u16 max_accepted_htlcs:u16 funding_pubkey:33 revocation_basepoint:33 payment_basepoint:33
  delayed_payment_basepoint:33 htlc_basepoint:33 first_per_commitment_point:33 channel_flags:u8 tlvs:tlvs
accept_channel 33: temporary_channel_id:32 dust_limit_satoshis:u64 max_htlc_value_in_flight_msat:u64
  channel_reserve_satoshis:u64 htlc_minimum_msat:u64 minimum_depth:u32 to_self_delay:u16 max_accepted_htlcs:u16
  funding_pubkey:33 revocation_basepoint:33 payment_basepoint:33 delayed_payment_basepoint:33 htlc_basepoint:33
  first_per_commitment_point:33 tlvs:tlvs
funding_created 34: temporary_channel_id:32 funding_txid:32 funding_output_index:u16 signature:64
funding_signed 35: channel_id:32 signature:64
channel_ready 36: channel_id:32 second_per_commitment_point:33 tlvs:tlvs
shutdown 38: channel_id:32 scriptpubkey:data
closing_signed 39: channel_id:32 fee_satoshis:u64 signature:64 tlvs:tlvs
closing_complete 40: channel_id:32 closer_scriptpubkey:data closee_scriptpubkey:data fee_satoshis:u64 locktime:u32
  tlvs:tlvs
closing_sig 41: channel_id:32 closer_scriptpubkey:data closee_scriptpubkey:data fee_satoshis:u64 locktime:u32 tlvs:tlvs
start_batch 127: channel_id:32 batch_size:u16 tlvs:tlvs
update_add_htlc 128: channel_id:32 id:u64 amount_msat:u64 payment_hash:32 cltv_expiry:u32 onion_routing_packet:1366
  tlvs:tlvs
update_fulfill_htlc 130: channel_id:32 id:u64 payment_preimage:32 tlvs:tlvs
update_fail_htlc 131: channel_id:32 id:u64 reason:data tlvs:tlvs
commitment_signed 132: channel_id:32 signature:64 htlc_signatures:sigs tlvs:tlvs
revoke_and_ack 133: channel_id:32 per_commitment_secret:32 next_per_commitment_point:33
update_fee 134: channel_id:32 feerate_per_kw:u32
update_fail_malformed_htlc 135: channel_id:32 id:u64 sha256_of_onion:32 failure_code:u16
channel_reestablish 136: channel_id:32 next_commitment_number:u64 next_revocation_number:u64
  your_last_per_commitment_secret:32 my_current_per_commitment_point:33 tlvs:tlvs
channel_announcement 256: node_signature_1:64 node_signature_2:64 bitcoin_signature_1:64 bitcoin_signature_2:64
  features:data chain_hash:32 short_channel_id:8 node_id_1:33 node_id_2:33 bitcoin_key_1:33 bitcoin_key_2:33
node_announcement 257: signature:64 features:data timestamp:u32 node_id:33 rgb_color:3 alias:32 addresses:data
channel_update 258: signature:64 chain_hash:32 short_channel_id:8 timestamp:u32 message_flags:u8 channel_flags:u8
  cltv_expiry_delta:u16 htlc_minimum_msat:u64 fee_base_msat:u32 fee_proportional_millionths:u32 htlc_maximum_msat:u64
announcement_signatures 259: channel_id:32 short_channel_id:8 node_signature:64 bitcoin_signature:64
query_short_channel_ids 261: chain_hash:32 encoded_short_ids:data tlvs:tlvs
reply_short_channel_ids_end 262: chain_hash:32 full_information:u8
query_channel_range 263: chain_hash:32 first_blocknum:u32 number_of_blocks:u32 tlvs:tlvs
reply_channel_range 264: chain_hash:32 first_blocknum:u32 number_of_blocks:u32 sync_complete:u8 encoded_short_ids:data
  tlvs:tlvs
gossip_timestamp_filter 265: chain_hash:32 first_timestamp:u32 timestamp_range:u32
"""

INTEGERS = {"u8": ">B", "u16": ">H", "u32": ">I", "u64": ">Q"}
TYPES, FIELDS, NAMES = {}, {}, {}
for _line in LAYOUTS.replace("\n  ", " ").strip().split("\n"):
    _head, _, _fields = _line.partition(":")
    _name, _type = _head.split()
    TYPES[_name], NAMES[int(_type)] = int(_type), _name
    FIELDS[_name] = [tuple(field.split(":")) for field in _fields.split()]


class Message(dict):
    """The fields of a message that came; `name` tells which it is, and fields are also attributes."""

    def __init__(self, name, fields, raw):
        super().__init__(fields)
        self.name, self.raw = name, raw

    def __getattr__(self, field):
        try:
            return self[field]
        except KeyError:
            raise AttributeError(field) from None

    @property
    def text(self):
        """What a warning or an error says."""
        return self["data"].decode("ascii", "replace")

    def __repr__(self):
        return f"{self.name} {self.text!r}" if self.name in ("warning", "error") else self.name


def bigsize(value):
    """The value in as few bytes as BigSize allows."""
    if value < 0xFD:
        return bytes([value])
    if value < 0x10000:
        return b"\xfd" + struct.pack(">H", value)
    if value < 0x100000000:
        return b"\xfe" + struct.pack(">I", value)
    return b"\xff" + struct.pack(">Q", value)


def tlvs(records):
    """A TLV stream of the records {type: value}, in the order given; bytes are taken as they are."""
    if isinstance(records, bytes):
        return records
    return b"".join(bigsize(type) + bigsize(len(value)) + value for type, value in records.items())


def build(name, **values):
    """The bytes of a message. Every field but `tlvs` has to be there."""
    output = struct.pack(">H", TYPES[name])
    for field, kind in FIELDS[name]:
        value = values.pop(field, {} if kind == "tlvs" else None)
        if kind in INTEGERS:
            output += struct.pack(INTEGERS[kind], value)
        elif kind == "data":
            output += struct.pack(">H", len(value)) + value
        elif kind == "sigs":
            output += struct.pack(">H", len(value)) + b"".join(value)
        elif kind == "tlvs":
            output += tlvs(value)
        else:
            assert len(value) == int(kind), f"{name}.{field} has {len(value)} bytes instead of {kind}"
            output += value
    assert not values, f"{name} has no {values}"
    return output


def parse(raw):
    """The message of these bytes; one of a type without a layout has no fields and a name like `type 513`."""
    (type,) = struct.unpack_from(">H", raw)
    name = NAMES.get(type, f"type {type}")
    reader, fields = Reader(raw[2:]), {}
    for field, kind in FIELDS.get(name, ()):
        if kind in INTEGERS:
            fields[field] = reader.integer(INTEGERS[kind])
        elif kind == "data":
            fields[field] = reader.take(reader.integer(">H"))
        elif kind == "sigs":
            fields[field] = [reader.take(64) for _ in range(reader.integer(">H"))]
        elif kind == "tlvs":
            fields[field] = reader.tlvs()
        else:
            fields[field] = reader.take(int(kind))
    return Message(name, fields, raw)


class Reader:
    """Takes bytes from the front."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        piece = self.data[self.at:self.at + count]
        if len(piece) < count:
            raise ValueError(f"{count} bytes wanted, {len(piece)} there")
        self.at += count
        return piece

    def integer(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def bigsize(self):
        first = self.integer(">B")
        return first if first < 0xFD else self.integer({0xFD: ">H", 0xFE: ">I", 0xFF: ">Q"}[first])

    def tlvs(self):
        records = {}
        while self.at < len(self.data):
            type = self.bigsize()
            assert type > max(records, default=-1), "the TLV records do not ascend"
            records[type] = self.take(self.bigsize())
        return records
