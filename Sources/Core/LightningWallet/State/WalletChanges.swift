import Bitcoin
import LightningWire

/// What an input has changed so far: the source of the step's writes and events.
struct WalletChanges {
    /// Transactions whose records differ from what is stored, by identifier, with their status before.
    private(set) var touched: [TransactionID: TransactionStatus?] = [:]
    /// Transactions that left memory for the history.
    private(set) var archived: [WalletTransaction] = []
    /// Writes that do not follow from ``touched``.
    var writes: [RecordWrite] = []
    /// Effects in their order.
    var effects: [WalletEffect] = []
    /// Whether a coin came, went, or changed its class.
    var balanceChanged = false

    /// Notes that transaction `id`, which had `status`, is about to change; the first note counts.
    mutating func touch(_ id: TransactionID, was status: TransactionStatus?) {
        if touched[id] == nil { touched.updateValue(status, forKey: id) }
    }

    /// Notes that `transaction` is removed from memory.
    mutating func archive(_ transaction: WalletTransaction) {
        touch(transaction.id, was: transaction.status)
        archived.append(transaction)
    }
}
