import Bitcoin
import LightningWire

/// What signs for one channel: the seam behind which its private keys are, in this process or elsewhere.
///
/// A request carries all that a signer needs to build the transaction itself and to judge it; none asks for a signature of
/// a bare hash, and no private key crosses the seam. Only ``perCommitmentSecret(_:)`` gives a secret away, that of a
/// commitment which is revoked. Nonces are deterministic: asked twice, a signer answers the same.
///
/// Calls may block and may be made from any thread.
public protocol ChannelSigner: Sendable {
    /// The channel's public keys for the funding transaction numbered `funding`, as ``ChannelFunding/number``.
    func basepoints(funding: UInt32) throws(SignerError) -> ChannelBasepoints

    /// The point of this side's commitment `number`.
    func perCommitmentPoint(_ number: UInt64) throws(SignerError) -> PublicKey

    /// The secret of this side's commitment `number`, which gives the other side all of that commitment's money.
    ///
    /// Asked for only after the next commitment is signed by the other side and durable; a signer may insist on having
    /// seen that one with ``validate(_:)``.
    func perCommitmentSecret(_ number: UInt64) throws(SignerError) -> PerCommitmentSecret

    /// Tells that the other side has signed this side's next commitment, before the one before it is revoked.
    ///
    /// Throws where a signature does not hold, so that the caller need not verify any.
    func validate(_ commitment: ReceivedCommitment) throws(SignerError)

    /// Signs the other side's commitment and its HTLC transactions, in the order of `commitment_signed` (BOLT 2).
    func sign(_ request: CounterpartyCommitmentRequest) throws(SignerError) -> CommitmentSignatures

    /// Signs this side's own commitment, to close the channel without the other side.
    func sign(_ request: OwnCommitmentRequest) throws(SignerError) -> ECDSASignature

    /// Signs this side's half of HTLC transactions of its own commitment: one for each input named.
    func sign(_ request: HTLCTransactionRequest) throws(SignerError) -> [ECDSASignature]

    /// Signs inputs that take outputs which are this side's alone, one for each that needs a signature.
    ///
    /// Each signature has a small r, so that ``ClaimableOutput/maximumWitnessWeight`` holds.
    func sign(_ request: ClaimRequest) throws(SignerError) -> [ECDSASignature]

    /// Signs a closing transaction.
    func sign(_ request: ClosingRequest) throws(SignerError) -> ECDSASignature

    /// Signs `channel_announcement` with the funding key (BOLT 7).
    func sign(_ request: AnnouncementRequest) throws(SignerError) -> ECDSASignature
}

/// Why there is no signature.
public enum SignerError: Error, Equatable, Sendable {
    /// The signer does not answer; asking again later may help.
    case unavailable(reason: String)
    /// The signer refuses, and will refuse the same request again.
    case refused(reason: String)
    /// The request is for another channel: the key in it is not the one that the signer has in that place.
    case foreignKey(expected: PublicKey, actual: PublicKey)
    /// The request does not fit its own parts.
    case inconsistent(RequestFault)
    /// A commitment's number is above 2^48 - 1.
    case commitmentNumberTooHigh(UInt64)
    /// A key has no result, which has a chance of about 2^-127 unless a point was made for it.
    case unusableKey(KeyError)
    /// A path has no key, which has a chance of about 2^-127.
    case derivation(DerivationError)
}

/// What is wrong with a request.
public enum RequestFault: Error, Equatable, Sendable {
    /// There is no HTLC at this output of the commitment.
    case notAnHTLC(output: Int)
    /// The transaction has no input at this position, or it spends something else.
    case wrongInput(Int)
    /// The transaction's output at this position is not the one that the HTLC's script demands.
    case wrongOutput(Int)
    /// The transaction's version or lock time is not the one that the other side's signature covers.
    case wrongLockTime(expected: LockTime, LockTime)
    /// The other side's signature of the commitment or of an HTLC transaction does not hold.
    case invalidCounterpartySignature
    /// There are not as many signatures as HTLC transactions, or as claims that need one.
    case wrongSignatureCount(expected: Int, actual: Int)
}
