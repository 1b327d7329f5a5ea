import Bitcoin
import Glibc
import LightningNode
import NodeRuntime
import NodeStorage
import Synchronization

/// Keeps a file with the backups of all channels up to date, and tells whoever wants to keep them elsewhere.
///
/// The file is of use only where the database is lost: it belongs onto another disk, or is copied there.
final class BackupKeeper: Sendable {
    private let host: NodeHost
    private let path: String
    private let log: Log
    private let worker = SerialWorker(name: "backup", limit: 16)
    private let subscribers = Subscribers<NodeBackups>()
    private let subscriptions = Mutex<[Subscription]>([])
    private let state = Mutex(State())

    private struct State {
        /// What the file holds; nil before this run has looked.
        var last: [UInt8]?
        /// Whether an export is on its way, and whether channels have changed since it was asked for.
        var isAsking = false
        var isStale = false
    }

    /// Keeps the file at `path`.
    init(_ host: NodeHost, path: String, log: Log) {
        self.host = host
        self.path = path
        self.log = log
        let news = host.subscribeToNews { [weak self] news in
            if case .channel(let news) = news, news.changesBackups { self?.refresh() }
        }
        // What a file of an earlier run lacks is written as soon as the wallet is open.
        let states = host.subscribeToState { [weak self] state in
            if state == .rpcActive { self?.refresh() }
        }
        subscriptions.withLock { $0 = [news, states] }
    }

    /// Ends the thread, after what it is at.
    func stop() {
        subscriptions.withLock { $0 = [] }
        worker.stop()
    }

    /// Calls `body` with the backups whenever channels come or go, for as long as the subscription is held.
    func subscribe(_ body: @escaping @Sendable (NodeBackups) -> Void) -> Subscription {
        subscribers.subscribe(body)
    }

    /// Exports the backups anew, once more where channels change meanwhile.
    private func refresh() {
        let isFree = state.withLock { state in
            state.isStale = state.isAsking
            defer { state.isAsking = true }
            return !state.isAsking
        }
        if isFree { export() }
    }

    private func export() {
        host.submit(.backup(.export)) { [weak self] result in
            self?.worker.run { [weak self] in
                if case .success(.backups(let backups)) = result { self?.take(backups) }
                self?.goOn()
            }
        }
    }

    private func goOn() {
        let isStale = state.withLock { state in
            defer { (state.isStale, state.isAsking) = (false, state.isStale) }
            return state.isStale
        }
        if isStale { export() }
    }

    private func take(_ backups: NodeBackups) {
        if let last = state.withLock({ $0.last }) {
            guard last != backups.all else { return }
        } else if let found = read() {
            guard found != backups.all else { return state.withLock { $0.last = found } }
            keepOther(found, backups)
        } else if backups.single.isEmpty {
            return
        }
        state.withLock { $0.last = backups.all }
        if case .failure(let error) = SmallFile.write(backups.all, to: path) {
            log.write(.error, .channel, "cannot write \(path): \(error.reason)")
        }
        subscribers.tell(backups)
    }

    /// Puts a file aside that holds channels which this node does not know: it may be all that is left of them.
    private func keepOther(_ found: [UInt8], _ backups: NodeBackups) {
        let known = Set(backups.single.map(\.funding))
        if case .backedUp(let fundings) = try? host.perform(.backup(.verify([found]))),
            known.isSuperset(of: fundings)
        {
            return
        }
        let aside = path + ".old"
        guard rename(path, aside) == 0 else { return }
        log.write(
            .warn, .channel,
            "\(path) held channels that are not this node's now: it is kept as \(aside)")
    }

    private func read() -> [UInt8]? {
        guard case .success(let bytes) = SmallFile.read(path, limit: BackupFile.sizeLimit) else {
            return nil
        }
        return bytes
    }
}

extension ChannelNews {
    /// Whether a channel has come, has its place in the chain, or is gone.
    fileprivate var changesBackups: Bool {
        switch self {
        case .pendingOpen, .open, .closed, .resolved, .forgotten: true
        case .offered, .offerEnded, .active, .inactive, .closing: false
        }
    }
}
