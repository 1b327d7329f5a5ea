import Bitcoin
import LightningNode
import LightningPayment
import LightningWire
import NodeAPI
import NodeRuntime
import NodeServer
import Synchronization
import Threads

/// Tells clients of invoices: of all that are added and settled, or of one and what becomes of it.
///
/// News come on the node's thread and are handed to a thread of their own at once, where each becomes a message, once for
/// all who want it. Without clients nothing is handed over.
final class InvoiceFeed: Sendable {
    typealias Client = Subscriber<InvoiceMessage>

    private struct Clients {
        var ofAll: [UInt64: Listener] = [:]
        var ofOne: [PaymentHash: [UInt64: Watcher]] = [:]
        var nextNumber: UInt64 = 0
        var isEmpty: Bool { ofAll.isEmpty && ofOne.isEmpty }
    }

    /// Who is told of all invoices, and of which it was told already.
    private struct Listener {
        let client: Client
        /// The numbers of the first invoice and settlement that it has not been told of.
        var nextAdded: UInt64 = 0
        var nextSettled: UInt64 = 0
        /// What happened before it was told what it had missed; nil from then on.
        var waiting: [InvoiceEntry]? = []
        /// Where what happened meanwhile begins, if that was too much to wait: it is told of as what was missed before.
        var missed: InvoicePlace?

        static let mostWaiting = 1_000

        /// Whether it does not know this of an invoice yet; notes that it does then.
        mutating func takes(_ entry: InvoiceEntry) -> Bool {
            switch entry.state {
            case .open:
                guard entry.number >= nextAdded else { return false }
                nextAdded = entry.number + 1
            case .settled(let settlement):
                guard settlement.number >= nextSettled else { return false }
                nextSettled = settlement.number + 1
            case .held, .cancelled, .expired: return false
            }
            return true
        }

        /// Has news wait until it was told what it had missed.
        mutating func postpone(_ entry: InvoiceEntry) {
            waiting?.append(entry)
            guard let news = waiting, missed != nil || news.count > Self.mostWaiting else { return }
            var place = missed ?? InvoicePlace()
            for entry in news {
                switch entry.state {
                case .open: place.added = min(place.added ?? .max, entry.number)
                case .settled(let settlement):
                    place.settled = min(place.settled ?? .max, settlement.number)
                case .held, .cancelled, .expired: break
                }
            }
            missed = place
            waiting = []
        }
    }

    /// Who is told of one invoice, and how far that had come when it was told last.
    private struct Watcher {
        let client: Client
        var stage = -1
    }

    private let host: NodeHost
    private let book: InvoiceBook
    private let clients = Mutex(Clients())
    /// As many news wait as there are: none may be lost.
    private let worker = SerialWorker(name: "api-invoices", limit: .max)
    /// Tells clients what they have missed, a piece to each in turn.
    private let replayer = SerialWorker(name: "api-replays", limit: .max)
    private let subscription = Mutex<Subscription?>(nil)

    init(_ host: NodeHost, _ book: InvoiceBook) {
        self.host = host
        self.book = book
        let news = host.subscribeToNews { [weak self] news in
            guard let self, case .invoice(let entry) = news else { return }
            guard !clients.withLock({ $0.isEmpty }) else { return }
            worker.run { [self] in tell(entry) }
        }
        subscription.withLock { $0 = news }
    }

    /// Ends the thread, after what waits.
    func stop() {
        subscription.withLock { $0 = nil }
        replayer.stop()
        worker.stop()
    }

    // MARK: - All invoices

    /// Tells of new and settled invoices, after those that the client missed since the numbers that it names, from 1; 0
    /// stands for none.
    func subscribe(_ client: Client, afterAdded: UInt64, afterSettled: UInt64) {
        client.begin()
        // News from now on are handed over, and wait behind this.
        let number = register { $0.ofAll[$1] = Listener(client: client) }
        client.onEnd { [weak self] in
            self?.clients.withLock { _ = $0.ofAll.removeValue(forKey: number) }
        }
        let place = InvoicePlace(
            added: afterAdded > 0 ? afterAdded : nil, settled: afterSettled > 0 ? afterSettled : nil
        )
        goOn(InvoiceReplay(client, from: place), of: number)
    }

    /// Tells a client the next piece of what it has missed, and then the news.
    private func goOn(_ replay: InvoiceReplay, of number: UInt64) {
        replayer.run { [self] in
            var replay = replay
            do {
                switch try replay.step(book) {
                case .told: goOn(replay, of: number)
                case .waits:
                    SystemThread.sleep(milliseconds: 5)
                    goOn(replay, of: number)
                case .gone: break
                // Behind all news that what was read may not have.
                case .done: worker.run { [self, replay] in join(number, after: replay) }
                }
            } catch {
                replay.client.finish(
                    APIError(.internal, "the invoices cannot be read: \(error)"))
            }
        }
    }

    /// Tells a client of news from now on, if nothing is missing between what it was told and them.
    private func join(_ number: UInt64, after replay: InvoiceReplay) {
        var missed: InvoicePlace?
        let news = clients.withLock { clients -> [InvoiceEntry] in
            guard var listener = clients.ofAll[number] else { return [] }
            defer { clients.ofAll[number] = listener }
            missed = listener.missed
            guard missed == nil else {
                listener.missed = nil
                return []
            }
            listener.nextAdded = replay.next.added ?? 0
            listener.nextSettled = replay.next.settled ?? 0
            let waiting = listener.waiting ?? []
            listener.waiting = nil
            return waiting.filter { listener.takes($0) }
        }
        if let missed {
            var replay = replay
            replay.goOn(from: missed)
            return goOn(replay, of: number)
        }
        do {
            for entry in news { replay.client.send(try book.message(entry)) }
        } catch {
            replay.client.finish(APIError(.internal, "the invoices cannot be read: \(error)"))
        }
    }

    // MARK: - One invoice

    /// Tells what the invoice is and what becomes of it, until it is settled or cancelled. One that is not there yet is
    /// waited for.
    func watch(_ hash: PaymentHash, _ client: Client) {
        client.begin()
        let number = register { $0.ofOne[hash, default: [:]][$1] = Watcher(client: client) }
        client.onEnd { [weak self] in self?.forget(hash, number) }
        worker.run { [self] in
            do {
                try tell(hash, book.invoice(hash), only: number)
            } catch let error as APIError where error.code == .notFound {
                return
            } catch {
                client.finish(APIError(.internal, "the invoice cannot be read: \(error)"))
            }
        }
    }

    private func forget(_ hash: PaymentHash, _ number: UInt64) {
        clients.withLock { clients in
            clients.ofOne[hash]?[number] = nil
            if clients.ofOne[hash]?.isEmpty ?? false { clients.ofOne[hash] = nil }
        }
    }

    private func register(_ body: (inout Clients, UInt64) -> Void) -> UInt64 {
        clients.withLock { clients in
            defer { clients.nextNumber += 1 }
            body(&clients, clients.nextNumber)
            return clients.nextNumber
        }
    }

    // MARK: - News

    private func tell(_ entry: InvoiceEntry) {
        guard let signer = host.signer else { return }
        let hash = signer.paymentHash(of: entry)
        let listeners = listeners(of: entry)
        let isWatched = clients.withLock { $0.ofOne[hash] != nil }
        do {
            if !listeners.isEmpty {
                let message = try book.message(entry)
                for listener in listeners { listener.send(message) }
            }
            if isWatched { try tell(hash, entry) }
        } catch {
            host.log.write(.error, .server, "an invoice cannot be told of: \(error)")
        }
    }

    /// Who is told of all invoices and does not know this of that one yet.
    private func listeners(of entry: InvoiceEntry) -> [Client] {
        clients.withLock { clients in
            var found: [Client] = []
            for number in clients.ofAll.keys {
                guard var listener = clients.ofAll[number] else { continue }
                if listener.waiting != nil {
                    listener.postpone(entry)
                } else if listener.takes(entry) {
                    found.append(listener.client)
                }
                clients.ofAll[number] = listener
            }
            return found
        }
    }

    /// Tells those who watch an invoice, or one of them, how far it has come, where that is further than they know.
    private func tell(_ hash: PaymentHash, _ entry: InvoiceEntry, only: UInt64? = nil) throws {
        let stage = entry.stage
        let watchers = clients.withLock { clients in
            var found: [(UInt64, Client)] = []
            for (number, watcher) in clients.ofOne[hash] ?? [:]
            where watcher.stage < stage && (only == nil || only == number) {
                clients.ofOne[hash]?[number]?.stage = stage
                found.append((number, watcher.client))
            }
            return found
        }
        guard !watchers.isEmpty else { return }
        let message = try book.message(entry)
        for (number, client) in watchers {
            client.send(message)
            guard stage == InvoiceEntry.lastStage else { continue }
            client.finish()
            forget(hash, number)
        }
    }
}

extension InvoiceEntry {
    /// When nothing more becomes of it.
    fileprivate static let lastStage = 2

    /// How far it has come.
    fileprivate var stage: Int {
        switch state {
        case .open: 0
        case .held: 1
        case .settled, .cancelled, .expired: Self.lastStage
        }
    }
}

extension APIService {
    func subscribeInvoices(
        _ request: InvoiceSubscription, _ subscriber: Subscriber<InvoiceMessage>
    ) {
        invoiceFeed.subscribe(
            subscriber, afterAdded: request.addIndex, afterSettled: request.settleIndex)
    }

    func subscribeInvoice(
        _ request: SubscribeSingleInvoiceRequest, _ subscriber: Subscriber<InvoiceMessage>
    ) {
        do throws(APIError) {
            let hash = PaymentHash(try Hash256(interface: request.rHash, "the payment hash"))
            invoiceFeed.watch(hash, subscriber)
        } catch {
            subscriber.finish(error)
        }
    }
}
