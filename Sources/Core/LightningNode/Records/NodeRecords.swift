import Bitcoin
import LightningCommitment
import LightningOnChain
import LightningWire

/// The node's own records.
enum NodeRecords {
    /// Under which ``RecordTable/meta`` has the number of the channel keys that come next.
    static let nextKeysKey = Array("next channel keys".utf8)

    static func nextKeys(_ number: UInt32) -> RecordWrite {
        var writer = ByteWriter(capacity: 4)
        writer.writeBigEndian(number)
        return RecordWrite(.meta, key: nextKeysKey, value: writer.bytes)
    }

    static func nextKeys(_ value: [UInt8]) throws(RecordError) -> UInt32 {
        guard value.count == 4 else {
            throw .malformed(.truncated(needed: 4, available: value.count))
        }
        return value.reduce(0) { $0 << 8 | UInt32($1) }
    }

    static func funding(_ transaction: Transaction) -> RecordWrite {
        RecordWrite(
            .fundingTransaction, key: transaction.id.encoded, value: transaction.encoded)
    }

    static func fundingRemoval(_ id: TransactionID) -> RecordWrite {
        RecordWrite(.fundingTransaction, key: id.encoded, value: nil)
    }
}
