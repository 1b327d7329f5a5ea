import LightningWire

extension Commitments {
    /// What a move up the ladder changed.
    struct Advanced {
        /// The HTLCs that are still there, as they are now.
        var changed: [ChannelHTLC] = []
        /// The HTLCs that are gone, as they were last.
        var removed: [ChannelHTLC] = []
        /// Those among them of the peer with a preimage that came after their failure was signed.
        var forgotten: [UInt64] = []
        var events: [ChannelEvent] = []
    }

    /// Moves every update that `move` is about, settles what is gone, and tells what became irrevocable.
    mutating func advance(_ move: StageMove) -> Advanced {
        var result = Advanced()
        var gone = false
        for index in offered.indices {
            guard offered[index].advance(move, remoteNumber: remoteNumber) else { continue }
            gone = note(offered[index], &result) || gone
        }
        if gone { offered.removeAll { $0.removal?.stage == .irrevocable } }
        gone = false
        for index in received.indices {
            guard received[index].advance(move, remoteNumber: remoteNumber) else { continue }
            gone = note(received[index], &result) || gone
        }
        if gone { received.removeAll { $0.removal?.stage == .irrevocable } }
        for htlc in result.removed { settle(htlc, &result) }
        advanceFeerates(move)
        return result
    }

    /// Notes a changed HTLC; answers whether it is gone.
    private func note(_ htlc: ChannelHTLC, _ result: inout Advanced) -> Bool {
        guard htlc.removal?.stage == .irrevocable else {
            result.changed.append(htlc)
            if htlc.key.offerer == .remote, htlc.isOpen, let event = committedEvent(htlc) {
                result.events.append(event)
            }
            return false
        }
        result.removed.append(htlc)
        switch htlc.key.offerer {
        case .local:
            if let message = remoteMessages[htlc.key] {
                result.events.append(
                    .offeredRemoved(id: htlc.key.id, message, origin: htlc.origin))
            }
        case .remote:
            result.events.append(.receivedRemoved(id: htlc.key.id))
        }
        return true
    }

    func committedEvent(_ htlc: ChannelHTLC) -> ChannelEvent? {
        guard case .add(let message) = remoteMessages[htlc.key] else { return nil }
        return .receivedCommitted(message, exceedsDustExposure: htlc.exceedsDustExposure)
    }

    /// Forgets an HTLC; one that was fulfilled moves its amount for good.
    private mutating func settle(_ htlc: ChannelHTLC, _ result: inout Advanced) {
        remoteMessages[htlc.key] = nil
        if htlc.key.offerer == .remote, resolutions.removeValue(forKey: htlc.key.id) != nil {
            result.forgotten.append(htlc.key.id)
        }
        guard case .fulfilled = htlc.removal?.outcome else { return }
        for index in fundings.indices {
            fundings[index].settled.move(htlc.amount, from: htlc.key.offerer)
        }
    }

    private mutating func advanceFeerates(_ move: StageMove) {
        let (from, to) = move[parameters.opener]
        for index in pendingFeerates.indices where pendingFeerates[index].stage == from {
            pendingFeerates[index].stage = to
        }
        while let first = pendingFeerates.first, first.stage == .irrevocable {
            feerate = first.feerate
            pendingFeerates.removeFirst()
        }
    }
}
