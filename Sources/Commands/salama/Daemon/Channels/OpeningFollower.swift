import Bitcoin
import LightningNode
import NodeAPI
import NodeRuntime
import NodeServer
import Synchronization

/// Tells a client how far the opening of a channel has come, until it is open, given up, or the client goes away.
final class OpeningFollower: Sendable {
    private struct State {
        /// The channel, as soon as its funding is known.
        var funding: OutPoint?
        /// The channels that were open before that.
        var opened: Set<OutPoint> = []
        var subscription: Subscription?
    }

    let client: Subscriber<OpenStatusUpdate>
    /// The temporary identifier by which the client knows the channel; empty where it chose none.
    let pendingID: [UInt8]
    private let state = Mutex(State())

    init(
        _ host: NodeHost, _ client: Subscriber<OpenStatusUpdate>, pendingID: [UInt8] = []
    ) {
        self.client = client
        self.pendingID = pendingID
        let subscription = host.subscribeToNews { [weak self] news in
            if case .channel(let news) = news { self?.take(news) }
        }
        state.withLock { $0.subscription = subscription }
        // The client's end keeps this object, and with it the subscription.
        client.onEnd { self.end() }
    }

    /// The funding transaction is on its way into the chain, and the channel at that output.
    func follow(_ funding: OutPoint) {
        var update = OpenStatusUpdate()
        update.chanPending = PendingUpdate(funding)
        send(update)
        let isOpen = state.withLock { state in
            state.funding = funding
            return state.opened.contains(funding)
        }
        if isOpen { finish(funding) }
    }

    /// Sends an update under the channel's temporary identifier.
    func send(_ update: OpenStatusUpdate) {
        var update = update
        update.pendingChanId = pendingID
        client.send(update)
    }

    private func take(_ news: ChannelNews) {
        switch news {
        case .open(let report):
            guard let funding = report.funding?.outPoint else { return }
            let isOurs = state.withLock { state in
                if state.funding == nil { state.opened.insert(funding) }
                return state.funding == funding
            }
            if isOurs { finish(funding) }
        case .forgotten(let peer, let funding, let reason):
            guard let funding, state.withLock({ $0.funding == funding }) else { return }
            client.finish(APIError(opening: .forgotten(reason), with: peer))
        case .offered, .offerEnded, .pendingOpen, .active, .inactive, .closing, .closed, .resolved:
            return
        }
    }

    private func finish(_ funding: OutPoint) {
        var update = OpenStatusUpdate()
        var open = ChannelOpenUpdate()
        open.channelPoint = ChannelPoint(funding)
        update.chanOpen = open
        send(update)
        client.finish()
    }

    private func end() { state.withLock { $0.subscription = nil } }
}
