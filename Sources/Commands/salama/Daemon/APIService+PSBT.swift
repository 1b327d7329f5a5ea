import Bitcoin
import LightningNode
import LightningWallet
import NodeAPI
import NodeRuntime
import NodeServer

/// Partially signed transactions.
extension APIService {
    func fundPSBT(_ request: FundPsbtRequest, _ reply: Reply<FundPsbtResponse>) {
        work(reply) { [self] in
            let lease = try Self.leaseID(request.customLockId)
            let seconds = request.lockExpirationSeconds == 0 ? 600 : request.lockExpirationSeconds
            let expiry = try Self.expiry(after: seconds)
            let spending = try funding(of: request, lease, expiry)
            guard case .funded(let funded) = try host.perform(.spend(spending)) else {
                throw UnexpectedReply()
            }
            var response = FundPsbtResponse()
            response.fundedPsbt = funded.psbt.encoded
            response.changeOutputIndex = funded.changeIndex.map { Int32(clamping: $0) } ?? -1
            response.lockedUtxos = funded.leased.map {
                UtxoLease($0, CoinLease(id: lease, expiry: expiry))
            }
            return response
        }
    }

    /// What the request's template asks of the wallet.
    private func funding(
        of request: FundPsbtRequest, _ lease: Hash256, _ expiry: UInt64
    ) throws -> SpendingRequest {
        let coins = try Self.coins(
            request.minConfs, request.spendUnconfirmed, request.coinSelectionStrategy)
        switch (request.raw, request.psbt, request.coinSelect) {
        case (let raw?, nil, nil):
            var spend = SpendRequest(
                outputs: try outputs(raw.outputs), feeRate: try feeRate(of: request))
            spend.coins = coins
            if !raw.inputs.isEmpty { spend.coins.exactly = try raw.inputs.map { try OutPoint($0) } }
            return .fund(spend, leaseID: lease, until: expiry)
        case (nil, let bytes?, nil):
            let template = try Self.decodePSBT(bytes)
            let spend = TemplateRequest(
                template: template, feeRate: try feeRate(of: request),
                // As lnd: inputs in the template mean that the caller has chosen the coins.
                funding: template.inputs.isEmpty ? .added : .template, coins: coins)
            return .fundTemplate(spend, leaseID: lease, until: expiry)
        case (nil, nil, let select?):
            guard select.add != (select.existingOutputIndex != nil) else {
                throw APIError(
                    .invalidArgument,
                    "either existing_output_index or add has to say where change goes")
            }
            let place = select.existingOutputIndex.map {
                TemplateRequest.ChangePlace.output(Int($0))
            }
            let spend = TemplateRequest(
                template: try Self.decodePSBT(select.psbt), feeRate: try feeRate(of: request),
                funding: .added, change: place ?? .last, coins: coins)
            return .fundTemplate(spend, leaseID: lease, until: expiry)
        default:
            throw APIError(
                .invalidArgument, "the template is one of `psbt`, `raw` and `coin_select`")
        }
    }

    private func feeRate(of request: FundPsbtRequest) throws(APIError) -> FeeratePerKw {
        guard let weightRate = request.satPerKw else {
            return try fees.rate(
                satPerVbyte: request.satPerVbyte ?? 0,
                target: Int32(clamping: request.targetConf ?? 0))
        }
        guard request.satPerVbyte == nil, request.targetConf == nil else {
            throw APIError(
                .invalidArgument, "one of target_conf, sat_per_vbyte and sat_per_kw may be set")
        }
        guard let value = UInt32(exactly: weightRate) else {
            throw APIError(.invalidArgument, "a fee rate of \(weightRate) sat/kw is absurd")
        }
        return FeeratePerKw(value)
    }

    func signPSBT(_ request: SignPsbtRequest, _ reply: Reply<SignPsbtResponse>) {
        work(reply) { [host] in
            let before = try Self.decodePSBT(request.fundedPsbt)
            guard case .signed(let after, _) = try host.perform(.spend(.sign(before))) else {
                throw UnexpectedReply()
            }
            var response = SignPsbtResponse()
            response.signedPsbt = after.encoded
            response.signedInputs = after.inputs.indices.filter { index in
                let (old, new) = (before.inputs[index], after.inputs[index])
                return new.partialSignatures != old.partialSignatures
                    || new.taprootKeySignature != old.taprootKeySignature
            }.map { UInt32($0) }
            return response
        }
    }

    func finalizePSBT(_ request: FinalizePsbtRequest, _ reply: Reply<FinalizePsbtResponse>) {
        work(reply) { [host] in
            let unsigned = try Self.decodePSBT(request.fundedPsbt)
            guard case .signed(let signed, _) = try host.perform(.spend(.sign(unsigned))) else {
                throw UnexpectedReply()
            }
            var final = signed
            do {
                try final.finalize()
                var response = FinalizePsbtResponse()
                response.signedPsbt = final.encoded
                response.rawFinalTx = try final.extractTransaction().encoded
                return response
            } catch {
                throw APIError(.failedPrecondition, "the PSBT cannot be finalised: \(error)")
            }
        }
    }

    static func decodePSBT(_ bytes: [UInt8]) throws(APIError) -> PSBT {
        do {
            return try PSBT(decoding: bytes)
        } catch {
            throw APIError(.invalidArgument, "this is no PSBT: \(error)")
        }
    }
}
