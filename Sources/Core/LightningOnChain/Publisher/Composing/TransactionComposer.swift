import Bitcoin
import LightningCommitment
import LightningWire

/// Makes and signs the transactions of publications.
struct TransactionComposer<Wallet: FeeWallet> {
    let wallet: Wallet
    let signers: (ChannelKeyNumber) -> (any ChannelSigner)?
    let tip: BlockHeight
    let bounds: FeeBounds
    /// Where change and what is claimed goes.
    let destination: Script

    private static var relayPolicy: RelayPolicy { RelayPolicy() }
    private var dust: Satoshi { Self.relayPolicy.dustThreshold(for: destination) }

    /// Takes `outputs`, each of a channel, in one transaction whose fee they pay themselves.
    func sweep(
        _ outputs: [(channel: ChannelKeyNumber, output: ClaimableOutput)]
    ) throws(CompositionFailure) -> Composition {
        let taken = outputs.map(\.output)
        let weight = ClaimTransaction.weight(of: taken, destination: destination)
        let fee = try bounds.fee(for: weight)
        let claim: ClaimTransaction
        do throws(ClaimError) {
            claim = try ClaimTransaction(
                taken, to: destination, fee: fee, height: tip, dustLimit: dust)
        } catch {
            switch error {
            case .notWorthTheFee(let total, let fee, let dustLimit):
                throw .unaffordable(fee: fee, limit: total - dustLimit)
            }
        }
        var signatures: [Int: ECDSASignature] = [:]
        let byChannel = Dictionary(grouping: outputs.indices, by: { outputs[$0].channel })
        for (channel, members) in byChannel.sorted(by: { $0.key < $1.key }) {
            let request = ClaimRequest(
                transaction: claim.transaction,
                inputs: members.map { .init(index: $0, claim: taken[$0]) })
            let answers = try ask(channel) { signer throws(SignerError) in
                try signer.sign(request)
            }
            for (index, signature) in zip(members.filter { taken[$0].key != nil }, answers) {
                signatures[index] = signature
            }
        }
        do throws(RequestFault) {
            let signed = try claim.signed(signatures.sorted { $0.key < $1.key }.map(\.value))
            return Composition(transaction: signed, fee: fee)
        } catch {
            throw .unsigned(SignerFault(.inconsistent(error)))
        }
    }

    /// Raises the fee of a commitment by a child that spends `anchor`.
    func child(
        _ anchor: ClaimableOutput, channel: ChannelKeyNumber
    ) throws(CompositionFailure) -> Composition {
        var skeleton = Transaction(
            version: 2, inputs: [TransactionInput(previousOutput: anchor.outPoint)],
            outputs: [], lockTime: LockTime(tip.value))
        skeleton.inputs[0].sequence = anchor.sequence
        let funded = try fund(
            skeleton, witnesses: anchor.maximumWitnessWeight, spending: [anchor.output])
        var signed = try sign(funded)
        let request = ClaimRequest(
            transaction: funded.transaction, inputs: [.init(index: 0, claim: anchor)])
        let signatures = try ask(channel) { signer throws(SignerError) in
            try signer.sign(request)
        }
        guard signatures.count == (anchor.key == nil ? 0 : 1) else {
            throw .unsigned(SignerFault(nil))
        }
        signed.inputs[0].witness = anchor.witness(signatures.first)
        return Composition(transaction: signed, fee: funded.fee)
    }

    /// Resolves HTLCs of one commitment of this side's with one lock time, whose fee coins pay.
    ///
    /// The input and the output of each stand at the same position, as the other side's signature demands (BOLT 3).
    func resolve(
        _ claims: [HTLCClaim], channel: ChannelKeyNumber
    ) throws(CompositionFailure) -> Composition {
        guard let first = claims.first else { throw .unsigned(SignerFault(nil)) }
        let skeleton = Transaction(
            version: 2, inputs: claims.map { $0.transaction.transaction.inputs[0] },
            outputs: claims.map { $0.transaction.transaction.outputs[0] },
            lockTime: first.transaction.transaction.lockTime)
        let funded = try fund(
            skeleton, witnesses: claims.reduce(.zero) { $0 + $1.witnessWeight },
            spending: claims.map(\.transaction.spentOutput))
        var signed = try sign(funded)
        let request = HTLCTransactionRequest(
            counterparty: first.counterparty, commitment: first.commitment,
            transaction: funded.transaction,
            resolutions: claims.enumerated().map { .init(input: $0, output: $1.output) })
        let signatures = try ask(channel) { signer throws(SignerError) in
            try signer.sign(request)
        }
        guard signatures.count == claims.count else { throw .unsigned(SignerFault(nil)) }
        for (index, claim) in claims.enumerated() {
            signed.inputs[index].witness = claim.transaction.witness(
                owner: signatures[index], counterparty: claim.counterpartySignature,
                preimage: claim.preimage)
        }
        return Composition(transaction: signed, fee: funded.fee)
    }

    /// Signs the transaction of an HTLC whose fee the commitment fixed.
    func resolve(fixed claim: HTLCClaim, channel: ChannelKeyNumber) throws(CompositionFailure)
        -> Composition
    {
        let transaction = claim.transaction.transaction
        let request = HTLCTransactionRequest(
            counterparty: claim.counterparty, commitment: claim.commitment,
            transaction: transaction, resolutions: [.init(input: 0, output: claim.output)])
        let signatures = try ask(channel) { signer throws(SignerError) in
            try signer.sign(request)
        }
        guard let own = signatures.first else { throw .unsigned(SignerFault(nil)) }
        let signed = claim.transaction.signed(
            owner: own, counterparty: claim.counterpartySignature, preimage: claim.preimage)
        let fee = claim.transaction.spentOutput.amount - transaction.outputs[0].amount
        return Composition(transaction: signed, fee: fee)
    }
}

// MARK: - Coins

extension TransactionComposer {
    /// A transaction with coins and change, without signatures.
    private struct Funded {
        var transaction: Transaction
        var coins: [Int: FeeCoin]
        var spent: [TransactionOutput]
        var fee: Satoshi
    }

    /// Adds coins and change behind the inputs and outputs of `skeleton`, whose inputs spend `spent`.
    private func fund(
        _ skeleton: Transaction, witnesses: Weight, spending spent: [TransactionOutput]
    ) throws(CompositionFailure) -> Funded {
        var transaction = skeleton
        transaction.outputs.append(
            TransactionOutput(amount: .zero, scriptPubKey: destination))
        let brought = spent.reduce(Satoshi.zero) { $0 + $1.amount }
        let paid = skeleton.outputs.reduce(Satoshi.zero) { $0 + $1.amount }
        let claimed = Set(skeleton.inputs.map(\.previousOutput))
        // Two for segwit's marker and flag, and the counts of more than 252 inputs and outputs.
        let frame = transaction.weight + witnesses + Weight(2 + 16)
        let (coins, fee) = try FeeCoinChoice(
            coins: wallet.feeCoins(beside: claimed), frame: frame, surplus: brought - paid,
            dust: dust, bounds: bounds
        ).choose()
        var funded = Funded(transaction: transaction, coins: [:], spent: spent, fee: fee)
        for coin in coins {
            funded.coins[funded.transaction.inputs.count] = coin
            funded.transaction.inputs.append(
                TransactionInput(previousOutput: coin.outPoint, sequence: .replaceable))
            funded.spent.append(coin.output)
        }
        let total = funded.spent.reduce(Satoshi.zero) { $0 + $1.amount }
        funded.transaction.outputs[skeleton.outputs.count].amount = total - paid - fee
        return funded
    }

    private func sign(_ funded: Funded) throws(CompositionFailure) -> Transaction {
        guard
            let signed = wallet.sign(
                funded.transaction, coins: funded.coins, spent: funded.spent)
        else { throw .unsigned(SignerFault(nil)) }
        return signed
    }

    private func ask<Answer>(
        _ channel: ChannelKeyNumber,
        _ body: (any ChannelSigner) throws(SignerError) -> Answer
    ) throws(CompositionFailure) -> Answer {
        guard let signer = signers(channel) else { throw .unsigned(SignerFault(nil)) }
        do throws(SignerError) {
            return try body(signer)
        } catch {
            throw .unsigned(SignerFault(error))
        }
    }
}

/// A signed transaction and its fee.
struct Composition {
    let transaction: Transaction
    let fee: Satoshi
    /// The rate of the transaction, with its parent where it has one that waits.
    var rate = FeeratePerKw(0)
}

/// Who did not sign: a channel's signer with its reason, or without one the wallet, or nobody for want of a signer.
struct SignerFault {
    let error: SignerError?

    init(_ error: SignerError?) { self.error = error }
}

extension HTLCClaim {
    /// What the witness of the HTLC's input weighs at most.
    fileprivate var witnessWeight: Weight {
        // BOLT 3, appendix A: all else of an HTLC transaction has 94 bytes, and two for segwit's marker and flag.
        transaction.expectedWeight - Weight(94 * 4 + 2)
    }
}
