import LightningWire

/// The connection to one peer.
struct PeerLink: Sendable, Equatable {
    /// How far the connection has come.
    enum Stage: Sendable, Equatable {
        /// This side's `init` is out, the peer's has not come.
        case greeting
        /// Both sides have said `init`: these features hold.
        case open(Features)
        /// The runtime was asked to end it; what still comes in is of no use.
        case closing
    }

    /// What this side has asked the peer to prove that it is alive.
    struct OpenPing: Sendable, Equatable {
        let sentAt: UInt64
        let pongByteCount: UInt16
    }

    var stage = Stage.greeting
    /// Whether subscribers were told that the peer is there.
    var wasOpen = false
    /// When the peer last sent anything, in seconds since 1970.
    var heardAt: UInt64
    /// When the peer was last asked for a sign of life, or connected, in seconds since 1970.
    var pingedAt: UInt64
    var ping: OpenPing?
    /// What the peer is in the middle of.
    var batch: MessageBatch?

    /// A connection that is made at `time`.
    init(at time: UInt64) { (heardAt, pingedAt) = (time, time) }

    /// The features that both sides count on; nil unless messages may be exchanged.
    var features: Features? {
        if case .open(let features) = stage { features } else { nil }
    }
}
