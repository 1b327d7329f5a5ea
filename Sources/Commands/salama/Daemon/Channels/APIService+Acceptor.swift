import NodeAPI
import NodeServer

extension APIService {
    func acceptChannels(
        _ subscriber: Subscriber<ChannelAcceptRequest>
    ) -> @Sendable (ChannelAcceptResponse) -> Void {
        subscriber.finish(.unwired)
        return { _ in }
    }

    func feeReport(_ reply: Reply<FeeReportResponse>) { reply.fail(.unwired) }
}
