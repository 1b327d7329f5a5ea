import LightningNode
import LightningPayment
import LightningWire
import NodeAPI
import NodeRuntime
import NodeServer
import Synchronization

/// Tells clients of payments: of one or of all, how far they come.
///
/// News and answers come on the node's thread and are handed to a thread of their own at once, where they become messages.
/// Payments that nobody follows are not handed over.
final class PaymentFeed: Sendable {
    typealias Client = Subscriber<PaymentMessage>

    /// Who is told of payments.
    private struct Follower {
        let client: Client
        /// Whether only outcomes are told.
        let wantsEndsOnly: Bool
        /// Whether the client waits for the answer to its own order, which is the end of its stream.
        var waitsForAnswer = false
    }

    private struct Clients {
        var ofOne: [PaymentHash: [UInt64: Follower]] = [:]
        var ofAll: [UInt64: Follower] = [:]
        var nextNumber: UInt64 = 0

        func wants(_ hash: PaymentHash) -> Bool { !ofAll.isEmpty || ofOne[hash] != nil }
    }

    private let clients = Mutex(Clients())
    /// As many news wait as there are: none may be lost.
    private let worker = SerialWorker(name: "api-payments", limit: .max)
    private let subscription = Mutex<Subscription?>(nil)

    init(_ host: NodeHost) {
        let news = host.subscribeToNews { [weak self] news in
            switch news {
            case .payment(let progress): self?.post(progress.order.paymentHash) { .init(progress) }
            case .paymentEnded(let past):
                self?.post(past.paymentHash, isEnd: true) { .init(past) }
            case .peer, .channel, .invoice, .forward: break
            }
        }
        subscription.withLock { $0 = news }
    }

    /// Ends the thread, after what waits.
    func stop() {
        subscription.withLock { $0 = nil }
        worker.stop()
    }

    /// Runs something behind what waits to be told.
    func run(_ body: @escaping @Sendable () -> Void) { worker.run(body) }

    // MARK: - Following

    /// Tells of one payment from now on, until it has ended or the client has gone. A client that `waitsForAnswer` is
    /// not told of the end: that is in the answer.
    func follow(
        _ hash: PaymentHash, _ client: Client, endsOnly: Bool, waitsForAnswer: Bool = false
    ) {
        let follower = Follower(
            client: client, wantsEndsOnly: endsOnly, waitsForAnswer: waitsForAnswer)
        // Who orders what another order is about waits for a refusal alone.
        if waitsForAnswer, isOrdered(hash) { return }
        let number = register { $0.ofOne[hash, default: [:]][$1] = follower }
        client.onEnd { [weak self] in self?.forget(hash, number) }
    }

    private func isOrdered(_ hash: PaymentHash) -> Bool {
        clients.withLock { $0.ofOne[hash]?.values.contains(where: \.waitsForAnswer) ?? false }
    }

    /// Tells of every payment from now on.
    func followAll(_ client: Client, endsOnly: Bool) {
        client.begin()
        let follower = Follower(client: client, wantsEndsOnly: endsOnly)
        let number = register { $0.ofAll[$1] = follower }
        client.onEnd { [weak self] in
            self?.clients.withLock { _ = $0.ofAll.removeValue(forKey: number) }
        }
    }

    private func register(_ body: (inout Clients, UInt64) -> Void) -> UInt64 {
        clients.withLock { clients in
            defer { clients.nextNumber += 1 }
            body(&clients, clients.nextNumber)
            return clients.nextNumber
        }
    }

    private func forget(_ hash: PaymentHash, _ number: UInt64) {
        clients.withLock { clients in
            clients.ofOne[hash]?[number] = nil
            if clients.ofOne[hash]?.isEmpty ?? false { clients.ofOne[hash] = nil }
        }
    }

    // MARK: - News

    private func post(
        _ hash: PaymentHash, isEnd: Bool = false,
        _ message: @escaping @Sendable () -> PaymentMessage
    ) {
        guard clients.withLock({ $0.wants(hash) }) else { return }
        worker.run { [self] in
            let (one, all) = clients.withLock { ($0.ofOne[hash] ?? [:], $0.ofAll) }
            let followers = (Array(one.values) + all.values)
                .filter { isEnd ? !$0.waitsForAnswer : !$0.wantsEndsOnly }
            guard !followers.isEmpty else { return }
            let message = message()
            for follower in followers { follower.client.send(message) }
            guard isEnd else { return }
            for (number, follower) in one where !follower.waitsForAnswer {
                follower.client.finish()
                forget(hash, number)
            }
        }
    }
}
