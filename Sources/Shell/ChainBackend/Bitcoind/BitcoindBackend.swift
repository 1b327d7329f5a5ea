import Bitcoin
import JSON
import Synchronization

/// The chain as a bitcoind (Bitcoin Core 28 or newer, or what speaks as it does) sees it.
///
/// Before the first call, and again after the backend was away, it is asked for its version and network, so that
/// nothing is ever concluded from the wrong chain.
public final class BitcoindBackend: ChainBackend {
    /// The oldest version that works: the first to relay TRUC transactions (BIP 431) and pay-to-anchor outputs.
    public static let minimumVersion = 280_000

    let configuration: BitcoindConfiguration
    private let rpc: BitcoindRPC
    private let isChecked = Atomic<Bool>(false)
    /// Whether the REST interface (`rest=1`) may be there: it gives blocks without the detour over digits.
    let mayHaveREST = Atomic<Bool>(true)
    /// A recent tip, whose height need not be asked for again.
    let lastTip = Mutex<ChainPoint?>(nil)

    /// Sets up for a bitcoind, without calling it yet.
    ///
    /// Throws ``ChainError/unavailable(reason:)`` where ZeroMQ does not understand an endpoint.
    public convenience init(_ configuration: BitcoindConfiguration) throws(ChainError) {
        try self.init(configuration, transport: HTTPTransport(configuration))
    }

    init(
        _ configuration: BitcoindConfiguration, transport: some BitcoindTransport
    ) throws(ChainError) {
        for endpoint in ZMQTopic.endpoints(of: configuration).keys {
            try ZMQSubscriber.check(endpoint)
        }
        self.configuration = configuration
        rpc = BitcoindRPC(
            transport: transport, authentication: configuration.authentication)
    }
}

/// Calls.
extension BitcoindBackend {
    /// Makes one call, on the network that it should be.
    func call(
        _ method: String, _ parameters: JSONValue..., bounds: BitcoindBounds = .ordinary
    ) throws(ChainError) -> JSONValue {
        try checked { rpc throws(ChainError) in
            try rpc.call(.init(method, list: parameters), bounds: bounds)
        }
    }

    /// Makes several calls in one request.
    func batch(
        _ calls: [BitcoindRPC.Call], bounds: BitcoindBounds = .ordinary
    ) throws(ChainError) -> [Result<JSONValue, ChainError>] {
        try checked { rpc throws(ChainError) in try rpc.batch(calls, bounds: bounds) }
    }

    /// Runs calls on a bitcoind of the right version and network, and has these checked anew after a failure.
    func checked<Answer>(
        _ body: (BitcoindRPC) throws(ChainError) -> Answer
    ) throws(ChainError) -> Answer {
        do throws(ChainError) {
            if !isChecked.load(ordering: .acquiring) { _ = try readStatus() }
            return try body(rpc)
        } catch {
            switch error {
            case .unavailable, .unauthorized, .warmingUp, .invalidAnswer, .wrongNetwork,
                .unsupportedVersion:
                // What answers next may be another process.
                isChecked.store(false, ordering: .releasing)
                mayHaveREST.store(true, ordering: .releasing)
            case .pruned, .unknownBlock, .refused: break
            }
            throw error
        }
    }
}

/// Status.
extension BitcoindBackend {
    public func status() throws(ChainError) -> ChainStatus {
        try checked { _ throws(ChainError) in try readStatus() }
    }

    private func readStatus() throws(ChainError) -> ChainStatus {
        let answers = try rpc.batch([.init("getnetworkinfo"), .init("getblockchaininfo")])
        let network = try BitcoindAnswer(answers[0].get(), to: "getnetworkinfo")
        let chain = try BitcoindAnswer(answers[1].get(), to: "getblockchaininfo")

        let version: Int = try network.integer("version")
        let subversion = try network.string("subversion")
        guard version >= Self.minimumVersion else {
            throw .unsupportedVersion(
                version, minimum: Self.minimumVersion, subversion: subversion)
        }
        let name = try chain.string("chain")
        guard name == Self.name(of: configuration.network) else {
            throw .wrongNetwork(expected: configuration.network, actual: name)
        }
        let status = ChainStatus(
            network: configuration.network, height: try chain.height("blocks"),
            tip: try chain.identifier("bestblockhash"),
            headerHeight: try chain.height("headers"),
            isInitialDownload: try chain.bool("initialblockdownload"),
            prunedBelow: try chain.bool("pruned")
                ? try chain.height("pruneheight") : nil,
            medianTime: try chain.integer("mediantime"), subversion: subversion)
        isChecked.store(true, ordering: .releasing)
        return status
    }

    /// bitcoind's name of a network in `getblockchaininfo`.
    private static func name(of network: Network) -> String {
        switch network {
        case .mainnet: "main"
        case .testnet3: "test"
        case .testnet4: "testnet4"
        case .signet: "signet"
        case .regtest: "regtest"
        }
    }
}
