import LightningNode
import LightningWire
import NodeRuntime
import Synchronization

/// What happened since the daemon's start, in numbers.
struct NewsCounts {
    var paymentsSucceeded: UInt64 = 0
    var paymentsFailed: UInt64 = 0
    var forwardsOffered: UInt64 = 0
    var forwardsSettled: UInt64 = 0
    var forwardsFailed: UInt64 = 0
    var forwardsRefused: UInt64 = 0
    /// What forwarding earned, in millisatoshis.
    var forwardFees: UInt64 = 0
    var invoicesSettled: UInt64 = 0
    var channelsOpened: UInt64 = 0
    var channelsClosed: UInt64 = 0
    var peersConnected: UInt64 = 0
    var peersLost: UInt64 = 0
}

/// Counts news.
final class NewsMeter: Sendable {
    private let counts = Mutex(NewsCounts())
    private let subscription = Mutex<Subscription?>(nil)

    init(_ host: NodeHost) {
        let news = host.subscribeToNews { [weak self] in self?.count($0) }
        subscription.withLock { $0 = news }
    }

    var current: NewsCounts { counts.withLock { $0 } }

    private func count(_ news: NodeNews) {
        counts.withLock { counts in
            switch news {
            case .peer(_, isOnline: true): counts.peersConnected += 1
            case .peer(_, isOnline: false): counts.peersLost += 1
            case .channel(.open): counts.channelsOpened += 1
            case .channel(.resolved): counts.channelsClosed += 1
            case .channel, .payment: break
            case .invoice(let entry): if case .settled = entry.state { counts.invoicesSettled += 1 }
            case .paymentEnded(let past):
                switch past.outcome {
                case .succeeded: counts.paymentsSucceeded += 1
                case .failed: counts.paymentsFailed += 1
                }
            case .forward(let forward): Self.count(forward, &counts)
            }
        }
    }

    private static func count(_ forward: ForwardNews, _ counts: inout NewsCounts) {
        switch forward.turn {
        case .offered: counts.forwardsOffered += 1
        case .settled:
            counts.forwardsSettled += 1
            counts.forwardFees +=
                forward.incomingAmount.subtracting(forward.outgoingAmount)?.value ?? 0
        case .failed: counts.forwardsFailed += 1
        case .refused: counts.forwardsRefused += 1
        }
    }
}
