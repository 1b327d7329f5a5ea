import Bitcoin
import LightningWire

extension Wallet {
    /// The most bytes that a label has.
    public static let longestLabel = 500

    /// Names a transaction, of the present or the past; an empty label removes the name.
    ///
    /// The caller has made sure that the wallet has the transaction, in memory or in its history.
    public mutating func label(
        _ id: TransactionID, _ text: String
    ) throws(WalletError) -> WalletStep {
        guard text.utf8.count <= Self.longestLabel else { throw .labelTooLong(text.utf8.count) }
        if graph[id] != nil { labels[id] = text.isEmpty ? nil : text }
        var step = WalletStep()
        step.writes = [
            RecordWrite(
                .walletLabel, key: id.encoded,
                value: text.isEmpty ? nil : LabelRecord(text).record)
        ]
        return step
    }

    /// What the user calls a transaction of the present; nil where it has no name.
    public func label(of id: TransactionID) -> String? { labels[id] }

    /// Reads a stored label, as of a transaction of the past.
    ///
    /// Throws ``WalletError/damagedRecord(table:key:_:)``.
    public static func label(
        of id: TransactionID, record: [UInt8]
    ) throws(WalletError) -> String {
        do {
            return try LabelRecord(record: record).text
        } catch {
            throw .damagedRecord(table: .walletLabel, key: id.encoded, error)
        }
    }
}
