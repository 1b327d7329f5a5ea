import LightningNode
import LightningWire
import NodeStorage

/// The channels that are closed for good, as the database has them, read beside the loop.
public struct ClosedChannelHistory: Sendable {
    private let store: any RecordStore

    /// How many records are read at a time.
    private static let stretch = 256

    /// The history in that database.
    public init(_ store: any RecordStore) { self.store = store }

    /// The channels for which `isWanted` holds, in the order in which they were opened.
    ///
    /// Throws where the database fails or a record is damaged.
    public func channels(
        where isWanted: (ClosedChannel) -> Bool = { _ in true }
    ) throws -> [ClosedChannel] {
        var channels: [ClosedChannel] = []
        var range = KeyRange.all
        while true {
            let records = try store.records(
                in: .channelClosed, range: range, order: .ascending, limit: Self.stretch)
            for record in records {
                let channel = try ClosedChannel(record: record.value)
                if isWanted(channel) { channels.append(channel) }
            }
            guard records.count == Self.stretch, let last = records.last else { return channels }
            range = range.after(last.key)
        }
    }
}
