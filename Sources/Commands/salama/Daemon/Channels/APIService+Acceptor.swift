import NodeAPI
import NodeServer

extension APIService {
    func acceptChannels(
        _ subscriber: Subscriber<ChannelAcceptRequest>
    ) -> @Sendable (ChannelAcceptResponse) -> Void { acceptors.seat(subscriber) }
}
