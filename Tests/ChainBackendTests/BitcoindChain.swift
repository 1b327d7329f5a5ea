import Bitcoin
import ChainBackend
import FoundationEssentials
import TestSupport

/// A real bitcoind under a test's command.
final class BitcoindChain: ControlledChain {
    let process: BitcoindProcess
    let backend: any ChainBackend

    init(_ process: BitcoindProcess, zmq: Bool) throws {
        self.process = process
        backend = try BitcoindBackend(process.configuration(zmq: zmq))
    }

    func mine(_ count: Int, to script: Script) throws -> [BlockHash] {
        guard let address = Address(script: script, network: .regtest) else { return [] }
        let answer = try process.call("generatetoaddress", "\(count)", "\(address)")
        let hashes = try JSONDecoder().decode([String].self, from: Data(answer.utf8))
        return try hashes.map { try BlockHash(displayHex: $0) }
    }

    func invalidate(_ block: BlockHash) throws { try process.call("invalidateblock", "\(block)") }

    func reconsider(_ block: BlockHash) throws { try process.call("reconsiderblock", "\(block)") }
}

extension BitcoindProcess {
    /// How to speak to it: with the cookie, and with ZMQ or by polling.
    func configuration(zmq: Bool) -> BitcoindConfiguration {
        var configuration = BitcoindConfiguration(
            network: .regtest, port: rpcPort, authentication: .cookie(path: cookiePath))
        if zmq {
            configuration.rawBlockEndpoint = zmqEndpoint
            configuration.rawTransactionEndpoint = zmqEndpoint
        }
        configuration.pollInterval = .milliseconds(zmq ? 1000 : 200)
        return configuration
    }
}
