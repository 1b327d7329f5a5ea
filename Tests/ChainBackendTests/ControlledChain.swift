import Bitcoin
import ChainBackend
import FoundationEssentials
import Glibc
import Synchronization
import TestSupport
import Testing

/// A chain that a test commands beside the backend that it tests.
protocol ControlledChain: AnyObject {
    var backend: any ChainBackend { get }

    /// Mines blocks that pay to `script`, on top of each other.
    func mine(_ count: Int, to script: Script) throws -> [BlockHash]
    func invalidate(_ block: BlockHash) throws
    func reconsider(_ block: BlockHash) throws
}

/// Outputs that anyone can spend who shows a script with the one operation `OP_TRUE`.
enum OpenScript {
    static let witnessScript = Script([0x51])
    static let output = Script.payToWitnessScriptHash(of: witnessScript)

    /// A transaction that spends such outputs to one of its kind, less `fee`.
    static func spend(
        _ coins: [(OutPoint, Satoshi)], fee: Int64, version: Int32 = 2, outputs count: Int64 = 1
    ) -> Transaction {
        let total = coins.reduce(Satoshi.zero) { $0 + $1.1 }
        let each = (total.value - fee) / count
        return Transaction(
            version: version,
            inputs: coins.map {
                TransactionInput(
                    previousOutput: $0.0, sequence: InputSequence(0xffff_fffd),
                    witness: [witnessScript.bytes])
            },
            outputs: (0..<count).map { _ in
                TransactionOutput(amount: Satoshi(each), scriptPubKey: output)
            })
    }

    /// A transaction that spends the first output of another.
    static func spend(_ parent: Transaction, fee: Int64, version: Int32 = 2) -> Transaction {
        spend([(OutPoint(parent.id, 0), parent.outputs[0].amount)], fee: fee, version: version)
    }
}

/// Coins for the cases of one chain, each given once.
final class Purse {
    let chain: any ControlledChain
    private var nextHeight: UInt32 = 1

    /// How deep a coin lies, so that undoing twenty blocks leaves it mature.
    private static let depth: UInt32 = 130

    init(_ chain: any ControlledChain) { self.chain = chain }

    /// A mature coin of the chain, mined for this.
    func coin() throws -> (OutPoint, Satoshi) {
        let height = try chain.backend.status().height.value
        let wanted = nextHeight + Self.depth + 10
        if height < wanted {
            _ = try chain.mine(Int(wanted - height), to: OpenScript.output)
        }
        while let hash = try chain.backend.blockHash(at: BlockHeight(nextHeight)) {
            nextHeight += 1
            let coinbase = try chain.backend.block(hash).transactions[0]
            if coinbase.outputs[0].scriptPubKey == OpenScript.output {
                return (OutPoint(coinbase.id, 0), coinbase.outputs[0].amount)
            }
        }
        throw PurseError.empty
    }

    enum PurseError: Error { case empty }
}

/// Waits until `condition` holds, and fails the test where it does not within `limit`.
func eventually(
    _ what: String, within limit: Duration = .seconds(15),
    sourceLocation: SourceLocation = #_sourceLocation, _ condition: () throws -> Bool
) throws {
    let deadline = ContinuousClock.now + limit
    while try !condition() {
        guard ContinuousClock.now < deadline else {
            Issue.record("not within \(limit): \(what)", sourceLocation: sourceLocation)
            return
        }
        usleep(5_000)
    }
}

/// The events of a subscription, for a test to look at.
final class EventLog: Sendable {
    private let log = Mutex<[ChainEvent]>([])

    var events: [ChainEvent] { log.withLock { $0 } }

    func clear() { log.withLock { $0 = [] } }

    func subscribe(to backend: any ChainBackend) -> ChainSubscription {
        backend.subscribe { event in self.log.withLock { $0.append(event) } }
    }

    var isDisconnected: Bool {
        events.contains {
            if case .disconnected = $0 { true } else { false }
        }
    }
}

/// One chain for many cases, started by the first and used by one at a time.
final class SharedChain: Sendable {
    private let purse: Mutex<Result<Box, any Error>?> = Mutex(nil)
    private let make: @Sendable () throws -> any ControlledChain

    /// Unchecked sendability: the purse is only used while the mutex is held.
    private struct Box: @unchecked Sendable {
        let purse: Purse
    }

    init(_ make: @escaping @Sendable () throws -> any ControlledChain) { self.make = make }

    func use(_ body: (Purse) throws -> Void) throws {
        try purse.withLock { purse in
            let result = purse ?? Result { Box(purse: Purse(try make())) }
            purse = result
            try body(try result.get().purse)
        }
    }
}
