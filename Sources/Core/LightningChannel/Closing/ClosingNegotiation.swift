import Bitcoin
import LightningCommitment
import LightningWire

/// How the sides agree on a closing transaction, once ``Commitments/canNegotiateClose`` (BOLT 2, "Closing Negotiation").
///
/// Nothing of it is durable but the scripts of the `shutdown`s: BOLT 2 lets the negotiation begin anew on each connection.
/// A step that throws has changed nothing. Every fully signed transaction is told in a
/// ``ChannelEvent/closing(_:)``; there may be several, which conflict, and any may confirm.
public struct ClosingNegotiation: Hashable, Sendable {
    private enum Form: Hashable {
        /// `closing_signed`: one fee that both agree on and the opener pays.
        case legacy(LegacyNegotiation)
        /// `closing_complete` and `closing_sig`: each side pays for a transaction of its own.
        case simple(SimpleNegotiation)
    }

    private var form: Form
    private let allowed: ClosingScripts
    /// What this side wants to pay, and accepts.
    public var preferences: ClosingPreferences

    /// A negotiation in the form that was negotiated, as the scripts are that are `allowed`.
    public init(_ allowed: ClosingScripts, _ preferences: ClosingPreferences) {
        self.allowed = allowed
        self.preferences = preferences
        form =
            allowed.simpleClose ? .simple(SimpleNegotiation()) : .legacy(LegacyNegotiation())
    }

    /// Makes this side's first proposal on a connection, where it is due and not made yet.
    public mutating func start(
        _ commitments: Commitments, _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        guard commitments.canNegotiateClose else { return ChannelStep() }
        switch form {
        case .legacy(var legacy):
            let step = try legacy.start(commitments, preferences, signer)
            form = .legacy(legacy)
            return step
        case .simple(var simple):
            let step = try simple.start(commitments, preferences, signer)
            form = .simple(simple)
            return step
        }
    }

    /// Takes the peer's proposal in the older form.
    public mutating func receive(
        _ message: ClosingSigned, _ commitments: Commitments, _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        try commitments.checkMayClose(message.channelID)
        guard case .legacy(var legacy) = form else { throw .otherClosingForm }
        let step = try legacy.receive(message, commitments, preferences, signer)
        form = .legacy(legacy)
        return step
    }

    /// Takes the peer's proposal of a transaction that it pays for, and signs it. `commitments` learns the script that the
    /// peer wants to be paid to from now on.
    public mutating func receive(
        _ message: ClosingComplete, _ commitments: inout Commitments, _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        try commitments.checkMayClose(message.channelID)
        guard case .simple(let simple) = form else { throw .otherClosingForm }
        return try simple.receive(message, &commitments, allowed, signer)
    }

    /// Takes the peer's signature of the transaction that this side proposed.
    public mutating func receive(
        _ message: ClosingSig, _ commitments: Commitments, _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        try commitments.checkMayClose(message.channelID)
        guard case .simple(var simple) = form else { throw .otherClosingForm }
        let step = try simple.receive(message, commitments)
        form = .simple(simple)
        return step
    }

    /// Proposes to replace this side's closing transaction by one that pays more, by ``preferences`` and at least what
    /// relaying a replacement costs, and pays this side to `script` where that is given.
    public mutating func bump(
        to script: Script? = nil, _ commitments: inout Commitments, _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        try commitments.checkMayClose(commitments.parameters.channelID)
        guard case .simple(var simple) = form else { throw .otherClosingForm }
        let step = try simple.bump(to: script, &commitments, allowed, preferences, signer)
        form = .simple(simple)
        return step
    }

    /// Forgets what was said on a connection that is lost. After the `shutdown`s of the next one, it starts anew.
    public mutating func disconnect() {
        switch form {
        case .legacy: form = .legacy(LegacyNegotiation())
        case .simple(var simple):
            simple.disconnect()
            form = .simple(simple)
        }
    }
}

/// What a side wants of a closing transaction.
public struct ClosingPreferences: Hashable, Sendable {
    /// What this side pays where it pays, and proposes where it does not.
    public var feerate: FeeratePerKw
    /// What it accepts in the older form, in which both have to agree. Where this side does not pay, only the lower end
    /// counts.
    public var acceptable: ClosedRange<FeeratePerKw>
    /// For `closing_complete`: best the height of the chain's tip, which makes it of no use to mine the block before anew.
    public var lockTime: LockTime

    /// Preferences that pay `feerate`, which is made part of what is acceptable.
    public init(
        feerate: FeeratePerKw, acceptable: ClosedRange<FeeratePerKw>, lockTime: LockTime = .none
    ) {
        self.feerate = feerate
        self.acceptable =
            min(feerate, acceptable.lowerBound)...max(feerate, acceptable.upperBound)
        self.lockTime = lockTime
    }
}
