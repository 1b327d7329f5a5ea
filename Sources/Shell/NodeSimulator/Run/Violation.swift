/// One of the eight promises that every run is held to.
package enum Invariant: UInt8, CaseIterable, Sendable {
    /// Money is conserved to the satoshi: chain, channels and fees together.
    case conservation = 1
    /// No honest node loses anything but fees and what it paid for.
    case noLoss
    /// Both ends of a channel agree about it whenever both are at rest.
    case agreement
    /// State rebuilt from disk equals state in memory.
    case recovery
    /// Every HTLC is resolved before its deadline; a forwarder that paid out is paid.
    case resolution
    /// Nothing is released before it is durable.
    case durability
    /// All transactions that honest nodes publish are valid by consensus and policy.
    case validity
    /// Once faults stop, everything settles within a bounded number of blocks.
    case settlement
}

/// A broken promise.
package struct Violation: Error, Sendable, Hashable {
    /// Which one.
    package let invariant: Invariant
    /// What was found, for a person.
    package let message: String

    /// A breach of `invariant`.
    package init(_ invariant: Invariant, _ message: String) {
        self.invariant = invariant
        self.message = message
    }
}
