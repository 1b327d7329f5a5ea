import Bitcoin
import ChainBackend
import JSON
import RegtestChain
import Synchronization

/// The methods of bitcoind's JSON-RPC over an embedded chain, apart from any transport.
public final class ChainService: Sendable {
    let chain: EmbeddedChain
    let clock: ServiceClock
    let faucet: Mutex<Faucet>
    let filterHeaders = Mutex(FilterHeaders())
    let startTime: UInt32
    /// What `getzmqnotifications` tells.
    let notifications: Mutex<[ZMQPublication]> = Mutex([])
    private let onStop: @Sendable () -> Void
    private let onFaucetChange: @Sendable (Faucet) -> Void
    private static let methods: [String: RPCMethod] = {
        let all =
            blockchainMethods + chainControlMethods + mempoolMethods + rawTransactionMethods
            + broadcastMethods + miningMethods + networkMethods + utilityMethods + walletMethods
        return Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }()

    /// A service for `chain`, whose time is that of `clock`.
    ///
    /// `onFaucetChange` is called when the faucet has given an address, `onStop` when somebody asks to stop.
    public init(
        _ chain: EmbeddedChain, clock: ServiceClock, faucet: Faucet,
        onFaucetChange: @escaping @Sendable (Faucet) -> Void = { _ in },
        onStop: @escaping @Sendable () -> Void = {}
    ) {
        self.chain = chain
        self.clock = clock
        self.faucet = Mutex(faucet)
        self.onFaucetChange = onFaucetChange
        self.onStop = onStop
        startTime = SystemClock.secondsSince1970()
    }

    /// Calls a method with its parameters, an array or an object.
    public func call(_ name: String, _ parameters: JSONValue?) throws(RPCError) -> JSONValue {
        guard let method = Self.methods[name] else {
            throw RPCError(RPCError.methodNotFound, "Method not found")
        }
        return try method.run(self, RPCArguments(parameters, for: method))
    }

    /// Notes what is published where.
    public func announce(_ publications: [ZMQPublication]) {
        notifications.withLock { $0 = publications }
    }

    func stop() { onStop() }

    /// What `help` prints for one method, or the list of all.
    static func help(_ name: String?) -> String {
        if let name {
            return methods[name]?.help ?? "help: unknown command: \(name)\n"
        }
        var text = ""
        for category in RPCMethod.Category.allCases {
            let usages = methods.values.filter { $0.category == category }.map(\.usage).sorted()
            guard !usages.isEmpty else { continue }
            text += "== \(category.rawValue) ==\n" + usages.joined(separator: "\n") + "\n\n"
        }
        return String(text.dropLast(2))
    }

    /// Calls `body` with the faucet, and has what it changed kept.
    func changeFaucet<Result: Sendable>(_ body: (inout Faucet) -> Result) -> Result {
        faucet.withLock { faucet in
            let before = faucet.addressCount
            defer { if faucet.addressCount != before { onFaucetChange(faucet) } }
            return body(&faucet)
        }
    }

    /// Calls `body` with the chain and the time.
    func withChain<Result: Sendable>(
        _ body: (inout RegtestChain, UInt32) throws(RPCError) -> Result
    ) throws(RPCError) -> Result {
        try chain.withChain(body)
    }
}

/// The time of the machine, or the one that `setmocktime` sets.
public final class ServiceClock: Sendable {
    private let mocked = Atomic<UInt32>(0)

    /// The time of the machine.
    public init() {}

    /// The seconds since 1970.
    public func now() -> UInt32 {
        let mock = mocked.load(ordering: .relaxed)
        return mock == 0 ? SystemClock.secondsSince1970() : mock
    }

    /// Stands still at `time`; 0 goes back to the time of the machine.
    public func mock(_ time: UInt32) { mocked.store(time, ordering: .relaxed) }
}

/// A topic and the address where it is published.
public struct ZMQPublication: Sendable, Hashable {
    /// The topic without `pub`, such as `rawblock`.
    public let topic: String
    /// The address, such as `tcp://127.0.0.1:28332`.
    public let address: String
    /// The messages that wait for a slow reader before some are lost.
    public let highWaterMark: Int

    /// A topic at an address.
    public init(topic: String, address: String, highWaterMark: Int = 1000) {
        self.topic = topic
        self.address = address
        self.highWaterMark = highWaterMark
    }
}
