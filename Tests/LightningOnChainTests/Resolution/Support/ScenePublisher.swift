import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningOnChain
import LightningWire
import RegtestChain
import Testing

/// Publishes what a side claims, at the first height that allows it. What is published has to be accepted.
extension ChainScene {
    private static var feerate: FeeratePerKw { FeeratePerKw(300) }

    mutating func publishClaims(of side: TestChannel.Side) throws {
        let next = chain.tip.height + 1
        let ready = self[side].claims.values.filter {
            $0.earliest <= next && !self[side].holdsBack($0, next)
                && chain.unspentOutput($0.outPoint, includingMempool: true) != nil
        }.sorted { $0.id < $1.id }
        var outputs: [ClaimableOutput] = []
        var htlcs: [HTLCClaim] = []
        for claim in ready {
            switch claim.kind {
            case .output(let output): outputs.append(output)
            case .htlc(let htlc): htlcs.append(htlc)
            case .commitment(let commitment): try submit(commitment.transaction)
            }
        }
        let isTogether = self[side].isTogether
        for group in isTogether ? [outputs] : outputs.map({ [$0] }) where !group.isEmpty {
            try sweep(group, side)
        }
        let canJoin = isTogether && terms.format == .anchors
        let groups =
            canJoin
            ? Dictionary(grouping: htlcs) { $0.transaction.transaction.lockTime.value }
                .sorted { $0.key < $1.key }.map(\.value) : htlcs.map { [$0] }
        for group in groups { try resolve(group, side) }
    }

    private mutating func sweep(_ outputs: [ClaimableOutput], _ side: TestChannel.Side) throws {
        guard
            let claim = try? ClaimTransaction(
                outputs, to: self[side].script, feerate: Self.feerate, height: chain.tip.height,
                dustLimit: Satoshi(330))
        else { return }
        let transaction = try claim.signed(by: self[side].signer)
        let id = transaction.id
        self[side].fees[id] = claim.fee
        self[side].anchors[id] = outputs.reduce(.zero) {
            $1.isAnchor ? $0 + $1.output.amount : $0
        }
        try submit(transaction)
    }

    private mutating func resolve(_ htlcs: [HTLCClaim], _ side: TestChannel.Side) throws {
        let first = try #require(htlcs.first)
        var transaction = first.transaction.transaction
        transaction.inputs = htlcs.map { $0.transaction.transaction.inputs[0] }
        transaction.outputs = htlcs.map { $0.transaction.transaction.outputs[0] }
        var fee = htlcs.reduce(Satoshi.zero) { sum, htlc in
            sum + htlc.transaction.spentOutput.amount
                - htlc.transaction.transaction.outputs[0].amount
        }
        if terms.format == .anchors {
            let coin = self[side].feeCoins.removeLast()
            transaction.inputs.append(
                TransactionInput(
                    previousOutput: coin, sequence: .replaceable, witness: self[side].witness))
            fee = Satoshi(1_000 * Int64(htlcs.count))
            transaction.outputs.append(
                TransactionOutput(
                    amount: Satoshi(50_000) - fee, scriptPubKey: self[side].script))
        }
        let signatures = try self[side].signer.sign(
            HTLCTransactionRequest(
                counterparty: first.counterparty, commitment: first.commitment,
                transaction: transaction,
                resolutions: htlcs.enumerated().map {
                    HTLCTransactionRequest.Resolution(input: $0, output: $1.output)
                }))
        for (index, htlc) in htlcs.enumerated() {
            transaction.inputs[index].witness = htlc.transaction.witness(
                owner: signatures[index], counterparty: htlc.counterpartySignature,
                preimage: htlc.preimage)
        }
        self[side].fees[transaction.id] = fee
        try submit(transaction)
    }
}

extension ClaimableOutput {
    fileprivate var isAnchor: Bool {
        switch path {
        case .anchor, .abandonedAnchor: true
        case .delayed, .toRemote, .preimage, .timeout, .revokedDelayed, .revokedHTLC: false
        }
    }
}
