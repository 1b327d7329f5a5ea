import Bitcoin
import LightningWire

/// The wallet's bookkeeping: a pure machine that turns blocks, transactions and requests into records and effects.
///
/// It holds no secret: ``WalletKeys`` signs what it builds. Every request that changes the wallet answers with a
/// ``WalletStep`` beside its result, and nothing of the result may be shown before the step's writes are durable.
/// What is refused leaves the wallet unchanged.
public struct Wallet: Sendable {
    /// The network of its addresses.
    public let network: Network
    /// The key of each account.
    public let accounts: [AccountKind: ExtendedPublicKey]
    /// Tuning that was given at start.
    public let parameters: WalletParameters

    var book: AddressBook
    var graph: TransactionGraph
    var leases = LeaseBook()
    var position: ChainPosition
    /// What the user calls the transactions in memory.
    var labels: [TransactionID: String] = [:]
    /// Counts the changes that scanners in flight do not know of. Not stored: no scanner outlives a start.
    var revision: UInt64 = 0

    /// A new wallet whose first block is at `birthday`, and the records that it begins with.
    ///
    /// For a fresh seed `birthday` is the height after the tip; for a restored one a height before its first payment.
    public static func create(
        network: Network, accounts: [AccountKind: ExtendedPublicKey], birthday: BlockHeight,
        parameters: WalletParameters = WalletParameters()
    ) throws(WalletError) -> (wallet: Wallet, step: WalletStep) {
        let wallet = Wallet(
            network: network, accounts: accounts, parameters: parameters,
            book: try AddressBook(
                accounts: accounts, counters: [:], lookahead: parameters.lookahead),
            graph: TransactionGraph(buriedThrough: birthday.saturatingSubtract(1)),
            position: ChainPosition(birthday: birthday))
        var step = WalletStep()
        for account in accounts.keys.sorted() {
            for branch in AccountBranch.allCases {
                step.writes.append(wallet.write(.init(account: account, branch: branch)))
            }
        }
        step.writes.append(wallet.chainPositionWrite)
        return (wallet, step)
    }

    init(
        network: Network, accounts: [AccountKind: ExtendedPublicKey],
        parameters: WalletParameters, book: AddressBook, graph: TransactionGraph,
        position: ChainPosition
    ) {
        self.network = network
        self.accounts = accounts
        self.parameters = parameters
        self.book = book
        self.graph = graph
        self.position = position
    }

    /// Takes note of what happened at `now`, in seconds since 1970.
    public mutating func receive(
        _ input: WalletInput, now: UInt64
    ) throws(WalletError) -> WalletStep {
        switch input {
        case .blocksConnected(let matches): try connect(matches, now: now)
        case .blockDisconnected(let hash): try disconnect(hash)
        case .blocksRescanned(let matches): try applyRescan(matches, now: now)
        case .transactionSeen(let transaction): see(transaction, now: now)
        case .transactionsEvicted(let ids): evict(ids)
        case .broadcastAccepted(let id): noteAccepted(id)
        case .broadcastRejected(let id): noteRejected(id)
        case .rebroadcastDue: rebroadcast()
        case .timePassed: releaseExpiredLeases(now: now)
        }
    }

    /// A snapshot that finds in blocks what the wallet watches at present, and what `others` look for.
    public func scanner(with others: ChainWatch = ChainWatch()) -> WalletScanner {
        var watched = WatchedOutPoints()
        for outPoint in graph.unspent.keys { watched.insert(outPoint) }
        for id in graph.unconfirmed {
            for input in graph[id]?.transaction.inputs ?? [] {
                watched.insert(input.previousOutput)
            }
        }
        return WalletScanner(
            book: book, watched: watched, others: others, revision: revision)
    }
}

extension Wallet: Equatable {
    /// Whether two wallets hold the same state; scanners in flight do not count.
    public static func == (left: Wallet, right: Wallet) -> Bool {
        left.network == right.network && left.accounts == right.accounts
            && left.book == right.book && left.graph == right.graph
            && left.leases == right.leases && left.position == right.position
            && left.labels == right.labels
    }
}
