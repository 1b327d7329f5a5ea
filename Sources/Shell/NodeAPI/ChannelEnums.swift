/// The form of a channel's commitments.
public enum CommitmentType: String, APIEnum {
    /// For the usual one.
    case unknown = "UNKNOWN_COMMITMENT_TYPE"
    case legacy = "LEGACY"
    case staticRemoteKey = "STATIC_REMOTE_KEY"
    case anchors = "ANCHORS"
    case scriptEnforcedLease = "SCRIPT_ENFORCED_LEASE"
    case simpleTaproot = "SIMPLE_TAPROOT"
    case simpleTaprootOverlay = "SIMPLE_TAPROOT_OVERLAY"
    case simpleTaprootFinal = "SIMPLE_TAPROOT_FINAL"

    public var number: Int32 {
        switch self {
        case .unknown: 0
        case .legacy: 1
        case .staticRemoteKey: 2
        case .anchors: 3
        case .scriptEnforcedLease: 4
        case .simpleTaproot: 5
        case .simpleTaprootOverlay: 6
        case .simpleTaprootFinal: 7
        }
    }
}

/// Who began something.
public enum Initiator: String, APIEnum {
    case unknown = "INITIATOR_UNKNOWN"
    case local = "INITIATOR_LOCAL"
    case remote = "INITIATOR_REMOTE"
    case both = "INITIATOR_BOTH"
}

/// How a channel ended.
public enum ClosureType: String, APIEnum {
    case cooperative = "COOPERATIVE_CLOSE"
    case localForce = "LOCAL_FORCE_CLOSE"
    case remoteForce = "REMOTE_FORCE_CLOSE"
    case breach = "BREACH_CLOSE"
    case fundingCanceled = "FUNDING_CANCELED"
    case abandoned = "ABANDONED"
}

/// What an output of a closed channel was.
public enum ResolutionType: String, APIEnum {
    case unknown = "TYPE_UNKNOWN"
    case anchor = "ANCHOR"
    case incomingHTLC = "INCOMING_HTLC"
    case outgoingHTLC = "OUTGOING_HTLC"
    case commit = "COMMIT"
}

/// What became of an output of a closed channel.
public enum ResolutionOutcome: String, APIEnum {
    case unknown = "OUTCOME_UNKNOWN"
    case claimed = "CLAIMED"
    case unclaimed = "UNCLAIMED"
    case abandoned = "ABANDONED"
    case firstStage = "FIRST_STAGE"
    case timeout = "TIMEOUT"
}

/// What became of the anchor of a channel that was closed by force.
public enum AnchorState: String, APIEnum {
    case limbo = "LIMBO"
    case recovered = "RECOVERED"
    case lost = "LOST"
}

/// What happened to a channel.
public enum ChannelUpdateType: String, APIEnum {
    case openChannel = "OPEN_CHANNEL"
    case closedChannel = "CLOSED_CHANNEL"
    case activeChannel = "ACTIVE_CHANNEL"
    case inactiveChannel = "INACTIVE_CHANNEL"
    case pendingOpenChannel = "PENDING_OPEN_CHANNEL"
    case fullyResolvedChannel = "FULLY_RESOLVED_CHANNEL"
    case channelFundingTimeout = "CHANNEL_FUNDING_TIMEOUT"
    case channelUpdate = "CHANNEL_UPDATE"
}

/// Why the policy of a channel stays as it was.
public enum UpdateFailure: String, APIEnum {
    case unknown = "UPDATE_FAILURE_UNKNOWN"
    /// The channel is not open yet.
    case pending = "UPDATE_FAILURE_PENDING"
    case notFound = "UPDATE_FAILURE_NOT_FOUND"
    case internalError = "UPDATE_FAILURE_INTERNAL_ERR"
    case invalidParameter = "UPDATE_FAILURE_INVALID_PARAMETER"
}

/// How a peer is used for gossip.
public enum PeerSyncType: String, APIEnum {
    case unknown = "UNKNOWN_SYNC"
    /// It is asked for all new gossip.
    case active = "ACTIVE_SYNC"
    /// It is not asked for gossip.
    case passive = "PASSIVE_SYNC"
    case pinned = "PINNED_SYNC"
}

/// Whether a peer came or went.
public enum PeerEventType: String, APIEnum {
    case online = "PEER_ONLINE"
    case offline = "PEER_OFFLINE"
}
