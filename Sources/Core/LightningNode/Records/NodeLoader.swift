import Bitcoin
import LightningChannel
import LightningCommitment
import LightningOnChain
import LightningPayment
import LightningWallet
import LightningWire

/// Why a node cannot be made of its records.
public enum NodeLoadError: Error {
    case wallet(WalletError)
    /// A record of that table, with a key that begins so, cannot be used.
    case damaged(RecordTable, key: [UInt8], RecordError)
    case publisher(PublisherRecordError)
    /// The commitments of a channel have no keys, or its own keys cannot be derived.
    case unusableChannel(ChannelKeyNumber)
    /// The store does not give its records.
    case unreadable(any Error)
}

/// Gives the records of a table whose keys start with some bytes, in the order of the keys. Of a large table each call
/// gives a part, so that a start needs no more memory than what it makes.
public typealias NodeRecordReader = (
    _ table: RecordTable, _ prefix: [UInt8]
) throws -> [(key: [UInt8], value: [UInt8])]

extension LightningNode {
    /// The node that wrote the records, as it was but for its connections. What was under way is taken up with the first
    /// input.
    public init(
        reading reader: @escaping NodeRecordReader, keys: WalletKeys, parameters: WalletParameters,
        policy: NodePolicy = NodePolicy()
    ) throws(NodeLoadError) {
        let loader = NodeLoader(reader: reader)
        let wallet = try loader.wallet(keys, parameters)
        try self.init(wallet: wallet, keys: keys, policy: policy, loader: loader)
        try load(loader)
    }

    /// A node of this wallet and the keys that sign for it, without channels and payments.
    public init(wallet: Wallet, keys: WalletKeys, policy: NodePolicy = NodePolicy()) {
        do {
            try self.init(
                wallet: wallet, keys: keys, policy: policy,
                loader: NodeLoader(reader: { _, _ in [] }))
        } catch {
            preconditionFailure("there is no record that could be damaged")
        }
    }

    private init(
        wallet: Wallet, keys: WalletKeys, policy: NodePolicy, loader: NodeLoader
    ) throws(NodeLoadError) {
        purse = NodeFeeWallet(wallet, keys: keys)
        self.policy = policy
        height = wallet.nextHeight.saturatingSubtract(1)
        publisher = Publisher(tip: height, policy: policy.publisher)
        let secrets = PaymentSecrets(root: keys.paymentRoot)
        var invoicePolicy = policy.invoices ?? InvoicePolicy(network: wallet.network)
        invoicePolicy.network = wallet.network
        // What is taken must not close its channel at once.
        invoicePolicy.holdMargin = max(
            invoicePolicy.holdMargin, policy.onChain.fulfillmentTime + policy.onChain.grace)
        let records = (
            invoices: try loader.stored(.invoice), payments: try loader.stored(.payment),
            attempts: try loader.stored(.paymentAttempt)
        )
        let counters = (
            try loader.single(.meta, PaymentRecordKey.invoiceCounters),
            try loader.single(.meta, PaymentRecordKey.paymentCounters)
        )
        do throws(RecordError) {
            invoices = try Invoices(
                secrets: secrets, policy: invoicePolicy, records: records.invoices,
                counters: counters.0)
            payments = try Payments(
                secrets: secrets, records: records.payments, attempts: records.attempts,
                counters: counters.1)
        } catch {
            throw .damaged(.payment, key: [], error)
        }
        forwarding = Forwarding(secrets: secrets)
    }

    private mutating func load(_ loader: NodeLoader) throws(NodeLoadError) {
        if let value = try loader.single(.meta, NodeRecords.nextKeysKey) {
            nextKeys = try loader.decoding(.meta, NodeRecords.nextKeysKey) {
                () throws(RecordError) in try NodeRecords.nextKeys(value)
            }
        }
        for (key, value) in try loader.records(.meta) {
            let job = try loader.decoding(.meta, key) { () throws(RecordError) in
                try PruningJob(key: key, value: value)
            }
            if let job { pruning[job.number] = job }
        }
        for (key, value) in try loader.records(.nodePeer) {
            try loader.decoding(.nodePeer, key) { () throws(RecordError) in
                try peerBook.load(key: key, value: value)
            }
        }
        for (key, value) in try loader.records(.fundingTransaction) {
            guard let transaction = try? Transaction(decoding: value) else {
                throw .damaged(
                    .fundingTransaction, key: key, .malformed(.invalidValue(field: "transaction")))
            }
            foreignFundings[transaction.id] = transaction
        }
        for (key, _) in try loader.records(.channelParameters) {
            try loadChannel(key, loader)
        }
        try loadGossip(loader)
        try loadClosings(loader)
        for number in channels.numbers { _ = notePeer(of: number) }
        isStarted = false
        hasSettled = false
    }

    private mutating func loadChannel(
        _ key: [UInt8], _ loader: NodeLoader
    ) throws(NodeLoadError) {
        guard key.count == 4,
            let number = ChannelKeyNumber(key.reduce(0) { $0 << 8 | UInt32($1) })
        else {
            throw .damaged(
                .channelParameters, key: key, .malformed(.invalidValue(field: "channel")))
        }
        guard let signer = try? keys.channels.signer(number) else {
            throw .unusableChannel(number)
        }
        let tables = try loader.tables(Self.channelTables, prefix: key)
        let channel = try loader.decoding(.channelState, key) { () throws(RecordError) in
            try Channel(keys: number) { tables[$0] ?? [] }
        }
        channels.insert(channel, signer)
        if let funding = channel.commitments?.fundings.first?.funding {
            _ = watchers.insert(funding, for: number)
        }
        noteWaking(number)
    }

    /// The tables that hold the present of a channel, by the number of its keys.
    private static let channelTables: [RecordTable] = [
        .channelState, .channelParameters, .channelFunding, .channelSignatures, .channelHTLC,
        .channelMessage, .channelSignedUpdate, .channelSecret, .channelResolution, .channelLife,
    ]

    private mutating func loadGossip(_ loader: NodeLoader) throws(NodeLoadError) {
        for (key, value) in try loader.records(.channelPolicy) {
            guard !key.isEmpty else {
                let common = try loader.decoding(.channelPolicy, key) { () throws(RecordError) in
                    try CommonPolicy(record: value)
                }
                // What was written into the configuration since is what the user wants.
                if common.configured == policy.forwarding { gossip.common = common }
                continue
            }
            guard key.count == 4,
                let number = ChannelKeyNumber(key.reduce(0) { $0 << 8 | UInt32($1) })
            else {
                throw .damaged(
                    .channelPolicy, key: key, .malformed(.invalidValue(field: "channel")))
            }
            gossip.channels[number] = try loader.decoding(.channelPolicy, key) {
                () throws(RecordError) in try ChannelGossip(record: value)
            }
        }
        if let value = try loader.single(.meta, NodeGossip.nodeKey) {
            guard case .nodeAnnouncement(let node)? = try? Message(decoding: value) else {
                throw .damaged(
                    .meta, key: NodeGossip.nodeKey,
                    .malformed(.invalidValue(field: "node announcement")))
            }
            gossip.node = node
        }
    }

    /// After all channels: what one forwards stands in another.
    private mutating func loadClosings(_ loader: NodeLoader) throws(NodeLoadError) {
        for (key, _) in try loader.records(.onChain) {
            guard let number = ChannelKeyNumber(key.reduce(0) { $0 << 8 | UInt32($1) }),
                let established = channels[number]?.established
            else {
                throw .damaged(.onChain, key: key, .malformed(.invalidValue(field: "channel")))
            }
            let tables = try loader.tables([.onChain, .onChainEntry], prefix: key)
            let snapshot: ChannelSnapshot
            do {
                snapshot = try ChannelSnapshot(established) { expiry(of: $0) }
            } catch {
                throw .unusableChannel(number)
            }
            let height = height
            let policy = policy.onChain
            let machine = try loader.decoding(.onChain, key) { () throws(RecordError) in
                try OnChainChannel(snapshot, policy: policy, tip: height) { tables[$0] ?? [] }
            }
            closings[number] = machine
            awake.remove(number)
        }
        var claims: [Claim] = []
        for number in closings.keys.sorted() {
            for event in closings[number]?.standing ?? [] {
                switch event {
                case .claim(let claim): claims.append(claim)
                case .watch(let outPoints):
                    for outPoint in outPoints { _ = watchers.insert(outPoint, for: number) }
                case .withdraw, .fundingSpent, .fundingUnspent, .loadFormerHTLCs,
                    .offeredFulfilled, .offeredFailed, .receivedEnded, .closed:
                    break
                }
            }
        }
        var records: [RecordWrite] = []
        for table in Publisher.tables {
            records += try loader.records(table).map {
                RecordWrite(table, key: $0.key, value: $0.value)
            }
        }
        do {
            publisher = try Publisher(
                records: records, claims: claims, tip: height, policy: policy.publisher)
        } catch {
            throw .publisher(error)
        }
    }
}

/// Reads tables for a start.
struct NodeLoader {
    let reader: NodeRecordReader

    func records(
        _ table: RecordTable, prefix: [UInt8] = []
    ) throws(NodeLoadError) -> [(key: [UInt8], value: [UInt8])] {
        do {
            return try reader(table, prefix)
        } catch {
            throw .unreadable(error)
        }
    }

    func tables(
        _ tables: [RecordTable], prefix: [UInt8]
    ) throws(NodeLoadError) -> [RecordTable: [(key: [UInt8], value: [UInt8])]] {
        var found: [RecordTable: [(key: [UInt8], value: [UInt8])]] = [:]
        for table in tables { found[table] = try records(table, prefix: prefix) }
        return found
    }

    func stored(_ table: RecordTable) throws(NodeLoadError) -> [StoredRecord] {
        try records(table).map { StoredRecord(key: $0.key, value: $0.value) }
    }

    func single(_ table: RecordTable, _ key: [UInt8]) throws(NodeLoadError) -> [UInt8]? {
        try records(table, prefix: key).first { $0.key == key }?.value
    }

    func wallet(
        _ keys: WalletKeys, _ parameters: WalletParameters
    ) throws(NodeLoadError) -> Wallet {
        var rows: [RecordWrite] = []
        for table in Wallet.tables {
            rows += try records(table).map { RecordWrite(table, key: $0.key, value: $0.value) }
        }
        do {
            return try Wallet(
                records: rows, network: keys.network, accounts: keys.publicAccounts,
                parameters: parameters)
        } catch {
            throw .wallet(error)
        }
    }

    func decoding<Value>(
        _ table: RecordTable, _ key: [UInt8], _ body: () throws(RecordError) -> Value
    ) throws(NodeLoadError) -> Value {
        do {
            return try body()
        } catch {
            throw .damaged(table, key: key, error)
        }
    }
}
