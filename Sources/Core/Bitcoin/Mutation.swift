/// A fault that tests put into the core on purpose, one at a time, to see which of them notices (docs/simulator.md).
///
/// The faults exist only where the package is built with `SALAMA_MUTATIONS`; elsewhere ``isOn(_:)`` is the constant
/// false and the compiler removes what depends on it.
public enum Mutation: String, CaseIterable, Sendable {
    // Storage
    /// Commits return before the disk has them.
    case skipDiskSync
    /// A start believes what an unfinished commit has left behind.
    case trustUnsyncedLog

    // Commitments
    /// A revocation is taken whatever its secret.
    case acceptAnySecret
    /// A commitment is taken whatever its signatures.
    case acceptAnySignature
    /// An HTLC is given up for any preimage.
    case acceptAnyPreimage
    /// The peer's secrets are not stored.
    case forgetSecret
    /// The peer's signatures are not stored.
    case forgetSignatures
    /// What is decided about HTLCs is not stored.
    case forgetResolution
    /// What a penalty needs of past HTLCs is not stored.
    case forgetPastHTLC
    /// The updates of a commitment on its way are not stored.
    case forgetSignedUpdates
    /// HTLCs are forwarded before they are irrevocably committed.
    case forwardUncommitted
    /// A fulfilled HTLC's amount stays where it was.
    case keepPaidAmount
    /// Updates that were not signed outlive the connection.
    case keepUncommitted

    // Reconnecting
    /// A lost `revoke_and_ack` is not sent again.
    case noRevocationAgain
    /// A lost `commitment_signed` is not sent again.
    case noCommitmentAgain
    /// What is sent again comes in another order than at first.
    case otherOrderAgain
    /// A state that the peer proves to be old counts as good.
    case ignoreOutdated

    // Transactions
    /// An output is claimed a block before its delay is over.
    case wrongDelay
    /// HTLC transactions spend the output after the HTLC's.
    case htlcIndexOffByOne

    // On the chain
    /// Outputs of revoked commitments are left to the cheat.
    case skipPenalty
    /// HTLCs that expired are not taken back from this side's commitment.
    case skipTimeout
    /// Delayed outputs are claimed before their delay is over.
    case claimTooEarly
    /// Preimages that show on the chain are not noticed.
    case missPreimages
    /// HTLCs are failed back as soon as they have ended on the chain, however shallow.
    case failBackAtOnce
    /// Channels are closed for expired HTLCs only much later.
    case lateForTimeouts
    /// Fees stay as they were first.
    case neverRaiseFees
    /// The funding outputs of new channels are not watched.
    case skipWatch

    // The node and its payments
    /// Messages go out and what they follow from is not stored.
    case sendWithoutWriting
    /// Payments are forwarded for any fee.
    case forwardForNothing
    /// Payments are forwarded though too little time is left behind them.
    case forwardWithoutTime
    /// An invoice is settled for any amount.
    case takeAnyAmount
    /// A hash that was paid is paid again.
    case payTwice

    #if SALAMA_MUTATIONS
        /// The fault that the command line of the process names: `--mutation=NAME`.
        private static let active: Mutation? = CommandLine.arguments.lazy.compactMap { argument in
            argument.hasPrefix("--mutation=")
                ? Mutation(rawValue: String(argument.dropFirst("--mutation=".count))) : nil
        }.first

        /// Whether the fault is on.
        public static func isOn(_ mutation: Mutation) -> Bool { active == mutation }

        /// Whether this build has the faults in it.
        public static let isAvailable = true
    #else
        /// Whether the fault is on: never in this build.
        @inlinable @inline(__always)
        public static func isOn(_ mutation: Mutation) -> Bool { false }

        /// Whether this build has the faults in it.
        public static let isAvailable = false
    #endif
}
