import Bitcoin
@_spi(Release) import LightningNode
import LightningPayment
import LightningWallet
import LightningWire

/// A node whose steps go to records in memory, as storage would keep them.
struct TestNode {
    static let nobody = Script.payToWitnessScriptHash(SHA256.hash([7]))

    let keys: WalletKeys
    let policy: NodePolicy
    var node: LightningNode
    private(set) var records: [RecordTable: [[UInt8]: [UInt8]]] = [:]
    private(set) var answers: [RequestID: Result<NodeReply, NodeFailure>] = [:]
    private(set) var log: [NodeEvent] = []
    /// What subscribers were told, in order.
    private(set) var news: [NodeNews] = []
    /// What the node has told the network.
    var gossip: [Message] = []
    /// The names of its channels that the node last told.
    var localChannels: [ShortChannelID: NodeID] = [:]
    /// Whether the last batch wrote anything but where the wallet stands in the chain.
    private(set) var hasWritten = false
    private var requests: UInt64 = 0

    /// A node with a new wallet, whose keys follow from its number.
    init(number: UInt8, policy: NodePolicy = .tests) throws {
        try self.init(
            [UInt8](repeating: number, count: 16), birthday: BlockHeight(1), policy: policy)
    }

    /// A node with a new wallet of these 16 bytes of entropy, which looks at no block below its birthday.
    init(_ entropy: [UInt8], birthday: BlockHeight, policy: NodePolicy) throws {
        self.policy = policy
        let entropy = SecretBytes(entropy)
        let seed = try WalletSeed(mnemonic: Mnemonic(entropy: entropy))
        keys = try WalletKeys(master: seed.masterKey(), network: .regtest)
        let (wallet, step) = try Wallet.create(
            network: .regtest, accounts: keys.publicAccounts, birthday: birthday,
            parameters: WalletParameters(lookahead: 5))
        node = LightningNode(wallet: wallet, keys: keys, policy: policy)
        for write in step.writes { apply(write) }
    }

    var id: PublicKey { keys.nodeKey.publicKey }

    mutating func nextRequest() -> RequestID {
        requests += 1
        return RequestID(requests)
    }

    /// Takes a batch of inputs as the runtime does, and answers what is to be done once it is durable.
    mutating func take(_ inputs: [NodeInput], at moment: () -> Moment) -> [NodeEffect] {
        var batch = Step()
        for input in inputs { batch.append(node.receive(input, at: moment())) }
        batch.append(node.finish(at: moment()))
        for write in batch.writes { apply(write) }
        // A block that holds nothing of the node's changes next to nothing.
        hasWritten = batch.writes.contains { $0.table != .walletChain }
        log += batch.events
        return batch.effects
    }

    mutating func note(_ news: NodeNews) { self.news.append(news) }

    mutating func note(_ answer: Result<NodeReply, NodeFailure>, to id: RequestID) {
        precondition(answers.updateValue(answer, forKey: id) == nil, "one answer to each request")
    }

    private mutating func apply(_ write: RecordWrite) {
        records[write.table, default: [:]][write.key] = write.value
    }

    /// The node that the records alone make.
    func rebuilt() throws -> LightningNode {
        try LightningNode(
            reading: { table, prefix in records(of: table, prefix: prefix) }, keys: keys,
            parameters: node.wallet.parameters, policy: policy)
    }

    /// Stops the node at this instant and starts it again.
    mutating func restart() throws { node = try rebuilt() }

    /// The records of a table whose keys start with `prefix`, in the order of keys.
    func records(
        of table: RecordTable, prefix: [UInt8] = []
    ) -> [(key: [UInt8], value: [UInt8])] {
        (records[table] ?? [:]).filter { $0.key.starts(with: prefix) }
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { ($0.key, $0.value) }
    }
}

extension NodePolicy {
    /// The usual one, which takes payments that nobody asked for, too.
    static let tests = NodePolicy(
        invoices: InvoicePolicy(network: .regtest, acceptsKeysend: true))
}
