/// One commitment of a channel, as a choice among the updates: those of each side from a stage on.
public struct CommitmentView: Hashable, Sendable {
    /// Whose commitment it is.
    public let owner: Party
    let localStage: UpdateStage
    let remoteStage: UpdateStage

    private init(_ owner: Party, local: UpdateStage, remote: UpdateStage) {
        self.owner = owner
        localStage = local
        remoteStage = remote
    }

    /// This side's commitment, the only one that it can publish.
    public static let local = CommitmentView(.local, local: .countersigned, remote: .signed)
    /// What the peer's next `commitment_signed` will sign.
    public static let localNext = CommitmentView(.local, local: .acked, remote: .proposed)
    /// The peer's commitment that this side signed last.
    public static let remoteSigned = CommitmentView(.remote, local: .signed, remote: .countersigned)
    /// The peer's oldest commitment that is not revoked: the one before ``remoteSigned`` while its revocation is awaited,
    /// else the same.
    public static let remoteUnrevoked = CommitmentView(.remote, local: .acked, remote: .irrevocable)
    /// What this side's next `commitment_signed` will sign.
    public static let remoteNext = CommitmentView(.remote, local: .proposed, remote: .acked)

    /// The commitment of `owner` once everything that is known has been committed.
    static func everything(of owner: Party) -> CommitmentView {
        CommitmentView(owner, local: .proposed, remote: .proposed)
    }

    /// The same choice of updates under the rules of the commitment of `owner`.
    func asOwned(by owner: Party) -> CommitmentView {
        CommitmentView(owner, local: localStage, remote: remoteStage)
    }

    /// Whether an update of `proposer` at `stage` is in this commitment.
    func includes(_ stage: UpdateStage, by proposer: Party) -> Bool {
        switch proposer {
        case .local: stage >= localStage
        case .remote: stage >= remoteStage
        }
    }

    /// What an HTLC is in a commitment.
    enum Presence {
        case absent
        case pending
        case fulfilled
        case failed
    }

    func presence(of htlc: ChannelHTLC) -> Presence {
        guard includes(htlc.addition, by: htlc.key.offerer) else { return .absent }
        guard let removal = htlc.removal, includes(removal.stage, by: htlc.key.offerer.other)
        else { return .pending }
        switch removal.outcome {
        case .fulfilled: return .fulfilled
        case .failed: return .failed
        }
    }
}
