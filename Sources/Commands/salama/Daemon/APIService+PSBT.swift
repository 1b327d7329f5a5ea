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
            let (outputs, inputs) = try template(of: request)
            let rate: FeeratePerKw
            if let weightRate = request.satPerKw {
                guard let value = UInt32(exactly: weightRate) else {
                    throw APIError(.invalidArgument, "a fee rate of \(weightRate) sat/kw is absurd")
                }
                rate = FeeratePerKw(value)
            } else {
                rate = try fees.rate(
                    satPerVbyte: request.satPerVbyte ?? 0,
                    target: Int32(clamping: request.targetConf ?? 0))
            }
            var spend = SpendRequest(outputs: outputs, feeRate: rate)
            spend.coins = try Self.coins(request.minConfs, request.spendUnconfirmed)
            if !inputs.isEmpty { spend.coins.exactly = inputs }
            let seconds = request.lockExpirationSeconds == 0 ? 600 : request.lockExpirationSeconds
            let lease = try Self.leaseID(request.customLockId)
            let expiry = try Self.expiry(after: seconds)
            guard
                case .funded(let psbt, let plan) = try host.perform(
                    .spend(.fund(spend, leaseID: lease, until: expiry)))
            else { throw UnexpectedReply() }
            var response = FundPsbtResponse()
            response.fundedPsbt = psbt.encoded
            response.changeOutputIndex = plan.change.map { Int32(clamping: $0.index) } ?? -1
            response.lockedUtxos = plan.coins.map {
                UtxoLease($0, CoinLease(id: lease, expiry: expiry))
            }
            return response
        }
    }

    /// What is to be paid and which coins are to be spent.
    private func template(
        of request: FundPsbtRequest
    ) throws -> (outputs: [TransactionOutput], inputs: [OutPoint]) {
        if let raw = request.raw {
            return (try outputs(raw.outputs), try raw.inputs.map { try OutPoint($0) })
        }
        guard let bytes = request.psbt, request.coinSelect == nil else {
            throw APIError(.unimplemented, "a transaction is funded from `raw` or `psbt`")
        }
        let transaction = try Self.decode(bytes).unsignedTransaction()
        return (transaction.outputs, transaction.inputs.map(\.previousOutput))
    }

    func signPSBT(_ request: SignPsbtRequest, _ reply: Reply<SignPsbtResponse>) {
        work(reply) { [host] in
            let before = try Self.decode(request.fundedPsbt)
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
            let unsigned = try Self.decode(request.fundedPsbt)
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

    private static func decode(_ bytes: [UInt8]) throws(APIError) -> PSBT {
        do {
            return try PSBT(decoding: bytes)
        } catch {
            throw APIError(.invalidArgument, "this is no PSBT: \(error)")
        }
    }
}
