import Bitcoin
import LightningWire

/// The beginning of a mutual close (BOLT 2, "Closing Initiation").
extension Commitments {
    /// Whether the peer waits for this side's `shutdown`, which is due as soon as nothing is proposed and not signed.
    public var owesShutdown: Bool { shutdown.local == nil && shutdown.remote != nil }

    /// Whether nothing is left that a closing transaction would cut short: no HTLC, no update, no revocation.
    public var isDrained: Bool {
        offered.isEmpty && received.isEmpty && pendingFeerates.isEmpty && proposed.isEmpty
            && !isAwaitingRevocation
    }

    /// Whether both sides have said `shutdown` on this connection and the channel is drained: what it holds can be divided.
    public var canNegotiateClose: Bool {
        shutdown.local != nil && shutdown.remote != nil && hasHeardShutdown && isDrained
    }

    /// Ends the offering of HTLCs, and says where this side wants to be paid.
    public mutating func sendShutdown(
        to script: Script, _ allowed: ClosingScripts
    ) throws(ChannelError) -> ChannelStep {
        // BOLT 2: "MUST NOT send multiple `shutdown` messages."
        guard shutdown.local == nil else { throw .closing }
        // BOLT 2: "if there are updates pending on the receiving node's commitment transaction: MUST NOT send a
        // `shutdown`."
        guard proposed.isEmpty else { throw .updatesPending(.local) }
        // BOLT 2: "MUST NOT send `shutdown` if there is a splice transaction that isn't locked yet."
        guard fundings.count == 1 else { throw .splicePending }
        try check(script, of: .local, allowed)

        shutdown.local = script
        return ChannelStep(writes: [stateWrite()], messages: shutdownMessages)
    }

    /// Takes the peer's `shutdown`. It comes again on each connection, and may then have another script.
    public mutating func receive(
        _ message: Shutdown, _ allowed: ClosingScripts
    ) throws(ChannelError) -> ChannelStep {
        try checkChannel(message.channelID)
        // BOLT 2: "MUST NOT send multiple `shutdown` messages."
        guard !hasHeardShutdown else {
            guard shutdown.remote == message.script else { throw .closing }
            return ChannelStep()
        }
        try check(message.script, of: .remote, allowed)
        guard !hasProposals(of: .remote) else { throw .updatesPending(.remote) }

        hasHeardShutdown = true
        guard shutdown.remote != message.script else { return ChannelStep() }
        shutdown.remote = message.script
        return ChannelStep(writes: [stateWrite()])
    }

    /// The `shutdown` that this side has sent, to be sent again on each new connection.
    var shutdownMessages: [Message] {
        guard let script = shutdown.local else { return [] }
        return [.shutdown(Shutdown(channelID: parameters.channelID, script: script))]
    }

    /// Throws where `party` may not offer HTLCs any more.
    ///
    /// BOLT 2: "MUST NOT send an `update_add_htlc` after a `shutdown`."
    func checkMayAdd(_ party: Party) throws(ChannelError) {
        switch party {
        case .local: guard shutdown == Shutdowns() else { throw .closing }
        case .remote: guard shutdown.remote == nil else { throw .closing }
        }
    }

    /// BOLT 2: "if no HTLCs remain in either commitment transaction (including dust HTLCs) and neither side has a pending
    /// `revoke_and_ack` to send: MUST NOT send any `update` message after that point."
    func checkMayChangeFee() throws(ChannelError) {
        guard shutdown.local == nil || shutdown.remote == nil || !isDrained else { throw .closing }
    }

    private func hasProposals(of party: Party) -> Bool {
        (parameters.opener == party && pendingFeerates.contains { $0.stage == .proposed })
            || self[party].contains { $0.addition == .proposed }
            || self[party.other].contains { $0.removal?.stage == .proposed }
    }

    private func check(
        _ script: Script, of party: Party, _ allowed: ClosingScripts
    ) throws(ChannelError) {
        // BOLT 2: "if it sent a non-zero-length `shutdown_scriptpubkey` in `open_channel` or `accept_channel`: MUST send the
        // same value in `scriptpubkey`."
        if let expected = parameters[party].upfrontShutdownScript, expected != script {
            throw .notTheUpfrontScript(expected: expected, actual: script)
        }
        guard allowed.allow(script) else { throw .closingScriptNotAllowed(script) }
    }
}

/// The scripts of the `shutdown` messages of both sides.
struct Shutdowns: Hashable, Sendable {
    var local: Script?
    var remote: Script?

    subscript(party: Party) -> Script? {
        switch party {
        case .local: local
        case .remote: remote
        }
    }
}
