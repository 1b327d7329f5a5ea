import Bitcoin
import LightningWire

/// A signature of gossip with what it has to hold for; plain data, so that a worker can check a batch of them.
public struct SignatureCheck: Hashable, Sendable {
    public let key: Point
    public let hash: Hash256
    public let signature: WireSignature

    /// Whether key and signature are well-formed and the signature is the key's for the hash.
    ///
    /// High values of s are let pass. BOLT 7: "an intermediate node who received the `channel_update` message can rebroadcast
    /// it just by changing the `s` component of signature with `-s`."
    public var holds: Bool {
        guard let key = try? key.publicKey(), let signature = try? signature.ecdsa() else {
            return false
        }
        return key.verify(signature.normalized, hash)
    }
}

extension ChannelAnnouncement {
    /// BOLT 7: "MUST compute the double-SHA256 hash `h` of the message, beginning at offset 256, up to the end of the
    /// message." The type's two bytes stand before that.
    public var signedHash: Hash256 { SHA256.doubleHash(Array(encoded[(2 + 256)...])) }

    /// The four signatures.
    var checks: [SignatureCheck] {
        let hash = signedHash
        return [
            SignatureCheck(key: nodeID1.point, hash: hash, signature: nodeSignature1),
            SignatureCheck(key: nodeID2.point, hash: hash, signature: nodeSignature2),
            SignatureCheck(key: bitcoinKey1, hash: hash, signature: bitcoinSignature1),
            SignatureCheck(key: bitcoinKey2, hash: hash, signature: bitcoinSignature2),
        ]
    }

    /// The script that the funding output has to have.
    ///
    /// BOLT 3: "`2 <pubkey1> <pubkey2> 2 OP_CHECKMULTISIG`" in a witness script hash, where "`pubkey1` is the
    /// lexicographically lesser of the two `funding_pubkey` in compressed format".
    var fundingScript: Script? {
        guard let key1 = try? bitcoinKey1.publicKey(), let key2 = try? bitcoinKey2.publicKey()
        else { return nil }
        let keys = bitcoinKey1 < bitcoinKey2 ? [key1, key2] : [key2, key1]
        return (try? Script.multisig(required: 2, keys)).map(Script.payToWitnessScriptHash(of:))
    }
}

extension ChannelUpdate {
    /// The double SHA-256 of everything behind the signature.
    public var signedHash: Hash256 { SHA256.doubleHash(Array(encoded[(2 + 64)...])) }

    /// BOLT 7: "the CRC32C checksum as specified in [...] of this `channel_update` without its `signature` and `timestamp`
    /// fields."
    public var checksum: UInt32 {
        let bytes = encoded
        return CRC32C.checksum(Array(bytes[(2 + 64)..<(2 + 64 + 40)] + bytes[(2 + 64 + 44)...]))
    }

    /// The direction that it speaks of.
    var direction: DirectedChannel { DirectedChannel(shortChannelID, side: channelFlags & 1) }

    /// What it charges for what comes in, from the record behind its fields; nil where it says nothing.
    var inboundFee: InboundFee? {
        var reader = ByteReader(extensionBytes.span.bytes)
        while !reader.isAtEnd {
            guard let type = try? reader.readBigSize(), let length = try? reader.readBigSize(),
                let count = Int(exactly: length), let value = try? reader.readBytes(count)
            else { return nil }
            guard type == InboundFee.recordType else { continue }
            var fields = ByteReader(value.span.bytes)
            guard value.count == 8, let base = try? fields.readBigEndian(Int32.self),
                let proportional = try? fields.readBigEndian(Int32.self)
            else { return nil }
            return InboundFee(base: base, proportionalMillionths: proportional)
        }
        return nil
    }
}

extension NodeAnnouncement {
    /// The double SHA-256 of everything behind the signature.
    public var signedHash: Hash256 { SHA256.doubleHash(Array(encoded[(2 + 64)...])) }
}

extension Features {
    /// Whether all that is demanded is known. BOLT 7: "if there is an unknown even bit in the `features` field: MUST NOT
    /// attempt to route messages through the channel."
    var areUnderstood: Bool {
        bits.allSatisfy { $0 % 2 == 1 || Feature(rawValue: $0) != nil }
    }
}
