import Bitcoin
import LightningWire

/// Asks for the signatures that `commitment_signed` carries.
///
/// `commitment` is the other side's: its owner is the counterparty. With the counterparty's basepoints a signer derives
/// ``CommitmentTransaction/keys`` itself, and builds the whole from its parameters, number and state.
public struct CounterpartyCommitmentRequest: Hashable, Sendable {
    public var counterparty: ChannelBasepoints
    public var commitment: CommitmentTransaction

    /// A request for the signatures of `commitment`, whose owner has the basepoints `counterparty`.
    public init(counterparty: ChannelBasepoints, commitment: CommitmentTransaction) {
        self.counterparty = counterparty
        self.commitment = commitment
    }
}

/// The signatures of `commitment_signed` (BOLT 2).
public struct CommitmentSignatures: Hashable, Sendable {
    public var commitment: ECDSASignature
    /// One for each HTLC transaction, in the order of the commitment's outputs.
    public var htlcs: [ECDSASignature]

    /// The signatures of one commitment.
    public init(commitment: ECDSASignature, htlcs: [ECDSASignature]) {
        self.commitment = commitment
        self.htlcs = htlcs
    }

    /// Throws unless these are the counterparty's signatures for `transaction` and its HTLC transactions.
    public func verify(
        _ transaction: CommitmentTransaction, _ work: some ParallelWork = SerialWork()
    ) throws(RequestFault) {
        let expected = transaction.outputs.count { $0.purpose.isHTLC }
        guard expected == htlcs.count else {
            throw .wrongSignatureCount(expected: expected, actual: htlcs.count)
        }
        guard transaction.isSigned(byCounterparty: commitment) else {
            throw .invalidCounterpartySignature
        }
        let signatures = htlcs
        let valid = transaction.mapHTLCTransactions(work) { index, htlc in
            htlc.isSigned(byCounterparty: signatures[index])
        }
        guard valid.allSatisfy(\.self) else { throw .invalidCounterpartySignature }
    }
}

/// This side's own commitment with what the other side signed of it.
public struct ReceivedCommitment: Hashable, Sendable {
    public var counterparty: ChannelBasepoints
    public var commitment: CommitmentTransaction
    public var signatures: CommitmentSignatures

    /// This side's `commitment`, which the side with the basepoints `counterparty` has signed.
    public init(
        counterparty: ChannelBasepoints, commitment: CommitmentTransaction,
        signatures: CommitmentSignatures
    ) {
        self.counterparty = counterparty
        self.commitment = commitment
        self.signatures = signatures
    }
}

/// Asks for this side's signature of its own commitment.
public struct OwnCommitmentRequest: Hashable, Sendable {
    public var counterparty: ChannelBasepoints
    /// Its owner is this side.
    public var commitment: CommitmentTransaction

    /// A request for the owner's signature of `commitment`.
    public init(counterparty: ChannelBasepoints, commitment: CommitmentTransaction) {
        self.counterparty = counterparty
        self.commitment = commitment
    }
}

/// Asks for this side's signatures of HTLC transactions of its own commitment.
///
/// With anchors, `transaction` may have further inputs and outputs for the fee, and may resolve several HTLCs: the input and
/// the output of each stand at the same position (BOLT 3).
public struct HTLCTransactionRequest: Hashable, Sendable {
    /// One HTLC that the transaction resolves.
    public struct Resolution: Hashable, Sendable {
        /// The position of the input, and of the output with it.
        public var input: Int
        /// The position of the HTLC's output in the commitment.
        public var output: Int

        /// Input `input` spends output `output` of the commitment.
        public init(input: Int, output: Int) {
            self.input = input
            self.output = output
        }
    }

    public var counterparty: ChannelBasepoints
    /// Its owner is this side.
    public var commitment: CommitmentTransaction
    public var transaction: Transaction
    public var resolutions: [Resolution]

    /// A request for one signature for each of `resolutions`.
    public init(
        counterparty: ChannelBasepoints, commitment: CommitmentTransaction,
        transaction: Transaction, resolutions: [Resolution]
    ) {
        self.counterparty = counterparty
        self.commitment = commitment
        self.transaction = transaction
        self.resolutions = resolutions
    }
}

/// Asks for the signatures of inputs that are this side's alone: sweeps, claims, penalties, anchors.
public struct ClaimRequest: Hashable, Sendable {
    /// One input to sign.
    public struct Input: Hashable, Sendable {
        /// The position of the input.
        public var index: Int
        public var claim: ClaimableOutput

        /// Input `index` takes `claim`.
        public init(index: Int, claim: ClaimableOutput) {
            self.index = index
            self.claim = claim
        }
    }

    /// The transaction, which may have other inputs besides.
    public var transaction: Transaction
    public var inputs: [Input]

    /// A request for the signatures of `inputs`.
    public init(transaction: Transaction, inputs: [Input]) {
        self.transaction = transaction
        self.inputs = inputs
    }

    /// A request for all inputs of a claim.
    public init(_ claim: ClaimTransaction) {
        transaction = claim.transaction
        inputs = claim.claims.enumerated().map { Input(index: $0, claim: $1) }
    }
}

/// Asks for this side's signature of a closing transaction, which knows the balances and scripts that it was made of.
public struct ClosingRequest: Hashable, Sendable {
    public var counterparty: ChannelBasepoints
    public var closing: ClosingTransaction

    /// A request for a signature of `closing`.
    public init(counterparty: ChannelBasepoints, closing: ClosingTransaction) {
        self.counterparty = counterparty
        self.closing = closing
    }
}

/// Asks for the signature by which the funding key vouches for the node in `channel_announcement`.
public struct AnnouncementRequest: Hashable, Sendable {
    /// The announcement; its signatures do not matter.
    public var announcement: ChannelAnnouncement
    /// The funding transaction whose output is announced, as ``ChannelFunding/number``.
    public var funding: UInt32

    /// A request for the `bitcoin_signature` of `announcement`.
    public init(announcement: ChannelAnnouncement, funding: UInt32) {
        self.announcement = announcement
        self.funding = funding
    }
}
