/// Names an HTLC that came in, without knowing what a channel is: by the number of the channel's keys and the HTLC's id.
public struct HTLCName: Hashable, Comparable, Sendable {
    /// The number of the channel's keys.
    public let channel: UInt32
    /// The id among those that the peer has offered in the channel.
    public let id: UInt64

    /// HTLC `id` of `channel`.
    public init(channel: UInt32, id: UInt64) {
        self.channel = channel
        self.id = id
    }

    public static func < (left: HTLCName, right: HTLCName) -> Bool {
        (left.channel, left.id) < (right.channel, right.id)
    }
}

extension HTLCName: CustomStringConvertible {
    /// Channel and id, as in `3:17`.
    public var description: String { "\(channel):\(id)" }
}
