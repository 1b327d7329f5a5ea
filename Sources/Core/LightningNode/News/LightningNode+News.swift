import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire

/// What subscribers are told of.
extension LightningNode {
    /// Tells of a turn in the life of a channel; nothing where the channel is gone.
    func tell(
        _ number: ChannelKeyNumber, _ news: (ChannelReport) -> ChannelNews
    ) -> Step {
        var step = Step()
        if let report = report(number) { step.request(.notify(.channel(news(report)))) }
        return step
    }

    /// Tells whether a channel can be used, where that has changed since it was told last.
    mutating func noteActivity(_ number: ChannelKeyNumber) -> Step {
        let isActive = channels[number]?.established.map { $0.isConnected && $0.state == .normal }
        if isActive == true {
            return activeChannels.insert(number).inserted ? tell(number) { .active($0) } : Step()
        }
        return activeChannels.remove(number) != nil ? tell(number) { .inactive($0) } : Step()
    }
}
