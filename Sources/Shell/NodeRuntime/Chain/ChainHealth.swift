import Bitcoin
import ChainBackend
import Synchronization

/// What the node knows of its chain backend at present. "Not known" is never "nothing there".
public struct ChainHealth: Sendable, Equatable {
    /// The best chain's tip, as far as followed.
    public var tip: ChainPoint?
    /// The time that the tip's header claims, in seconds since 1970.
    public var tipTime: UInt32 = 0
    /// Whether every block of the backend is processed.
    public var isCaughtUp = false
    /// Why nothing new is known of the chain; nil while the backend answers.
    public var trouble: String?

    /// Whether what the wallet shows is the present.
    public var isSynced: Bool { isCaughtUp && trouble == nil }
}
