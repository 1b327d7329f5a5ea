import Bitcoin
import LightningNode
import LightningWallet
import NodeAPI
import NodeRuntime
import NodeServer

/// Payments and the history.
extension APIService {
    func sendCoins(_ request: SendCoinsRequest, _ reply: Reply<TxidResponse>) {
        work(reply) { [self] in
            let script = try script(of: request.addr)
            guard request.sendAll != (request.amount != 0) else {
                throw APIError(.invalidArgument, "either an amount or send_all has to be given")
            }
            let rate = try fees.rate(
                satPerVbyte: request.satPerVbyte, satPerByte: request.satPerByte,
                target: request.targetConf)
            let output = TransactionOutput(amount: Satoshi(request.amount), scriptPubKey: script)
            var spend = SpendRequest(outputs: request.sendAll ? [] : [output], feeRate: rate)
            spend.coins = try Self.coins(
                request.minConfs, request.spendUnconfirmed, request.coinSelectionStrategy)
            if !request.outpoints.isEmpty {
                spend.coins.exactly = try request.outpoints.map { try OutPoint($0) }
            }
            return try publish(
                request.sendAll
                    ? .sendAll(to: script, spend, label: request.label)
                    : .send(spend, label: request.label))
        }
    }

    func sendMany(_ request: SendManyRequest, _ reply: Reply<TxidResponse>) {
        work(reply) { [self] in
            let rate = try fees.rate(
                satPerVbyte: request.satPerVbyte, satPerByte: request.satPerByte,
                target: request.targetConf)
            var spend = SpendRequest(outputs: try outputs(request.amountByAddress), feeRate: rate)
            spend.coins = try Self.coins(
                request.minConfs, request.spendUnconfirmed, request.coinSelectionStrategy)
            return try publish(.send(spend, label: request.label))
        }
    }

    func estimateFee(_ request: EstimateFeeRequest, _ reply: Reply<EstimateFeeResponse>) {
        work(reply) { [self] in
            let rate = try fees.rate(satPerVbyte: 0, target: request.targetConf)
            var spend = SpendRequest(outputs: try outputs(request.amountByAddress), feeRate: rate)
            spend.coins = try Self.coins(
                request.minConfs, request.spendUnconfirmed, request.coinSelectionStrategy)
            if !request.inputs.isEmpty {
                spend.coins.exactly = try request.inputs.map { try OutPoint($0) }
            }
            guard case .plan(let plan) = try host.perform(.spend(.plan(spend))) else {
                throw UnexpectedReply()
            }
            var response = EstimateFeeResponse()
            response.feeSat = plan.fee.value
            response.satPerVbyte = (rate.satoshiPerKilovirtualByte + 500) / 1_000
            response.feerateSatPerByte = Int64(response.satPerVbyte)
            response.inputs = plan.coins.map { OutPointMessage($0.outPoint) }
            return response
        }
    }

    func feeRate(_ request: FeeRateRequest, _ reply: Reply<FeeRateResponse>) {
        work(reply) { [fees] in
            var response = FeeRateResponse()
            response.satPerKw = Int64(try fees.estimate(target: Int(request.confTarget)).value)
            response.minRelayFeeSatPerKw = Int64(try fees.backend.minimumMempoolFee().value)
            return response
        }
    }

    func bumpFee(_ request: BumpFeeRequest, _ reply: Reply<StatusResponse>) {
        work(reply) { [self] in
            try requireChain()
            let outPoint = try OutPoint(request.outpoint)
            let rate = try fees.rate(
                satPerVbyte: max(request.satPerVbyte, UInt64(request.satPerByte)),
                target: Int32(clamping: request.targetConf))
            var policy = FeePolicy()
            if let budget = Int64(exactly: request.budget), budget > 0 {
                policy.maximumFee = min(policy.maximumFee, Satoshi(budget))
            }
            do throws(NodeFailure) {
                let bump = BumpRequest(feeRate: rate, policy: policy)
                let reply = try host.perform(.spend(.bumpFee(outPoint.transactionID, bump)))
                return StatusResponse("replaced by transaction \(try Self.published(reply).id)")
            } catch .spend(.notReplaceable) {
                // Others made it: a child of its output to the wallet pays for both.
                let reply = try host.perform(.spend(.speedUp(outPoint, rate, policy)))
                return StatusResponse("sped up by transaction \(try Self.published(reply).id)")
            }
        }
    }

    func bumpForceCloseFee(
        _ request: BumpForceCloseFeeRequest, _ reply: Reply<StatusResponse>
    ) {
        work(reply) { [self] in
            try requireChain()
            let funding = try OutPoint(request.chanPoint)
            let target = max(request.targetConf, request.deadlineDelta)
            let rate = try fees.rate(
                satPerVbyte: request.startingFeerate,
                target: request.startingFeerate > 0 ? 0 : Int32(clamping: target))
            let budget = Int64(exactly: request.budget).flatMap { $0 > 0 ? Satoshi($0) : nil }
            _ = try host.perform(
                .channel(.raiseClosingFee(funding, to: rate, budget: budget)))
            return StatusResponse("the commitment of \(funding) pays more by its child now")
        }
    }

    func publishTransaction(
        _ request: PublishTransactionRequest, _ reply: Reply<PublishResponse>
    ) {
        work(reply) { [host] in
            guard let transaction = try? Transaction(decoding: request.txHex) else {
                throw APIError(.invalidArgument, "tx_hex is no transaction")
            }
            _ = try host.perform(.books(.publish(transaction)))
            if !request.label.isEmpty {
                _ = try host.perform(.books(.label(transaction.id, request.label)))
            }
            return PublishResponse()
        }
    }

    private func publish(_ request: SpendingRequest) throws -> TxidResponse {
        try requireChain()
        var response = TxidResponse()
        response.txid = try Self.published(host.perform(.spend(request))).id.description
        return response
    }

    /// Throws while the chain is not known: a coin may be spent or gone by now, and what is sent would not go out.
    private func requireChain() throws(APIError) {
        guard let trouble = host.chainHealth.trouble else { return }
        throw APIError(
            .unavailable, "the chain is not known at present (\(trouble)): nothing was sent")
    }

    private static func published(_ reply: NodeReply) throws(NodeFailure) -> Transaction {
        guard case .published(let transaction) = reply else {
            throw .unavailable(reason: "the node gave another answer than was asked for")
        }
        return transaction
    }

    private func script(of address: String) throws(APIError) -> Script {
        do throws(AddressError) {
            return try Address(address, network: host.network).script
        } catch {
            throw APIError(
                .invalidArgument, "`\(address)` is no address of \(host.network.rawValue): \(error)"
            )
        }
    }

    func outputs(_ amounts: [String: Int64]) throws(APIError) -> [TransactionOutput] {
        var outputs: [TransactionOutput] = []
        for (address, amount) in amounts.sorted(by: { $0.key < $1.key }) {
            outputs.append(
                TransactionOutput(amount: Satoshi(amount), scriptPubKey: try script(of: address)))
        }
        return outputs
    }

    /// lnd's reading: 0 stands for 1 unless unconfirmed coins are asked for.
    static func coins(
        _ minimum: Int32, _ unconfirmed: Bool, _ strategy: CoinSelectionStrategy
    ) throws(APIError) -> CoinChoice {
        guard minimum >= 0 else {
            throw APIError(.invalidArgument, "min_confs must not be negative")
        }
        guard minimum == 0 || !unconfirmed else {
            throw APIError(
                .invalidArgument, "min_confs must be 0 where unconfirmed coins may be spent")
        }
        let count = unconfirmed ? 0 : max(1, UInt32(minimum))
        var choice = CoinChoice(minimumConfirmations: count)
        choice.strategy = CoinStrategy(strategy)
        return choice
    }
}

extension CoinStrategy {
    fileprivate init(_ strategy: CoinSelectionStrategy) {
        self =
            switch strategy {
            case .useGlobalConfig: .leastWaste
            case .largest: .largest
            case .random: .random
            }
    }
}
