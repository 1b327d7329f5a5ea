import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningWire
import TestSupport
import Testing

/// What every node has to refuse of a commitment that has just been confirmed: wrong keys, wrong preimages, and locks that
/// a transaction only pretends to keep.
struct ChannelRefusals {
    let published: PublishedCommitment
    let chain: WalkChain

    private var commitment: CommitmentTransaction { published.commitment }
    private typealias Way = PublishedCommitment.Way

    func run() throws {
        let tip = try chain.height
        try locks(tip)
        try keys(tip)
        try preimages(tip)
    }

    /// Signs a claim after `change`, so that only what was changed is wrong.
    private func refuse(
        _ claim: ClaimableOutput?, by signer: InProcessSigner, _ tip: BlockHeight,
        _ refusal: Refusal,
        _ change: (inout Transaction) -> Void = { _ in }
    ) throws {
        let claim = try published.claim([claim], at: tip)
        var transaction = claim.transaction
        change(&transaction)
        var request = ClaimRequest(claim)
        request.transaction = transaction
        transaction.inputs[0].witness = claim.claims[0].witness(try signer.sign(request).first)
        try chain.refuse(transaction, refusal)
    }

    /// Transactions whose own locks are open while the script's are not.
    private func locks(_ tip: BlockHeight) throws {
        let young = InputSequence.relative(blocks: 1)
        let toLocal = commitment.ownerClaim(try published.output(.toLocal))
        try refuse(toLocal, by: published.ownerSigner, tip, .lockTime) {
            $0.inputs[0].sequence = young
        }
        let timeout = commitment.counterpartyClaim(
            try published.output(htlc: Way.counterpartyTimeout))
        try refuse(timeout, by: published.counterpartySigner, tip, .lockTime) {
            $0.lockTime = LockTime(tip.value)
        }
        guard published.channel.format == .anchors else { return }
        let toRemote = commitment.counterpartyClaim(try published.output(.toRemote))
        try refuse(toRemote, by: published.counterpartySigner, tip, .lockTime) {
            $0.inputs[0].sequence = .replaceable
        }
        let anchor = try #require(
            commitment.abandonedAnchor(try published.output(.remoteAnchor)))
        var transaction = Transaction(
            inputs: [TransactionInput(previousOutput: anchor.outPoint, sequence: young)],
            outputs: [])
        try chain.addFee(1_000, to: &transaction)
        transaction.inputs[0].witness = anchor.witness(nil)
        try chain.refuse(transaction, .lockTime)
    }

    /// Signatures of the other side, and penalties without the commitment's own secret.
    private func keys(_ tip: BlockHeight) throws {
        let wrong = published.ownerSigner
        let (preimage, timeout) = (Way.counterpartyPreimage, Way.counterpartyTimeout)
        let toRemote = commitment.counterpartyClaim(try published.output(.toRemote))
        try refuse(toRemote, by: wrong, tip, .signature)
        let claim = commitment.counterpartyClaim(
            try published.output(htlc: preimage), preimage: TestChannel.preimage(preimage))
        try refuse(claim, by: wrong, tip, .signature)
        let another = try published.ownerSigner.perCommitmentSecret(commitment.number + 1)
        let outputs = try [
            published.output(.toLocal), published.output(htlc: preimage),
            published.output(htlc: timeout),
        ]
        for output in outputs {
            try refuse(
                commitment.penalty(output, secret: another), by: published.counterpartySigner,
                tip, .signature)
        }
    }

    /// Preimages of other hashes, from either side.
    private func preimages(_ tip: BlockHeight) throws {
        let output = try published.output(htlc: Way.counterpartyPreimage)
        let claim = try #require(
            commitment.counterpartyClaim(
                output, preimage: TestChannel.preimage(Way.counterpartyPreimage)))
        let wrong = ClaimableOutput(
            outPoint: claim.outPoint, output: claim.output,
            path: .preimage(
                script: claim.scriptCode, TestChannel.preimage(99), published.channel.format),
            key: claim.key)
        try refuse(wrong, by: published.counterpartySigner, tip, .hash)
        var success = try #require(
            published.resolve([Way.ownerSuccess[0]], preimage: true) {
                try chain.addFee(3_000, to: &$0)
            }.first?.transaction)
        success.inputs[0].witness[3] = TestChannel.preimage(99).hash.bytes
        try chain.refuse(success, .hash)
    }
}
