import Bitcoin
import LightningCommitment
import LightningWire

/// The opener has sent `funding_created`, and has not published anything.
struct WaitForFundingSigned: Hashable, Sendable {
    let agreed: AgreedOpening
    let funding: ChannelFunding

    /// Takes the peer's signature, after which the funding transaction may be published.
    ///
    /// BOLT 2: "MUST NOT broadcast the funding transaction before receipt of a valid `funding_signed`."
    func receive(
        _ message: FundingSigned, _ context: ChannelContext, _ peer: PublicKey,
        _ signer: some ChannelSigner
    ) throws(OpeningError) -> EstablishedChannel {
        let channelID = ChannelID(funding: funding.outPoint)
        guard message.channelID == channelID else {
            throw .wrongChannelID(expected: channelID, actual: message.channelID)
        }
        return EstablishedChannel(
            agreed,
            try agreed.commitments(funding, signed: message.signature, signer), peer, context)
    }
}
