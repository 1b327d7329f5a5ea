import Bitcoin
import ChainBackend
import Glibc
import Synchronization

/// A backend that gives another's answers, but fails, tarries or lags as told.
final class TroubledBackend: ChainBackend {
    let inner: any ChainBackend
    private let trouble = Mutex(Trouble())

    struct Trouble {
        /// The share of calls that fail, in percent.
        var failures = 0
        /// How long a block takes.
        var delay: Duration = .zero
        /// Above this height nothing is known.
        var ceiling: BlockHeight?
        /// Whether it says that it is still downloading.
        var isInitialDownload = false
        /// What the next call for many hashes gives, whatever they are.
        var hashes: [BlockHash]?
        /// The calls for blocks so far.
        var blocksGiven = 0
        /// The calls for blocks under way, and the most that there were at a time.
        var (fetching, mostFetching) = (0, 0)
        var generator = SplitMix(state: 1)
    }

    init(_ inner: any ChainBackend, seed: UInt64 = 1) {
        self.inner = inner
        trouble.withLock { $0.generator = SplitMix(state: seed) }
    }

    func set(_ change: (inout Trouble) -> Void) { trouble.withLock { change(&$0) } }

    var blocksGiven: Int { trouble.withLock { $0.blocksGiven } }

    var mostFetching: Int { trouble.withLock { $0.mostFetching } }

    private func pass() throws(ChainError) {
        let fails = trouble.withLock { $0.generator.next() % 100 < UInt64($0.failures) }
        if fails { throw .unavailable(reason: "a failure made for the test") }
    }

    private var ceiling: BlockHeight? { trouble.withLock { $0.ceiling } }

    func status() throws(ChainError) -> ChainStatus {
        try pass()
        var status = try inner.status()
        if let ceiling, ceiling < status.height {
            status.height = ceiling
            status.headerHeight = ceiling
        }
        status.isInitialDownload = trouble.withLock { $0.isInitialDownload }
        return status
    }

    func blockHash(at height: BlockHeight) throws(ChainError) -> BlockHash? {
        try pass()
        if let ceiling, height > ceiling { return nil }
        return try inner.blockHash(at: height)
    }

    func blockHashes(from first: BlockHeight, count: Int) throws(ChainError) -> [BlockHash] {
        let made = trouble.withLock { trouble in
            defer { trouble.hashes = nil }
            return trouble.hashes
        }
        if let made { return made }
        var hashes: [BlockHash] = []
        while hashes.count < count, let hash = try blockHash(at: first + UInt32(hashes.count)) {
            hashes.append(hash)
        }
        return hashes
    }

    func header(of block: BlockHash) throws(ChainError) -> ChainHeader? {
        try pass()
        return try inner.header(of: block)
    }

    func block(_ hash: BlockHash) throws(ChainError) -> Block {
        let delay = trouble.withLock { trouble in
            trouble.fetching += 1
            trouble.mostFetching = max(trouble.mostFetching, trouble.fetching)
            return trouble.delay
        }
        defer { trouble.withLock { $0.fetching -= 1 } }
        if delay > .zero { usleep(UInt32(delay / .microseconds(1))) }
        try pass()
        trouble.withLock { $0.blocksGiven += 1 }
        return try inner.block(hash)
    }

    func unspentOutput(
        _ outPoint: OutPoint, includingMempool: Bool
    ) throws(ChainError) -> UnspentOutput? {
        try inner.unspentOutput(outPoint, includingMempool: includingMempool)
    }

    func mempoolTransaction(_ id: TransactionID) throws(ChainError) -> Transaction? {
        try inner.mempoolTransaction(id)
    }

    func mempool() throws(ChainError) -> [TransactionID] { try inner.mempool() }

    func broadcast(_ transaction: Transaction) throws(ChainError) -> BroadcastResult {
        try inner.broadcast(transaction)
    }

    func broadcast(package: [Transaction]) throws(ChainError) -> BroadcastResult {
        try inner.broadcast(package: package)
    }

    func testAccept(_ transaction: Transaction) throws(ChainError) -> BroadcastResult {
        try inner.testAccept(transaction)
    }

    func estimateFee(blocks: Int) throws(ChainError) -> FeeratePerKw? {
        try inner.estimateFee(blocks: blocks)
    }

    func minimumMempoolFee() throws(ChainError) -> FeeratePerKw { try inner.minimumMempoolFee() }

    func subscribe(_ handler: @escaping @Sendable (ChainEvent) -> Void) -> ChainSubscription {
        inner.subscribe(handler)
    }
}

/// A small generator whose sequence a seed fixes.
struct SplitMix: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
