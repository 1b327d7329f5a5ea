import Bitcoin
import LightningCommitment
import LightningWire

extension Commitments {
    /// Throws unless what was read adds up, so that nothing that is computed from it can overflow, and is complete: a
    /// database that was damaged or mixed up is refused, and not worked with.
    func validate() throws(RecordError) {
        guard localNumber < CommitmentNumberObscurer.maximum,
            remoteNumber <= CommitmentNumberObscurer.maximum
        else { throw Self.damaged("number") }
        for funding in fundings {
            guard funding.funding.amount <= .maximumMoney,
                funding.settled.local.adding(funding.settled.remote)
                    == MilliSatoshi(funding.funding.amount)
            else { throw Self.damaged("balance") }
        }
        try validateHTLCs(offered, below: nextLocalID)
        try validateHTLCs(received, below: nextRemoteID)
        for view in CommitmentView.all {
            let tally = tally(view)
            for funding in fundings {
                for party in Party.allCases {
                    guard tally.canPay(party, funding) else { throw Self.damaged("balance") }
                }
            }
        }
    }

    private func validateHTLCs(
        _ htlcs: [ChannelHTLC], below next: UInt64
    ) throws(RecordError) {
        var sum = MilliSatoshi.zero
        var last: UInt64?
        for htlc in htlcs {
            guard htlc.key.id < next, last.map({ $0 < htlc.key.id }) ?? true else {
                throw Self.damaged("id")
            }
            last = htlc.key.id
            // Far below an overflow, and above what any channel can have on its way.
            sum = sum.adding(htlc.amount) ?? .maximumMoney
            guard sum < .maximumMoney else { throw Self.damaged("amount") }
            guard isComplete(htlc) else { throw Self.damaged("message") }
        }
    }

    /// Whether the peer's message is there that the HTLC's stage has come from.
    private func isComplete(_ htlc: ChannelHTLC) -> Bool {
        switch (htlc.key.offerer, remoteMessages[htlc.key]) {
        case (.remote, .add(let message)?): message.id == htlc.key.id
        case (.remote, _): false
        case (.local, let message): message?.removedID == htlc.removal.map { _ in htlc.key.id }
        }
    }

    private static func damaged(_ field: String) -> RecordError {
        .malformed(.invalidValue(field: field))
    }
}

extension CommitmentView {
    /// Every commitment, present or next.
    fileprivate static let all: [CommitmentView] = [
        .local, .localNext, .remoteSigned, .remoteUnrevoked, .remoteNext,
    ]
}
