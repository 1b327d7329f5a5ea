import Bitcoin
import LightningChannel
import LightningNode
import LightningOnChain
import NodeAPI

/// Channels that are being opened or closed, as messages of the interface.
extension PendingChannelsResponse {
    init(_ reports: [ChannelReport], height: BlockHeight, withTransactions: Bool) {
        self.init()
        for report in reports {
            switch report.stage {
            case .opening(let details):
                pendingOpenChannels.append(PendingOpenChannel(report, details, height))
            case .waitingForClose:
                waitingCloseChannels.append(WaitingCloseChannel(report, withTransactions))
            case .closedByForce(let progress):
                pendingForceClosingChannels.append(
                    ForceClosedChannel(report, progress, height))
            case .talking, .open, .closed: break
            }
        }
        totalLimboBalance =
            waitingCloseChannels.reduce(0) { $0 + $1.limboBalance }
            + pendingForceClosingChannels.reduce(0) { $0 + $1.limboBalance }
    }
}

/// Where a channel belongs in the lists of the interface.
enum ChannelStage {
    /// Nothing is signed yet.
    case talking
    /// The funding has to be mined.
    case opening(ChannelDetails)
    case open
    /// A transaction that closes it has to be mined.
    case waitingForClose
    /// A commitment has closed it, and this node has not all that it gets.
    case closedByForce(ClosingProgress)
    /// It is closed, though a reorganisation might still change how.
    case closed
}

extension ChannelReport {
    var stage: ChannelStage {
        guard let details else { return .talking }
        if let progress = closing?.progress {
            return progress.isResolved ? .closed : .closedByForce(progress)
        }
        switch state {
        case .opening, .forgotten: return .talking
        case .failed, .outdated, .restored, .spent: return .waitingForClose
        case .waitForReady, .normal, .shuttingDown, .negotiating:
            if closing?.isPublishing == true || !details.closings.isEmpty {
                return .waitingForClose
            }
            return state == .waitForReady ? .opening(details) : .open
        }
    }
}

extension PendingChannel {
    init(_ report: ChannelReport) {
        self.init()
        remoteNodePub = report.peer.description
        channelPoint = report.funding?.outPoint.description ?? ""
        capacity = report.funding?.amount.value ?? 0
        initiator = Initiator(isLocal: report.isOpener)
        chanStatusFlags = report.statusFlags
        guard let details = report.details else { return }
        // Of a restored channel nobody here knows what each side has.
        if !details.isRestored {
            localBalance = details.size.local.roundedDown.value
            remoteBalance = details.size.remote.roundedDown.value
        }
        localChanReserveSat = details.parameters.remote.reserveOfOther.value
        remoteChanReserveSat = details.parameters.local.reserveOfOther.value
        commitmentType = CommitmentType(details.parameters.format)
        isPrivate = !details.isAnnounced
    }
}

extension PendingOpenChannel {
    init(_ report: ChannelReport, _ details: ChannelDetails, _ height: BlockHeight) {
        self.init()
        channel = PendingChannel(report)
        commitFee = details.size.fee.value
        commitWeight = Int64(clamping: details.size.weight.value)
        feePerKw = Int64(details.feerate.value)
        // A funder gives up nothing that it has paid for; lnd counts for it all the same.
        let waited = height - details.waitingSince
        fundingExpiryBlocks = Int32(clamping: EstablishedChannel.fundingTimeout - waited)
        confirmationHeight = details.position?.height.value ?? 0
        let depth = details.position?.depth(height) ?? 0
        confirmationsUntilActive = details.minimumDepth - min(depth, details.minimumDepth)
    }
}

extension WaitingCloseChannel {
    init(_ report: ChannelReport, _ withTransactions: Bool) {
        self.init()
        channel = PendingChannel(report)
        limboBalance = channel?.localBalance ?? 0
        commitments = report.closing.map { CommitmentIDs($0) }
        if let closing = report.details?.closings.last {
            closingTxid = closing.id.description
            if withTransactions { closingTxHex = Hex.encode(closing.encoded) }
        } else if let closing = report.closing, closing.isPublishing {
            closingTxid = closing.local.id.description
        }
    }
}

extension CommitmentIDs {
    init(_ closing: ClosingReport) {
        self.init()
        localTxid = closing.local.id.description
        localCommitFeeSat = UInt64(clamping: closing.local.fee.value)
        remoteTxid = closing.remote.id.description
        remoteCommitFeeSat = UInt64(clamping: closing.remote.fee.value)
        remotePendingTxid = closing.remoteNext?.id.description ?? ""
        remotePendingCommitFeeSat = UInt64(clamping: closing.remoteNext?.fee.value ?? 0)
    }
}

extension ForceClosedChannel {
    init(_ report: ChannelReport, _ progress: ClosingProgress, _ height: BlockHeight) {
        self.init()
        channel = PendingChannel(report)
        closingTxid = progress.summary.transactionID.description
        recoveredBalance = progress.summary.taken.value
        limboBalance = progress.waiting.reduce(0) { $0 + $1.amount.value }
        if let balance = progress.waiting.first(where: { $0.purpose == .balance }) {
            maturityHeight = balance.earliest.value
            blocksTilMaturity = Int32(clamping: balance.earliest - height)
        }
        pendingHtlcs = progress.waiting.compactMap { PendingHTLC($0, height) }
        let anchorEnd = progress.summary.outputs.first { $0.purpose == .anchor }?.end
        anchor =
            switch anchorEnd {
            case .taken, .secondStage: .recovered
            case .lost: .lost
            case .left, nil: .limbo
            }
    }
}

extension PendingHTLC {
    init?(_ output: WaitingOutput, _ height: BlockHeight) {
        self.init()
        switch output.purpose {
        case .htlc(let name): (incoming, stage) = (name.direction == .received, 1)
        case .secondStage(let name): (incoming, stage) = (name?.direction == .received, 2)
        case .balance, .forfeitedBalance, .anchor, .peersAnchor, .unidentified: return nil
        }
        amount = output.amount.value
        outpoint = output.outPoint.description
        maturityHeight = output.earliest.value
        blocksTilMaturity = Int32(clamping: output.earliest - height)
    }
}
