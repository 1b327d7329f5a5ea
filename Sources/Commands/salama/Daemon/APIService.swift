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
    let watch: ChannelWatch
    let outside = OutsideFundings()
    let paymentFeed: PaymentFeed
    let meter: NewsMeter
    let acceptors: AcceptorDesk
    let backupFile: BackupKeeper
    private let workers: [SerialWorker]
    private let nextWorker = RoundRobin(count: 4)
    private let onStop: @Sendable () -> Void

    /// A service for that node, which writes to that log. `onStop` is called when the interface is told to stop it.
    init(
        host: NodeHost, configuration: Configuration, log: Log,
        onStop: @escaping @Sendable () -> Void
    ) {
        self.host = host
        self.configuration = configuration
        self.onStop = onStop
        fees = FeeSource(backend: host.backend, network: host.network)
        channelNames = ChannelNames(host)
        invoiceFeed = InvoiceFeed(host, InvoiceBook(host: host, names: channelNames))
        watch = ChannelWatch(host)
        paymentFeed = PaymentFeed(host)
        meter = NewsMeter(host)
        acceptors = AcceptorDesk(host)
        backupFile = BackupKeeper(host, path: configuration.backupPath, log: log)
        workers = (0..<4).map { SerialWorker(name: "api-\($0)", limit: 1_000) }
    }

    /// Ends the threads, after what they are at.
    func stop() {
        for worker in workers { worker.stop() }
        invoiceFeed.stop()
        paymentFeed.stop()
        backupFile.stop()
    }

    /// Runs what may block, and turns what it throws into the call's failure.
    func work<Response: APIMessage>(
        _ reply: Reply<Response>, _ body: @escaping @Sendable () throws -> Response
    ) {
        run(onFailure: { reply.fail($0) }) { reply(try body()) }
    }

    /// Runs what may block and answers later by itself, and turns what it throws into the call's failure.
    func workLater<Response: APIMessage>(
        _ reply: Reply<Response>, _ body: @escaping @Sendable () throws -> Void
    ) {
        run(onFailure: { reply.fail($0) }, body)
    }

    /// Runs what may block before a subscription stands, and turns what it throws into its end.
    func workLater<Event: APIMessage>(
        _ subscriber: Subscriber<Event>, _ body: @escaping @Sendable () throws -> Void
    ) {
        run(onFailure: { subscriber.finish($0) }, body)
    }

    /// Runs what may block and cannot fail; where too much waits already, nothing.
    func enqueue(_ body: @escaping @Sendable () -> Void) {
        workers[nextWorker.next()].run(body)
    }

    /// Runs what may block and cannot fail, after all that was handed over so before.
    func enqueueInOrder(_ body: @escaping @Sendable () -> Void) { workers[0].run(body) }

    private func run(
        onFailure fail: @escaping @Sendable (APIError) -> Void,
        _ body: @escaping @Sendable () throws -> Void
    ) {
        let isTaken = workers[nextWorker.next()].run {
            do {
                try body()
            } catch let error as APIError {
                fail(error)
            } catch let error as NodeFailure {
                fail(APIError(error))
            } catch let error as WalletLockError {
                fail(APIError(error))
            } catch {
                fail(APIError(.unknown, "\(error)"))
            }
        }
        if !isTaken { fail(APIError(.resourceExhausted, "too many requests wait already")) }
    }

    /// Hands the node a request and answers with what `form` makes of its reply.
    func ask<Response: APIMessage>(
        _ request: NodeRequest, _ reply: Reply<Response>,
        _ form: @escaping @Sendable (NodeReply) throws -> Response
    ) {
        host.submit(request) { result in
            do {
                reply(try form(try result.get()))
            } catch let error as APIError {
                reply.fail(error)
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
