import Bitcoin
import LightningChannel
import LightningNode
import LightningOnChain
import LightningWire
import NodeAPI
import NodeRuntime
import NodeServer
import Synchronization

/// Closing channels.
extension APIService {
    func closeChannel(
        _ request: CloseChannelRequest, _ subscriber: Subscriber<CloseStatusUpdate>
    ) {
        workLater(subscriber) { [self] in
            let report = try channelReport(of: OutPoint(request.channelPoint))
            guard report.details?.isOutdated != true else {
                throw APIError(
                    .failedPrecondition, "cannot close channel with state: \(report.statusFlags)")
            }
            if request.force {
                try closeByForce(report, request, subscriber)
            } else {
                try closeInAgreement(report, request, subscriber)
            }
        }
    }

    private func closeByForce(
        _ report: ChannelReport, _ request: CloseChannelRequest,
        _ client: Subscriber<CloseStatusUpdate>
    ) throws {
        guard request.satPerByte == 0, request.satPerVbyte == 0, request.targetConf == 0 else {
            throw APIError(
                .invalidArgument, "force closing a channel uses a pre-defined fee")
        }
        let follower = ClosingFollower(host, report, client)
        host.submit(.channel(.forceClose(report.channelID))) { result in
            switch result {
            case .success(.closingAlone(let id)): follower.tellPending(id, isLocal: true)
            case .success: client.finish(APIError(.internal, "another answer was given"))
            case .failure(let failure): client.finish(APIError(failure))
            }
        }
    }

    private func closeInAgreement(
        _ report: ChannelReport, _ request: CloseChannelRequest,
        _ client: Subscriber<CloseStatusUpdate>
    ) throws {
        guard report.isConnected else {
            throw APIError(
                .unavailable,
                "unable to gracefully close channel while peer is offline (try force closing it"
                    + " instead): peer \(report.peer) is not online")
        }
        let htlcs = report.details?.htlcs.count ?? 0
        guard request.noWait || htlcs == 0 else {
            throw APIError(
                .failedPrecondition,
                "cannot coop close channel with active htlcs (number of active htlcs: \(htlcs)),"
                    + " bypass this check and initiate the coop close by setting no_wait=true")
        }
        let rate = try fees.rate(
            satPerVbyte: request.satPerVbyte, satPerByte: request.satPerByte,
            target: request.targetConf)
        if request.maxFeePerVbyte > 0 {
            let most = try fees.rate(satPerVbyte: request.maxFeePerVbyte, target: 0)
            guard rate <= most else {
                throw APIError(
                    .invalidArgument,
                    "max_fee_per_vbyte (\(most)) is less than the required fee rate (\(rate))")
            }
        }
        let script = try deliveryScript(request.deliveryAddress)
        let follower = ClosingFollower(host, report, client)
        if request.noWait {
            var update = CloseStatusUpdate()
            var instant = InstantUpdate()
            instant.numPendingHtlcs = Int32(clamping: htlcs)
            update.closeInstant = instant
            client.send(update)
        }
        let close = ChannelRequest.close(report.channelID, to: script, feerate: rate)
        host.submit(.channel(close)) { result in
            switch result {
            case .success(.closing(let transaction)):
                follower.tellPending(transaction.id, isLocal: false)
            case .success: client.finish(APIError(.internal, "another answer was given"))
            case .failure(let failure): client.finish(APIError(failure))
            }
        }
    }

    private func deliveryScript(_ address: String) throws(APIError) -> Script? {
        guard !address.isEmpty else { return nil }
        do throws(AddressError) {
            return try Address(address, network: host.network).script
        } catch {
            throw APIError(.invalidArgument, "invalid delivery address: \(error)")
        }
    }

    func abandonChannel(_ request: AbandonChannelRequest, _ reply: Reply<StatusResponse>) {
        guard request.iKnowWhatIAmDoing || request.pendingFundingShimOnly else {
            return reply.fail(
                .failedPrecondition,
                "a channel that was funded must be closed: what is in it is lost for good"
                    + " otherwise (i_know_what_i_am_doing)")
        }
        work(reply) { [self] in
            let funding = try OutPoint(request.channelPoint)
            let report = try channelReport(of: funding)
            if !request.iKnowWhatIAmDoing {
                // What the wallet has funded is in the network, or will be: it must be closed.
                let isOwn =
                    try TransactionHistory(host.store).transaction(funding.transactionID) != nil
                guard case .opening = report.stage, report.isOpener, !isOwn else {
                    throw APIError(
                        .failedPrecondition,
                        "channel \(funding) is not externally funded or not pending")
                }
            }
            _ = try host.perform(.channel(.abandon(report.channelID)))
            return StatusResponse("channel \(funding) abandoned")
        }
    }
}

/// Tells a client how far the end of a channel has come, until the close is mined or the client goes away.
private final class ClosingFollower: Sendable {
    private struct State {
        var isPendingTold = false
        /// What has closed the channel before the client was told that it is about to be.
        var end: CloseStatusUpdate?
        var subscription: Subscription?
    }

    private let client: Subscriber<CloseStatusUpdate>
    private let channel: ChannelID
    private let state = Mutex(State())

    init(_ host: NodeHost, _ report: ChannelReport, _ client: Subscriber<CloseStatusUpdate>) {
        self.client = client
        channel = report.channelID
        let subscription = host.subscribeToNews { [weak self] news in
            guard let self, case .channel(.closed(let report, _, _, _)) = news,
                report.channelID == channel
            else { return }
            take(CloseStatusUpdate(report))
        }
        state.withLock { $0.subscription = subscription }
        client.onEnd { self.end() }
    }

    /// The transaction is known that closes the channel.
    func tellPending(_ id: TransactionID, isLocal: Bool) {
        var update = CloseStatusUpdate()
        var pending = PendingUpdate()
        pending.txid = id.hash.bytes
        pending.localCloseTx = isLocal
        update.closePending = pending
        client.send(update)
        let end = state.withLock { state in
            state.isPendingTold = true
            return state.end
        }
        if let end { finish(end) }
    }

    private func take(_ end: CloseStatusUpdate) {
        let isTold = state.withLock { state in
            state.end = end
            return state.isPendingTold
        }
        if isTold { finish(end) }
    }

    private func finish(_ update: CloseStatusUpdate) {
        client.send(update)
        client.finish()
    }

    private func end() { state.withLock { $0.subscription = nil } }
}

extension CloseStatusUpdate {
    /// The channel of that report is closed by a transaction in the chain.
    fileprivate init(_ report: ChannelReport) {
        self.init()
        var update = ChannelCloseUpdate()
        update.success = true
        if let summary = report.closing?.progress?.summary {
            update.closingTxid = summary.transactionID.hash.bytes
            if summary.spend == .mutual {
                let remote = summary.capacity - summary.closingFee - summary.paidAtOnce
                update.localCloseOutput = CloseOutput(
                    summary.paidAtOnce, report.closing?.scripts.local, isLocal: true)
                update.remoteCloseOutput = CloseOutput(
                    remote, report.closing?.scripts.remote, isLocal: false)
            }
        }
        chanClose = update
    }
}

extension CloseOutput {
    fileprivate init?(_ amount: Satoshi, _ script: Script?, isLocal: Bool) {
        guard amount > .zero, let script else { return nil }
        self.init()
        amountSat = amount.value
        pkScript = script.bytes
        self.isLocal = isLocal
    }
}
