import LightningNode
import LightningWire
import NodeRuntime
import Synchronization

/// The short identifiers of channels by the numbers of their keys, which records of the past name them by.
///
/// The node is asked again only for numbers that are not known yet.
final class ChannelNames: Sendable {
    private let host: NodeHost
    private let known = Mutex<[UInt32: ShortChannelID]>([:])

    init(_ host: NodeHost) { self.host = host }

    /// The names of those channels, as far as they have any. Blocks where one is not known.
    func names(of channels: Set<UInt32>) throws(NodeFailure) -> [UInt32: ShortChannelID] {
        guard !channels.isEmpty else { return [:] }
        let found = known.withLock { $0 }
        if channels.allSatisfy({ found[$0] != nil }) { return found }
        guard case .channels(let reports) = try host.perform(.channel(.list)) else { return found }
        return known.withLock { known in
            for report in reports {
                known[report.number.value] = report.names.first
            }
            // Channels that are gone have no name any more: nobody needs to ask for them again.
            for channel in channels where known[channel] == nil { known[channel] = .zero }
            return known
        }
    }
}
