import Bitcoin
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
        result.events.reserveCapacity(offered.count + received.count)
        Self.advance(&offered, move, remoteNumber, &result)
        Self.advance(&received, move, remoteNumber, &result)
        for htlc in result.changed
        where htlc.key.offerer == .remote
            && (htlc.isOpen || Mutation.isOn(.forwardUncommitted) && htlc.removal == nil)
        {
            if let event = committedEvent(htlc) { result.events.append(event) }
        }
        for htlc in result.removed {
            if let event = removedEvent(htlc) { result.events.append(event) }
            settle(htlc, &result)
        }
        advanceFeerates(move)
        return result
    }

    private static func advance(
        _ htlcs: inout [ChannelHTLC], _ move: StageMove, _ remoteNumber: UInt64,
        _ result: inout Advanced
    ) {
        let before = result.removed.count
        result.changed.reserveCapacity(result.changed.count + htlcs.count)
        for index in htlcs.indices
        where htlcs[index].advance(move, remoteNumber: remoteNumber) {
            if htlcs[index].removal?.stage == .irrevocable {
                result.removed.append(htlcs[index])
            } else {
                result.changed.append(htlcs[index])
            }
        }
        guard result.removed.count > before else { return }
        htlcs.removeAll { $0.removal?.stage == .irrevocable }
    }

    private func removedEvent(_ htlc: ChannelHTLC) -> ChannelEvent? {
        switch htlc.key.offerer {
        case .local:
            remoteMessages[htlc.key].map {
                .offeredRemoved(id: htlc.key.id, $0, origin: htlc.origin)
            }
        case .remote: .receivedRemoved(id: htlc.key.id)
        }
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
        guard case .fulfilled = htlc.removal?.outcome, !Mutation.isOn(.keepPaidAmount) else {
            return
        }
        paid[htlc.key.offerer] += htlc.amount
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
