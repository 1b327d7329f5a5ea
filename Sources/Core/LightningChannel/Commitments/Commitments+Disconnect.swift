import Bitcoin
import LightningWire

extension Commitments {
    /// Takes back everything that was proposed and not signed, on both sides, as losing the connection does.
    ///
    /// BOLT 2: "MUST reverse any uncommitted updates sent by the other side (i.e. all messages beginning with `update_` for
    /// which no `commitment_signed` has been received)."
    ///
    /// The peer forgets this side's own updates among them likewise. The step tells of the HTLCs; what was decided about
    /// those of the peer waits for the next connection, and a fee rate is to be chosen anew.
    @discardableResult
    public mutating func disconnect() -> ChannelStep {
        let dropped = offered.drop { $0.addition != .proposed }
            .map { ChannelEvent.offeredDropped(id: $0.key.id, origin: $0.origin) }
        nextLocalID = Self.firstProposed(offered, nextLocalID)
        nextRemoteID = Self.firstProposed(received, nextRemoteID)
        while let last = offered.last, last.addition == .proposed,
            !Mutation.isOn(.keepUncommitted)
        {
            offered.removeLast()
        }
        while let last = received.last, last.addition == .proposed {
            remoteMessages[last.key] = nil
            received.removeLast()
        }
        for index in offered.indices where offered[index].removal?.stage == .proposed {
            remoteMessages[offered[index].key] = nil
            offered[index].removal = nil
        }
        for index in received.indices where received[index].removal?.stage == .proposed {
            received[index].removal = nil
        }
        pendingFeerates.removeAll { $0.stage == .proposed }
        quiescence = Quiescence()
        holdback = Holdback()
        proposed = []
        isConnected = false
        hasHeardShutdown = false
        return ChannelStep(events: dropped)
    }

    /// The id after the last HTLC of `htlcs` that a commitment has.
    static func firstProposed(_ htlcs: [ChannelHTLC], _ next: UInt64) -> UInt64 {
        var first = next
        for htlc in htlcs.reversed() {
            guard htlc.addition == .proposed else { break }
            first = htlc.key.id
        }
        return first
    }
}
