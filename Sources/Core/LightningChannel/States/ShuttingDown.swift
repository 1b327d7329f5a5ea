import Bitcoin
import LightningCommitment
import LightningWire

/// `shutdown` has been said by one side or both (BOLT 2, "Closing Initiation").
extension EstablishedChannel {
    /// Takes the user's wish, which is carried out as soon as it may be.
    mutating func close(
        _ request: CloseRequest, _ context: ChannelContext
    ) throws(ChannelError) -> ChannelStep {
        switch state {
        case .waitForReady, .normal, .shuttingDown: break
        case .opening, .negotiating, .failed, .outdated, .spent, .forgotten:
            throw .notUsable(state)
        }
        try commitments.checkShutdown(request.script)
        life.closeRequest = request
        return ChannelStep(writes: [lifeWrite()])
    }

    /// Takes the peer's `shutdown`.
    mutating func receive(
        _ message: Shutdown, _ context: ChannelContext
    ) throws(ChannelFailure) -> ChannelStep {
        let wasShuttingDown = commitments.isShuttingDown
        var step: ChannelStep
        do {
            step = try commitments.receive(message, ClosingScripts(context.features))
        } catch {
            throw .channel(error)
        }
        if !wasShuttingDown, commitments.isShuttingDown { step.events.append(.shuttingDown) }
        return step + scriptIfWanted()
    }

    /// Asks the node where this side is to be paid, if the peer waits for this side's `shutdown`.
    func scriptIfWanted() -> ChannelStep {
        guard commitments.owesShutdown, closingScript == nil else { return ChannelStep() }
        return ChannelStep(events: [.closingScriptWanted])
    }

    /// Where a mutual close pays this side; nil where nobody has said yet.
    var closingScript: Script? {
        commitments.parameters.local.upfrontShutdownScript ?? life.closeRequest?.script
    }

    /// Says `shutdown` where the user or the peer wants it and nothing is proposed that is not signed.
    mutating func shutdownIfDue(_ context: ChannelContext) throws(ChannelFailure) -> ChannelStep {
        guard life.failure == nil, !life.isSpent, commitments.shutdown.local == nil,
            life.closeRequest != nil || commitments.owesShutdown, let script = closingScript,
            commitments.proposed.isEmpty
        else { return ChannelStep() }
        do {
            var step = try commitments.sendShutdown(to: script, ClosingScripts(context.features))
            if commitments.shutdown.remote == nil { step.events.append(.shuttingDown) }
            return step
        } catch {
            throw .channel(error)
        }
    }
}

extension Commitments {
    /// Whether either side has said `shutdown`.
    var isShuttingDown: Bool { shutdown != Shutdowns() }

    /// Throws where this side may not ask for a close that pays `script`.
    func checkShutdown(_ script: Script) throws(ChannelError) {
        guard shutdown.local == nil else { throw .closing }
        if let expected = parameters.local.upfrontShutdownScript, expected != script {
            throw .notTheUpfrontScript(expected: expected, actual: script)
        }
        guard ClosingScripts(anySegwit: true, simpleClose: true).allow(script) else {
            throw .closingScriptNotAllowed(script)
        }
    }
}
