import Bitcoin
import LightningWire

/// How transactions of the past are stored: by height and position, so that storage pages through them in order.
///
/// A transaction of the past is in a final block and has no coin left, or was found dead as long ago. Those of the
/// present stand in a table of their own; a list of both merges by ``WalletTransaction/historyKey``.
public enum WalletHistory {
    /// The least key of the transactions at `height` or above.
    public static func key(from height: BlockHeight) -> [UInt8] {
        var writer = ByteWriter(capacity: 4)
        writer.writeBigEndian(height.value)
        return writer.bytes
    }

    static func writes(archiving transaction: WalletTransaction) -> [RecordWrite] {
        let key = transaction.historyKey
        return [
            RecordWrite(.walletTransaction, key: transaction.id.encoded, value: nil),
            RecordWrite(.walletHistory, key: key, value: transaction.record),
            RecordWrite(.walletHistoryIndex, key: transaction.id.encoded, value: key),
        ]
    }
}

extension WalletTransaction {
    /// The place in the order of the history: the height, the position in the block, the identifier. What waits to be
    /// mined comes last.
    public var historyKey: [UInt8] {
        var writer = ByteWriter(capacity: 40)
        writer.writeBigEndian(height?.value ?? .max)
        writer.writeBigEndian(blockOrder)
        id.write(to: &writer)
        return writer.bytes
    }
}
