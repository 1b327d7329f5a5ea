import Bitcoin
import LightningCommitment
import LightningWire

/// The peer agrees, and the opener's node makes the funding transaction.
struct WaitForFunding: Hashable, Sendable {
    let agreed: AgreedOpening
    let fundingFeerate: FeeratePerKw?

    /// What the funding transaction must have.
    var wanted: FundingWanted {
        FundingWanted(
            script: agreed.fundingScript.scriptPubKey, amount: agreed.amount,
            feerate: fundingFeerate)
    }

    /// Names the funding output to the peer, and signs its first commitment.
    func fund(
        _ outPoint: OutPoint, _ signer: some ChannelSigner
    ) throws(OpeningError) -> (WaitForFundingSigned, FundingCreated) {
        guard let index = UInt16(exactly: outPoint.index) else {
            throw .outputIndexTooLarge(outPoint.index)
        }
        let funding = agreed.funding(outPoint)
        let message = FundingCreated(
            temporaryChannelID: agreed.temporaryID, fundingTransactionID: outPoint.transactionID,
            fundingOutputIndex: index, signature: try agreed.signature(funding, signer))
        return (WaitForFundingSigned(agreed: agreed, funding: funding), message)
    }
}
