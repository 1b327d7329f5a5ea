import ChainBackend
import TestSupport
import Testing

/// What every backend does alike, at a real bitcoind: one that publishes over ZeroMQ, and one that is only polled.
@Suite(.serialized, .enabled(if: BitcoindProcess.isAvailable, "\(BitcoindProcess.reason)"))
final class BitcoindConformanceTests {
    @Test("with ZeroMQ and REST", arguments: ConformanceCase.all)
    func overZMQ(_ conformance: ConformanceCase) throws {
        try Self.withZMQ.use { try conformance.run($0) }
    }

    @Test("by JSON-RPC alone", arguments: ConformanceCase.all)
    func polled(_ conformance: ConformanceCase) throws {
        try Self.polled.use { try conformance.run($0) }
    }

    private static let withZMQ = SharedChain {
        try BitcoindChain(BitcoindProcess(["-txindex", "-rest"]), zmq: true)
    }
    private static let polled = SharedChain {
        try BitcoindChain(BitcoindProcess(zmq: false), zmq: false)
    }
}
