import Bitcoin
import LightningCommitment
import LightningWire

/// Where in the best chain the funding transaction is.
public struct FundingPosition: Hashable, Sendable {
    public var height: BlockHeight
    public var transactionIndex: UInt32

    /// The transactions that bury the funding, itself counted, where the tip is at `tip`.
    public func depth(_ tip: BlockHeight) -> UInt32 {
        tip >= height ? tip.value - height.value + 1 : 0
    }

    func shortChannelID(of funding: ChannelFunding) -> ShortChannelID? {
        UInt16(exactly: funding.outPoint.index).flatMap {
            ShortChannelID(
                height: height, transactionIndex: transactionIndex, outputIndex: $0)
        }
    }
}

/// How the funding transaction comes into the chain and out of it (BOLT 2, `channel_ready`).
extension EstablishedChannel {
    /// BOLT 2: "SHOULD forget the channel if it does not see the correct funding transaction after a timeout of 2016
    /// blocks."
    public static let fundingTimeout: Int64 = 2016

    /// The funding output in use.
    public var funding: ChannelFunding { commitments.fundings[0].funding }

    /// Whether the funding is as deep in the chain as this side waits for; always so where it waits for nothing.
    func isDeep(_ tip: BlockHeight) -> Bool {
        life.minimumDepth == 0 || (life.position?.depth(tip) ?? 0) >= life.minimumDepth
    }

    /// Whether the channel has ever held anything but what it was opened with.
    public var isUntouched: Bool {
        commitments.localNumber == 0 && commitments.remoteNumber == 0 && !isRestored
    }

    /// Whether nothing says that the funding was ever in the chain: the channel was not used, and no side has said
    /// `channel_ready`, which means nothing where confirmations are not waited for.
    public var isUnproven: Bool {
        isUntouched && life.position == nil
            && (life.minimumDepth == 0 || !life.sentReady && !life.receivedReady)
    }

    /// The failure of a funding transaction that does not hold what it should; nil for one that does.
    ///
    /// BOLT 2: "MUST NOT send `channel_ready` unless outpoint of given by `funding_txid` and `funding_output_index` in the
    /// `funding_created` message pays exactly `funding_satoshis` to the scriptpubkey specified in"
    func fault(of confirmation: FundingConfirmation) -> ChannelFailure? {
        confirmation.output == funding.output
            ? nil : .wrongFunding(expected: funding.output, actual: confirmation.output)
    }

    mutating func confirm(_ confirmation: FundingConfirmation) -> ChannelStep {
        let position = FundingPosition(
            height: confirmation.height, transactionIndex: confirmation.transactionIndex)
        guard position != life.position else { return ChannelStep() }
        life.position = position
        return ChannelStep(writes: [lifeWrite()], events: [.renamed])
    }

    /// The block with the funding is gone. What was ready stays so in the protocol, but takes no new risk
    /// (``mayTakeRisk``) until the funding is back.
    mutating func unconfirm(_ context: ChannelContext) -> ChannelStep {
        guard life.position != nil else { return ChannelStep() }
        life.position = nil
        life.waitingSince = context.height
        return ChannelStep(writes: [lifeWrite()], events: [.renamed])
    }

    /// Why the channel is to be forgotten at this height; nil where it is not.
    ///
    /// An accepter gives up a channel that nobody pays for. One that was used before its funding confirmed is kept: the
    /// funding may still confirm, and an old commitment with it.
    func timeout(_ context: ChannelContext) -> ForgottenReason? {
        guard commitments.parameters.opener == .remote, life.position == nil, isUntouched,
            context.height - life.waitingSince >= Self.fundingTimeout
        else { return nil }
        return .fundingTimeout
    }
}
