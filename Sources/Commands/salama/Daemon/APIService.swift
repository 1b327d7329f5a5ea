import Bitcoin
import LightningNode
import LightningWallet
import NodeAPI
import NodeRuntime
import NodeServer
import Threads

/// The node behind the routes of the REST interface.
///
/// Calls return at once. What needs the node's thread alone is handed to it; what blocks (passwords, fee estimates, reading
/// the history) runs on a few threads of its own.
final class APIService: NodeService {
    let host: NodeHost
    let configuration: Configuration
    let fees: FeeSource
    let channelNames: ChannelNames
    let invoiceFeed: InvoiceFeed
    private let workers: [SerialWorker]
    private let nextWorker = RoundRobin(count: 4)
    private let onStop: @Sendable () -> Void

    /// A service for that node. `onStop` is called when the interface is told to stop it.
    init(host: NodeHost, configuration: Configuration, onStop: @escaping @Sendable () -> Void) {
        self.host = host
        self.configuration = configuration
        self.onStop = onStop
        fees = FeeSource(backend: host.backend, network: host.network)
        channelNames = ChannelNames(host)
        invoiceFeed = InvoiceFeed(host, InvoiceBook(host: host, names: channelNames))
        workers = (0..<4).map { SerialWorker(name: "api-\($0)", limit: 1_000) }
    }

    /// Ends the threads, after what they are at.
    func stop() {
        for worker in workers { worker.stop() }
        invoiceFeed.stop()
    }

    /// Runs what may block, and turns what it throws into the call's failure.
    func work<Response: APIMessage>(
        _ reply: Reply<Response>, _ body: @escaping @Sendable () throws -> Response
    ) {
        let isTaken = workers[nextWorker.next()].run {
            do {
                reply(try body())
            } catch let error as APIError {
                reply.fail(error)
            } catch let error as NodeFailure {
                reply.fail(APIError(error))
            } catch let error as WalletLockError {
                reply.fail(APIError(error))
            } catch {
                reply.fail(.unknown, "\(error)")
            }
        }
        if !isTaken { reply.fail(.resourceExhausted, "too many requests wait already") }
    }

    /// Hands the node a request and answers with what `form` makes of its reply.
    func ask<Response: APIMessage>(
        _ request: NodeRequest, _ reply: Reply<Response>,
        _ form: @escaping @Sendable (NodeReply) throws -> Response
    ) {
        host.submit(request) { result in
            do {
                reply(try form(try result.get()))
            } catch let error as NodeFailure {
                reply.fail(APIError(error))
            } catch {
                reply.fail(.internal, "\(error)")
            }
        }
    }

    var state: WalletState { WalletState(rawValue: host.currentState.rawValue) ?? .waitingToStart }

    func subscribeState(_ subscriber: Subscriber<StateResponse>) {
        let subscription = host.subscribeToState { state in
            subscriber.send(Self.stateResponse(state))
        }
        subscriber.begin()
        subscriber.send(Self.stateResponse(host.currentState))
        subscriber.onEnd { withExtendedLifetime(subscription) {} }
    }

    private static func stateResponse(_ state: NodeState) -> StateResponse {
        var response = StateResponse()
        response.state = WalletState(rawValue: state.rawValue) ?? .waitingToStart
        return response
    }

    func getInfo(_ reply: Reply<GetInfoResponse>) {
        ask(.status, reply) { [self] answer in
            guard case .status(let status) = answer else { throw UnexpectedReply() }
            let health = host.chainHealth
            var info = GetInfoResponse()
            info.version = VersionCommand.apiVersion
            info.identityPubkey = status.nodeKey.description
            info.alias = configuration["alias"] ?? ""
            info.color = configuration["color"] ?? ""
            info.blockHeight = (health.tip?.height ?? status.tip?.height)?.value ?? 0
            info.blockHash = (health.tip?.hash ?? status.tip?.hash)?.description ?? ""
            info.bestHeaderTimestamp = Int64(health.tipTime)
            info.syncedToChain = health.isSynced && status.rescanHeight == nil
            info.walletSynced = info.syncedToChain
            info.chainBackendError = health.trouble ?? ""
            info.testnet = host.network != .mainnet
            var chain = ChainMessage()
            chain.chain = "bitcoin"
            chain.network = host.network.rawValue
            info.chains = [chain]
            return info
        }
    }

    func stop(_ reply: Reply<StopResponse>) {
        var response = StopResponse()
        response.status = "shutdown initiated, check logs for progress"
        reply(response)
        // The answer is on its way before the server is told to close.
        workers[nextWorker.next()].run { [onStop] in
            SystemThread.sleep(milliseconds: 200)
            onStop()
        }
    }
}

/// The node answered another question than was asked: a defect.
struct UnexpectedReply: Error {}
