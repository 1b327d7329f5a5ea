import Bitcoin
import LightningNode
import NodeAPI
import NodeRuntime
import NodeServer

/// Channels that others' coins fund, step by step.
///
///     client                         node
///       ---- open, with a shim ----->       the peer is asked
///       <--- psbt_fund --------------       the output that is needed
///       ---- psbt_verify ----------->       the peer signs for the transaction
///       ---- psbt_finalize --------->       it is published
///       <--- chan_pending -----------
///       <--- chan_open --------------
extension APIService {
    /// Asks the peer for a channel that others fund.
    func openFromOutside(
        _ form: OpeningForm, _ shim: FundingShim, _ client: Subscriber<OpenStatusUpdate>
    ) throws {
        try requireReadiness()
        guard let shim = shim.psbtShim else {
            throw APIError(.unimplemented, "of the funding shims only psbt_shim is known here")
        }
        guard shim.pendingChanId.count == 32 else {
            throw APIError(.invalidArgument, "pending chan ID not set: it has 32 bytes")
        }
        guard outside.hasRoom(for: shim.pendingChanId) else {
            throw APIError(.alreadyExists, "pending channel ID already in use")
        }
        let base = try shim.basePsbt.isEmpty ? nil : Self.decodePSBT(shim.basePsbt)
        let follower = OpeningFollower(host, client, pendingID: shim.pendingChanId)
        let peer = form.opening.peer
        host.submit(.channel(.openFromOutside([form.opening]))) { [self] result in
            switch result {
            case .success(.fundingWanted(let id, let outputs)):
                outside[shim.pendingChanId] = OutsideFundings.Entry(
                    funding: id, output: outputs[0], peer: peer,
                    isPublishedElsewhere: shim.noPublish, follower: follower)
                var update = OpenStatusUpdate()
                update.psbtFund = ReadyForPsbtFunding(outputs[0], base, host.network)
                follower.send(update)
            case .success: client.finish(APIError(.internal, "another answer was given"))
            case .failure(let failure): client.finish(APIError(opening: failure, with: peer))
            }
        }
    }

    func fundingStep(_ request: FundingTransitionMsg, _ reply: Reply<Empty>) {
        if let verify = request.psbtVerify {
            work(reply) { [self] in try self.verify(verify) }
        } else if let finalize = request.psbtFinalize {
            work(reply) { [self] in try self.finalize(finalize) }
        } else if let cancel = request.shimCancel {
            work(reply) { [self] in
                let entry = try outsideFunding(cancel.pendingChanId)
                _ = try host.perform(.channel(.cancelFunding(entry.funding)))
                outside[cancel.pendingChanId] = nil
                entry.follower.client.finish(APIError(.canceled, "the funding was given up"))
                return Empty()
            }
        } else if request.shimRegister != nil {
            reply.fail(
                .unimplemented, "only channels that this node opens can be funded from outside")
        } else {
            reply.fail(.invalidArgument, "the step is none of those that are known")
        }
    }

    private func verify(_ request: FundingPsbtVerify) throws -> Empty {
        var entry = try outsideFunding(request.pendingChanId)
        let psbt = try Self.decodePSBT(request.fundedPsbt)
        _ = try host.perform(.channel(.verifyFunding(entry.funding, psbt)))
        let transaction: Transaction
        do {
            transaction = try psbt.unsignedTransaction()
        } catch {
            throw APIError(.invalidArgument, "this is no PSBT: \(error)")
        }
        entry.transaction = transaction.id
        outside[request.pendingChanId] = entry
        // Whoever publishes needs no further step of this channel.
        if request.skipFinalize { follow(entry, in: transaction, request.pendingChanId) }
        return Empty()
    }

    private func finalize(_ request: FundingPsbtFinalize) throws -> Empty {
        let entry = try outsideFunding(request.pendingChanId)
        let transaction = try Self.finalTransaction(request)
        if entry.isPublishedElsewhere {
            guard let known = entry.transaction else {
                throw APIError(.failedPrecondition, "the PSBT has to be verified first")
            }
            guard known == transaction.id else {
                throw NodeFailure.channel(.wrongFunding(expected: known, actual: transaction.id))
            }
        } else {
            _ = try host.perform(.channel(.finalizeFunding(entry.funding, transaction)))
        }
        follow(entry, in: transaction, request.pendingChanId)
        return Empty()
    }

    private func follow(
        _ entry: OutsideFundings.Entry, in transaction: Transaction, _ id: [UInt8]
    ) {
        outside[id] = nil
        guard let index = transaction.outputs.firstIndex(of: entry.output) else { return }
        entry.follower.follow(OutPoint(transaction.id, UInt32(index)))
    }

    private func outsideFunding(_ id: [UInt8]) throws(APIError) -> OutsideFundings.Entry {
        guard let entry = outside[id] else {
            throw APIError(.notFound, "no pending funding is known by that pending channel id")
        }
        return entry
    }

    private static func finalTransaction(
        _ request: FundingPsbtFinalize
    ) throws(APIError) -> Transaction {
        guard request.signedPsbt.isEmpty || request.finalRawTx.isEmpty else {
            throw APIError(
                .invalidArgument, "cannot set both signed PSBT and final raw TX at the same time")
        }
        if !request.finalRawTx.isEmpty {
            guard let transaction = try? Transaction(decoding: request.finalRawTx) else {
                throw APIError(.invalidArgument, "error parsing final raw TX")
            }
            return transaction
        }
        guard !request.signedPsbt.isEmpty else {
            throw APIError(.invalidArgument, "PSBT or raw transaction to finalize missing")
        }
        var psbt = try decodePSBT(request.signedPsbt)
        do throws(PSBTError) {
            try psbt.finalize()
            return try psbt.extractTransaction()
        } catch {
            throw APIError(.invalidArgument, "the PSBT cannot be finalised: \(error)")
        }
    }
}

extension ReadyForPsbtFunding {
    /// Asks for `output`, in a transaction of its own or, where there is one, after what `base` has already.
    init(_ output: TransactionOutput, _ base: PSBT?, _ network: Network) {
        self.init()
        fundingAddress = Address(script: output.scriptPubKey, network: network)?.description ?? ""
        fundingAmount = output.amount.value
        var transaction =
            (try? base?.unsignedTransaction())
            ?? Transaction(version: 2, inputs: [], outputs: [], lockTime: LockTime(0))
        transaction.outputs.append(output)
        var template = PSBT(transaction)
        // What signers need to know of the inputs and of their own outputs is in the base.
        if let base {
            template.inputs = base.inputs
            template.outputs.replaceSubrange(base.outputs.indices, with: base.outputs)
        }
        psbt = template.encoded
    }
}
