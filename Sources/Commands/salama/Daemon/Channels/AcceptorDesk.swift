import Bitcoin
import LightningNode
import LightningWire
import NodeAPI
import NodeRuntime
import NodeServer
import Synchronization

/// Asks clients about channels that peers want to open. While there is none, the node decides by itself; where there are
/// several, the first answer counts.
final class AcceptorDesk: Sendable {
    typealias Client = Subscriber<ChannelAcceptRequest>

    private struct State {
        var clients: [UInt64: Client] = [:]
        var nextNumber: UInt64 = 0
        /// Whose the channels are that clients are asked about, by their temporary ids.
        var peers: [[UInt8]: PublicKey] = [:]
        var subscription: Subscription?
    }

    private let host: NodeHost
    private let state = Mutex(State())

    init(_ host: NodeHost) {
        self.host = host
        let subscription = host.subscribeToNews { [weak self] news in
            switch news {
            case .channel(.offered(let offer)): self?.ask(about: offer)
            case .channel(.offerEnded(let offer)): self?.forget(offer)
            case .channel, .peer, .payment, .paymentEnded, .invoice, .forward: break
            }
        }
        state.withLock { $0.subscription = subscription }
    }

    /// Asks the client from now on; what is returned takes its answers.
    func seat(_ client: Client) -> @Sendable (ChannelAcceptResponse) -> Void {
        let number = state.withLock { state in
            defer { state.nextNumber += 1 }
            state.clients[state.nextNumber] = client
            return state.nextNumber
        }
        host.submit(.channel(.askAboutOffers(true))) { result in
            if case .failure(let error) = result { client.finish(APIError(error)) }
        }
        client.begin()
        client.onEnd { [weak self] in self?.leave(number) }
        return { [weak self] response in self?.take(response, of: client) }
    }

    private func leave(_ number: UInt64) {
        let isLast = state.withLock { state in
            state.clients[number] = nil
            return state.clients.isEmpty
        }
        if isLast { host.submit(.channel(.askAboutOffers(false))) { _ in } }
    }

    private func ask(about offer: ChannelOffer) {
        let request = ChannelAcceptRequest(offer)
        let clients = state.withLock { state -> [Client] in
            // An answer names the channel alone: a peer that takes the id of somebody else's is not asked about.
            guard state.peers[request.pendingChanId] == nil else { return [] }
            state.peers[request.pendingChanId] = offer.peer
            return Array(state.clients.values)
        }
        for client in clients { client.send(request) }
    }

    private func forget(_ offer: ChannelOffer) {
        let id = offer.message.temporaryChannelID.hash.bytes
        state.withLock { state in
            if state.peers[id] == offer.peer { state.peers[id] = nil }
        }
    }

    private func take(_ response: ChannelAcceptResponse, of client: Client) {
        let peer = state.withLock { $0.peers[response.pendingChanId] }
        guard let peer, let hash = try? Hash256(response.pendingChanId) else { return }
        let answer: OfferAnswer
        do throws(APIError) {
            answer =
                response.accept
                ? .accept(try OfferTerms(response, host.network))
                : .refuse(reason: response.error.isEmpty ? "channel rejected" : response.error)
        } catch {
            // As lnd: an answer that does not make sense refuses, so that nothing is agreed to by mistake.
            answer = .refuse(reason: "channel rejected")
            host.log.write(.warn, .server, "an answer about a channel is refused: \(error)")
        }
        let request = ChannelRequest.answerOffer(ChannelID(hash), of: peer, answer)
        host.submit(.channel(request)) { [host] result in
            guard case .failure(let error) = result else { return }
            host.log.write(.warn, .server, "an answer about a channel came too late: \(error)")
        }
    }
}

extension ChannelAcceptRequest {
    fileprivate init(_ offer: ChannelOffer) {
        self.init()
        let message = offer.message
        nodePubkey = offer.peer.compressed
        chainHash = message.chainHash.hash.bytes
        pendingChanId = message.temporaryChannelID.hash.bytes
        fundingAmt = UInt64(clamping: message.fundingAmount.value)
        pushAmt = message.pushAmount.value
        dustLimit = UInt64(clamping: message.dustLimit.value)
        maxValueInFlight = message.maxHTLCValueInFlight.value
        channelReserve = UInt64(clamping: message.channelReserve.value)
        minHtlc = message.htlcMinimum.value
        feePerKw = UInt64(message.feerate.value)
        csvDelay = UInt32(message.toSelfDelay)
        maxAcceptedHtlcs = UInt32(message.maxAcceptedHTLCs)
        channelFlags = UInt32(message.channelFlags.rawValue)
        guard let type = message.tlvs.channelType else { return }
        commitmentType = type.supports(.anchors) ? .anchors : .staticRemoteKey
        wantsZeroConf = type.supports(.zeroConfirmation)
        wantsScidAlias = type.supports(.shortChannelIDAlias)
    }
}

extension OfferTerms {
    fileprivate init(
        _ response: ChannelAcceptResponse, _ network: Network
    ) throws(APIError) {
        self.init()
        guard !response.zeroConf || response.minAcceptDepth == 0 else {
            throw APIError(
                .invalidArgument, "zero_conf and min_accept_depth cannot be set at the same time")
        }
        trustsZeroConfirmation = response.zeroConf
        if response.minAcceptDepth > 0 { minimumDepth = response.minAcceptDepth }
        if response.minHtlcIn > 0 { htlcMinimum = MilliSatoshi(response.minHtlcIn) }
        if response.inFlightMaxMsat > 0 { maximumInFlight = MilliSatoshi(response.inFlightMaxMsat) }
        if response.maxHtlcCount > 0 {
            maximumAcceptedHTLCs = try narrowed(response.maxHtlcCount, "max_htlc_count")
        }
        if response.csvDelay > 0 { delayOfPeer = try narrowed(response.csvDelay, "csv_delay") }
        if response.reserveSat > 0 {
            reserve = Satoshi(try narrowed(response.reserveSat, "reserve_sat"))
        }
        guard !response.upfrontShutdown.isEmpty else { return }
        do throws(AddressError) {
            upfrontShutdownScript = try Address(response.upfrontShutdown, network: network).script
        } catch {
            throw APIError(.invalidArgument, "upfront_shutdown: \(error)")
        }
    }
}
