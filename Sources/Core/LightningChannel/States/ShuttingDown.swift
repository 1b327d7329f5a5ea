import Bitcoin
import LightningCommitment
import LightningWire

/// `shutdown` has been said by one side or both (BOLT 2, "Closing Initiation").
extension EstablishedChannel {
    /// Takes the user's wish, which is carried out as soon as it may be; once both sides negotiate, asks for a transaction
    /// that pays more.
    mutating func close(
        _ request: CloseRequest, _ context: ChannelContext, _ signer: some ChannelSigner
    ) throws(ChannelError) -> ChannelStep {
        switch state {
        case .waitForReady, .normal, .shuttingDown: break
        case .negotiating: return try bump(request, context, signer)
        case .opening, .failed, .outdated, .restored, .spent, .forgotten: throw .notUsable(state)
        }
        guard commitments.shutdownScript(of: .local) == nil else { throw .closing }
        if let expected = commitments.parameters.local.upfrontShutdownScript,
            expected != request.script
        {
            throw .notTheUpfrontScript(expected: expected, actual: request.script)
        }
        // While the peer is away, what it can do is not known.
        let allowed =
            link == .up
            ? ClosingScripts(context.features) : ClosingScripts(anySegwit: true, simpleClose: true)
        guard allowed.allow(request.script) else { throw .closingScriptNotAllowed(request.script) }
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
        if !wasShuttingDown { step.events.append(.shuttingDown) }
        step.append(scriptIfWanted())
        return step
    }

    /// Asks the node where this side is to be paid, if the peer waits for this side's `shutdown`.
    func scriptIfWanted() -> ChannelStep {
        guard commitments.owesShutdown, closingScript == nil else { return ChannelStep() }
        return ChannelStep(events: [.closingScriptWanted])
    }

    /// Where a mutual close pays this side; nil where nobody has said yet.
    private var closingScript: Script? {
        commitments.parameters.local.upfrontShutdownScript ?? life.closeRequest?.script
    }

    /// Says `shutdown` where the user or the peer wants it and nothing is proposed that is not signed.
    mutating func shutdownIfDue(_ context: ChannelContext) -> ChannelStep {
        guard commitments.shutdownScript(of: .local) == nil,
            life.closeRequest != nil || commitments.owesShutdown, let script = closingScript
        else { return ChannelStep() }
        let wasShuttingDown = commitments.isShuttingDown
        do {
            var step = try commitments.sendShutdown(to: script, ClosingScripts(context.features))
            if !wasShuttingDown { step.events.append(.shuttingDown) }
            return step
        } catch .closingScriptNotAllowed where life.closeRequest != nil {
            // The peer that came back can do less than the one for which the script was chosen.
            life.closeRequest = nil
            return ChannelStep(writes: [lifeWrite()], events: [.closingScriptWanted])
        } catch {
            // Updates that are not signed go first.
            return ChannelStep()
        }
    }
}

extension Commitments {
    /// Whether either side has said `shutdown`.
    var isShuttingDown: Bool { shutdown != Shutdowns() }
}
