import Bitcoin
import LightningWire

extension Wallet {
    /// The tables whose records make up the wallet, all of which ``init(records:network:accounts:parameters:)`` needs
    /// in full. History is not among them.
    public static let tables: [RecordTable] = [
        .walletAccount, .walletChain, .walletTransaction, .walletLease, .walletLabel,
    ]

    /// The wallet that wrote `records`, exactly as it was.
    ///
    /// Throws ``WalletError/damagedRecord(table:key:_:)`` or ``WalletError/missingRecord(table:)``.
    public init(
        records: some Sequence<RecordWrite>, network: Network,
        accounts: [AccountKind: ExtendedPublicKey],
        parameters: WalletParameters = WalletParameters()
    ) throws(WalletError) {
        var tables: [RecordTable: [(key: [UInt8], value: [UInt8])]] = [:]
        for record in records {
            guard let value = record.value else { continue }
            tables[record.table, default: []].append((record.key, value))
        }
        let loader = WalletLoader(tables: tables)
        let (position, buriedThrough) = try loader.chain()
        self.init(
            network: network, accounts: accounts, parameters: parameters,
            book: try AddressBook(
                accounts: accounts, counters: try loader.counters(),
                lookahead: parameters.lookahead),
            graph: try loader.graph(buriedThrough: buriedThrough), position: position)
        leases = try loader.leases()
        labels = try loader.labels(of: graph)
    }
}

/// Reads the wallet's tables.
private struct WalletLoader {
    let tables: [RecordTable: [(key: [UInt8], value: [UInt8])]]

    func chain() throws(WalletError) -> (ChainPosition, buriedThrough: BlockHeight) {
        let rows = tables[.walletChain] ?? []
        guard let row = rows.first(where: { $0.key == ChainKey.position }) else {
            throw .missingRecord(table: .walletChain)
        }
        let stored = try decode(ChainPositionRecord.self, .walletChain, row)
        var position = ChainPosition(
            birthday: stored.birthday, next: stored.next, rescanNext: stored.rescanNext)
        for row in rows where row.key != ChainKey.position {
            position.load(try decode(ProcessedBlockRecord.self, .walletChain, row).block)
        }
        return (position, stored.buriedThrough)
    }

    func counters() throws(WalletError) -> [AddressBook.BranchID: AddressCounters] {
        var counters: [AddressBook.BranchID: AddressCounters] = [:]
        for row in tables[.walletAccount] ?? [] {
            let branch = try decodeKey(AddressBook.BranchID.self, .walletAccount, row.key)
            counters[branch] = try decode(AddressCounters.self, .walletAccount, row)
        }
        return counters
    }

    func graph(buriedThrough: BlockHeight) throws(WalletError) -> TransactionGraph {
        var graph = TransactionGraph(buriedThrough: buriedThrough)
        for row in tables[.walletTransaction] ?? [] {
            graph.load(try decode(WalletTransaction.self, .walletTransaction, row))
        }
        return graph
    }

    func leases() throws(WalletError) -> LeaseBook {
        var book = LeaseBook()
        for row in tables[.walletLease] ?? [] {
            let outPoint = try decodeKey(OutPoint.self, .walletLease, row.key)
            book.load(try decode(CoinLease.self, .walletLease, row), on: outPoint)
        }
        return book
    }

    func labels(of graph: TransactionGraph) throws(WalletError) -> [TransactionID: String] {
        var labels: [TransactionID: String] = [:]
        for row in tables[.walletLabel] ?? [] {
            let id = try decodeKey(TransactionID.self, .walletLabel, row.key)
            guard graph[id] != nil else { continue }
            labels[id] = try decode(LabelRecord.self, .walletLabel, row).text
        }
        return labels
    }

    private func decode<T: RecordCodable>(
        _ type: T.Type, _ table: RecordTable, _ row: (key: [UInt8], value: [UInt8])
    ) throws(WalletError) -> T {
        do {
            return try T(record: row.value)
        } catch {
            throw .damagedRecord(table: table, key: row.key, error)
        }
    }

    private func decodeKey<T: BinaryCodable>(
        _ type: T.Type, _ table: RecordTable, _ key: [UInt8]
    ) throws(WalletError) -> T {
        do {
            return try T(decoding: key)
        } catch {
            throw .damagedRecord(table: table, key: key, .malformed(error))
        }
    }
}
