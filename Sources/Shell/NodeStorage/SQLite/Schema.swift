import Bitcoin
import LightningWire

/// The database's form: a version number, and for each version the statements that lead to it from the one before.
enum Schema {
    /// `SALM`: tells a database of this program from others (SQLite's application_id).
    static let applicationID: Int64 = 0x5341_4C4D

    /// The version that this release makes and needs.
    static let currentVersion = 5

    /// The statements that lead from `version - 1` to `version`. A release never changes those that another has shipped.
    private static func migration(to version: Int) -> [String] {
        let tables = RecordTable.allCases.filter { $0.schemaVersion == version }
            .map { create($0.caseName) }
        return version == gatheringVersion ? tables + gather() : tables
    }

    /// A table clustered by its key: one B-tree, so that a record costs one search and a range is read in order.
    private static func create(_ name: String) -> String {
        "CREATE TABLE \(name) (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL)"
            + " WITHOUT ROWID, STRICT"
    }

    /// The version in which records that change with every payment came together in one table.
    private static let gatheringVersion = 5

    private static func gather() -> [String] {
        [create(RecordTable.gatheredName)]
            + RecordTable.allCases.compactMap { table in
                table.keyPrefix.map { (table.caseName, Hex.encode([$0])) }
            }.flatMap { name, prefix in
                [
                    "INSERT INTO \(RecordTable.gatheredName)"
                        + " SELECT CAST(x'\(prefix)' || key AS BLOB), value FROM \(name)",
                    "DROP TABLE \(name)",
                ]
            }
    }

    /// Brings a database to the current version, in one transaction.
    static func migrate(_ connection: Connection) throws(StorageError) {
        let application = try connection.integer("PRAGMA application_id")
        let version = Int(try connection.integer("PRAGMA user_version"))
        let objects = try connection.integer("SELECT count(*) FROM sqlite_schema")
        let isNew = application == 0 && version == 0 && objects == 0
        guard isNew || application == applicationID else { throw .notOurs(path: connection.path) }
        guard version <= currentVersion else {
            throw .newerSchema(found: version, supported: currentVersion)
        }
        guard version < currentVersion else { return }
        try connection.execute("BEGIN IMMEDIATE")
        for next in version + 1...currentVersion {
            for statement in migration(to: next) { try connection.execute(statement) }
        }
        try connection.execute("PRAGMA application_id = \(applicationID)")
        try connection.execute("PRAGMA user_version = \(currentVersion)")
        try connection.execute("COMMIT")
    }
}

extension RecordTable {
    fileprivate var caseName: String { "\(self)" }

    /// The name of the database's table that holds the records.
    var sqlName: String { keyPrefix == nil ? caseName : Self.gatheredName }

    fileprivate static let gatheredName = "present"

    /// What keys begin with in the database, where the records of several tables are in one; nil for a table of its own.
    ///
    /// A commit writes whole pages, one at least for each table that it changes. What every step of a payment changes is
    /// little, and together on few pages. Never changed: databases have it.
    var keyPrefix: UInt8? {
        switch self {
        case .channelState, .channelSignatures, .channelHTLC, .channelMessage,
            .channelSignedUpdate, .channelSecret, .channelResolution, .payment, .paymentAttempt:
            rawValue
        case .meta, .walletAccount, .walletSeed, .walletChain, .walletTransaction, .walletLease,
            .chainBlock, .walletHistory, .walletHistoryIndex, .walletLabel, .channelParameters,
            .channelFunding, .channelPastHTLC, .channelLife, .fundingTransaction, .onChain,
            .onChainEntry, .publisherClaim, .publisherTransaction, .invoice, .pastInvoice,
            .nodePeer, .channelClosed, .pastPayment, .invoiceHash, .paymentHash, .liquidity,
            .gossipChannel, .gossipUpdate, .gossipNode, .gossipClosing, .channelPolicy, .forward:
            nil
        }
    }

    /// The version of the database with which the table came. Never changed: databases of that version have the table.
    fileprivate var schemaVersion: Int {
        switch self {
        case .meta, .walletAccount, .walletSeed, .walletChain, .walletTransaction, .walletLease,
            .chainBlock, .walletHistory, .walletHistoryIndex, .walletLabel:
            1
        case .channelState, .channelParameters, .channelFunding, .channelSignatures,
            .channelHTLC, .channelMessage, .channelSignedUpdate, .channelSecret,
            .channelPastHTLC:
            2
        case .channelResolution, .channelLife, .fundingTransaction, .onChain, .onChainEntry,
            .publisherClaim, .publisherTransaction, .invoice, .pastInvoice, .payment,
            .paymentAttempt, .channelClosed, .pastPayment, .invoiceHash, .paymentHash, .liquidity,
            .gossipChannel, .gossipUpdate, .gossipNode, .gossipClosing:
            3
        case .channelPolicy, .forward, .nodePeer: 4
        }
    }
}
