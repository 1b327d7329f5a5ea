import Bitcoin
import LightningNode
import LightningWallet
import LightningWire
import NodeAPI
import NodeRuntime
import NodeServer

/// Opening channels.
extension APIService {
    func openChannel(_ request: OpenChannelRequest, _ reply: Reply<ChannelPoint>) {
        guard request.fundingShim == nil else {
            return reply.fail(
                .invalidArgument, "channels that others fund are opened over the stream")
        }
        workLater(reply) { [self] in
            let form = try OpeningForm(request, host.network)
            try open([form], try funding(of: request)) { result in
                switch result {
                case .success(let fundings): reply(ChannelPoint(fundings[0]))
                case .failure(let error): reply.fail(error)
                }
            }
        }
    }

    func openChannelStream(
        _ request: OpenChannelRequest, _ subscriber: Subscriber<OpenStatusUpdate>
    ) {
        workLater(subscriber) { [self] in
            let form = try OpeningForm(request, host.network)
            if let shim = request.fundingShim {
                return try openFromOutside(form, shim, subscriber)
            }
            let follower = OpeningFollower(host, subscriber)
            try open([form], try funding(of: request)) { result in
                switch result {
                case .success(let fundings): follower.follow(fundings[0])
                case .failure(let error): subscriber.finish(error)
                }
            }
        }
    }

    func batchOpenChannel(
        _ request: BatchOpenChannelRequest, _ reply: Reply<BatchOpenChannelResponse>
    ) {
        workLater(reply) { [self] in
            guard !request.channels.isEmpty else {
                throw APIError(.invalidArgument, "specify at least one channel")
            }
            let forms = try request.channels.map { try OpeningForm($0, host.network) }
            let source = Funding(
                feerate: try fees.rate(
                    satPerVbyte: try narrowed(request.satPerVbyte, "sat_per_vbyte"),
                    target: request.targetConf),
                coins: try Self.coins(
                    request.minConfs, request.spendUnconfirmed, request.coinSelectionStrategy),
                label: request.label)
            try open(forms, source) { result in
                switch result {
                case .success(let fundings):
                    var response = BatchOpenChannelResponse()
                    response.pendingChannels = fundings.map { PendingUpdate($0) }
                    reply(response)
                case .failure(let error): reply.fail(error)
                }
            }
        }
    }

    /// How the wallet pays for channels.
    private struct Funding {
        let feerate: FeeratePerKw
        let coins: CoinChoice
        /// What the user calls the transaction; empty for the channels' memos.
        let label: String
    }

    private func funding(of request: OpenChannelRequest) throws -> Funding {
        var coins = try Self.coins(request.minConfs, request.spendUnconfirmed, .useGlobalConfig)
        if !request.outpoints.isEmpty {
            coins.exactly = try request.outpoints.map { try OutPoint($0) }
        }
        let rate = try fees.rate(
            satPerVbyte: request.satPerVbyte, satPerByte: request.satPerByte,
            target: request.targetConf)
        return Funding(feerate: rate, coins: coins, label: "")
    }

    /// Opens channels with one transaction; `answer` gets their funding outputs when that is published.
    private func open(
        _ forms: [OpeningForm], _ funding: Funding,
        answer: @escaping @Sendable (Result<[OutPoint], APIError>) -> Void
    ) throws {
        try requireReadiness()
        let request = ChannelRequest.open(
            forms.map(\.opening), feerate: funding.feerate, coins: funding.coins)
        let label =
            funding.label.isEmpty
            ? forms.map(\.memo).filter { !$0.isEmpty }.joined(separator: ", ") : funding.label
        host.submit(.channel(request)) { [weak self] result in
            switch result {
            case .success(.opened(let ids, let transaction)):
                let outPoints = transaction.outputs.indices.map {
                    OutPoint(transaction.id, UInt32($0))
                }
                let fundings = ids.compactMap { id in
                    outPoints.first { ChannelID(funding: $0) == id }
                }
                self?.name(transaction.id, label)
                answer(.success(fundings))
            case .success: answer(.failure(APIError(.internal, "another answer was given")))
            case .failure(let failure):
                // What is kept and offered again is still what the user called so.
                if case .channel(.fundingRefused(let id, _, isGivenUp: false)) = failure {
                    self?.name(id, label)
                }
                answer(.failure(APIError(opening: failure, with: forms[0].opening.peer)))
            }
        }
    }

    /// Has the wallet call a transaction what the user does.
    private func name(_ transaction: TransactionID, _ label: String) {
        guard !label.isEmpty else { return }
        host.submit(.books(.label(transaction, label))) { [host] result in
            guard case .failure(let error) = result else { return }
            host.log.write(.warn, .wallet, "\(transaction) has no label: \(error)")
        }
    }

    /// Throws while no channel should be opened.
    func requireReadiness() throws(APIError) {
        guard host.currentState == .serverActive else {
            throw APIError(
                .unavailable, "chain backend is still syncing, server not active yet")
        }
        guard host.chainHealth.isSynced else {
            throw APIError(
                .unavailable,
                "channels cannot be created before the wallet is fully synced"
                    + (host.chainHealth.trouble.map { ": \($0)" } ?? ""))
        }
    }
}
