import Bitcoin
import LightningChannel
import LightningCommitment
import LightningNode
import LightningWire
import NodeAPI

/// Open channels as messages of the interface.
extension ChannelMessage {
    /// `time` is what was seen of the channel since the daemon's start.
    init?(_ report: ChannelReport, _ time: ChannelTime, _ network: Network) {
        guard let details = report.details, let funding = report.funding else { return nil }
        self.init()
        let parameters = details.parameters
        active = report.isActive
        remotePubkey = report.peer.description
        channelPoint = funding.outPoint.description
        chanId = report.interfaceName.value
        capacity = funding.amount.value
        isPrivate = !details.isAnnounced
        initiator = report.isOpener
        chanStatusFlags = report.statusFlags
        staticRemoteKey = parameters.format == .staticRemoteKey
        commitmentType = CommitmentType(parameters.format)
        lifetime = Int64(clamping: time.lifetime)
        uptime = Int64(clamping: time.uptime)
        pushAmountSat = UInt64(clamping: report.pushed.roundedDown.value)
        closeAddress =
            parameters.local.upfrontShutdownScript
            .flatMap { Address(script: $0, network: network)?.description } ?? ""
        setBalances(details)
        setLimits(parameters)
        setNames(details)
    }

    private mutating func setBalances(_ details: ChannelDetails) {
        let size = details.size
        localBalance = size.local.roundedDown.value
        remoteBalance = size.remote.roundedDown.value
        commitFee = size.fee.value
        commitWeight = Int64(clamping: size.weight.value)
        feePerKw = Int64(details.feerate.value)
        totalSatoshisSent = details.paid.local.roundedDown.value
        totalSatoshisReceived = details.paid.remote.roundedDown.value
        numUpdates = details.commitmentNumber
        pendingHtlcs = details.htlcs.map { HTLCMessage($0) }
        unsettledBalance = pendingHtlcs.reduce(0) { $0 + $1.amount }
    }

    private mutating func setLimits(_ parameters: ChannelParameters) {
        localConstraints = ChannelConstraints(of: .local, parameters)
        remoteConstraints = ChannelConstraints(of: .remote, parameters)
        csvDelay = UInt32(parameters.remote.delayOfOther)
        localChanReserveSat = parameters.remote.reserveOfOther.value
        remoteChanReserveSat = parameters.local.reserveOfOther.value
    }

    private mutating func setNames(_ details: ChannelDetails) {
        aliasScids = [details.alias.value]
        peerScidAlias = details.peerAlias?.value ?? 0
        zeroConf = details.isZeroConfirmation
        if zeroConf { zeroConfConfirmedScid = details.name?.value ?? 0 }
    }
}

extension ChannelConstraints {
    /// What `party` has to keep to: its own dust limit, and what the other side demands of it.
    init(of party: Party, _ parameters: ChannelParameters) {
        self.init()
        let demands = parameters[party.other]
        csvDelay = UInt32(demands.delayOfOther)
        chanReserveSat = UInt64(clamping: demands.reserveOfOther.value)
        dustLimitSat = UInt64(clamping: parameters[party].dustLimit.value)
        maxPendingAmtMsat = demands.maximumInFlight.value
        minHtlcMsat = demands.htlcMinimum.value
        maxAcceptedHtlcs = UInt32(demands.maximumAcceptedHTLCs)
    }
}

extension HTLCMessage {
    init(_ htlc: HTLCReport) {
        self.init()
        incoming = htlc.key.offerer == .remote
        amount = htlc.amount.roundedDown.value
        hashLock = htlc.paymentHash.hash.bytes
        expirationHeight = htlc.cltvExpiry.value
        htlcIndex = htlc.key.id
        forwardingChannel = htlc.forwards?.channel.value ?? 0
        forwardingHtlcIndex = htlc.forwards?.id ?? 0
        lockedIn = htlc.isCommitted
    }
}

extension CommitmentType {
    init(_ format: CommitmentFormat) {
        self =
            switch format {
            case .staticRemoteKey: .staticRemoteKey
            case .anchors: .anchors
            }
    }
}

extension Initiator {
    init(isLocal: Bool) { self = isLocal ? .local : .remote }
}

extension AmountMessage {
    init(_ amount: MilliSatoshi) {
        self.init()
        sat = UInt64(clamping: amount.roundedDown.value)
        msat = amount.value
    }
}

extension ChannelPoint {
    init(_ outPoint: OutPoint) {
        self.init()
        fundingTxidBytes = outPoint.transactionID.hash.bytes
        outputIndex = outPoint.index
    }
}

extension OutPoint {
    /// The funding output that a request names.
    init(_ point: ChannelPoint?) throws(APIError) {
        guard let point else {
            throw APIError(.invalidArgument, "must specify channel point")
        }
        let id: TransactionID?
        if let text = point.fundingTxidStr, !text.isEmpty {
            id = TransactionID(text)
        } else {
            id = (try? Hash256(point.fundingTxidBytes ?? [])).map { TransactionID($0) }
        }
        guard let id else {
            throw APIError(.invalidArgument, "the channel point names no transaction")
        }
        self.init(id, point.outputIndex)
    }

    /// The funding output that `text`, transaction, colon and position, names.
    init(channelPoint text: String) throws(APIError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let id = TransactionID(String(parts[0])),
            let index = UInt32(parts[1])
        else {
            throw APIError(
                .invalidArgument, "expecting chan_point to be in format of: txid:index")
        }
        self.init(id, index)
    }
}

/// What the interface says of a channel.
extension ChannelReport {
    /// Whether payments can go through.
    var isActive: Bool { isConnected && state == .normal }

    /// The name that the interface has for the channel.
    var interfaceName: ShortChannelID {
        guard let details else { return names.first ?? .zero }
        return details.isZeroConfirmation ? details.alias : details.anyName
    }

    /// What the opener gave the other side at the start: what it has when everything since is taken back.
    var pushed: MilliSatoshi {
        guard let balances, let details else { return .zero }
        let (other, its, ours) =
            isOpener
            ? (balances.remote, details.paid.remote, details.paid.local)
            : (balances.local, details.paid.local, details.paid.remote)
        return (other + its).subtracting(ours) ?? .zero
    }

    /// What is out of the ordinary, in lnd's words.
    var statusFlags: String {
        var flags: [String] = []
        if details?.isOutdated == true { flags.append("ChanStatusLocalDataLoss") }
        if details?.isRestored == true { flags.append("ChanStatusRestored") }
        if closing?.isPublishing == true { flags.append("ChanStatusCommitBroadcasted") }
        if details?.closings.isEmpty == false { flags.append("ChanStatusCoopBroadcasted") }
        return flags.isEmpty ? "ChanStatusDefault" : flags.joined(separator: "|")
    }
}

extension ChannelDetails {
    /// Whether it is used before it is mined.
    var isZeroConfirmation: Bool { parameters.channelType.supports(.zeroConfirmation) }
}
