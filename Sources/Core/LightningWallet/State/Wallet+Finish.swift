import Bitcoin
import LightningWire

extension Wallet {
    /// The step that makes `changes` durable and tells of them.
    func finish(_ changes: WalletChanges) -> WalletStep {
        var step = WalletStep()
        step.writes = changes.writes
        let archived = Dictionary(
            changes.archived.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        for (id, previous) in changes.touched.sorted(by: { $0.key < $1.key }) {
            if let transaction = graph[id] {
                step.writes.append(
                    RecordWrite(
                        .walletTransaction, key: id.encoded, value: transaction.record))
                tell(transaction, previous, &step)
            } else if let transaction = archived[id] {
                step.writes += WalletHistory.writes(archiving: transaction)
                tell(transaction, previous, &step)
            }
        }
        step.effects += changes.effects
        if changes.balanceChanged || !changes.touched.isEmpty {
            step.effects.append(.tell(.balanceChanged))
        }
        return step
    }

    private func tell(
        _ transaction: WalletTransaction, _ previous: TransactionStatus?, _ step: inout WalletStep
    ) {
        guard transaction.status != previous else { return }
        step.effects.append(.tell(.transactionChanged(transaction, previous: previous)))
    }
}
