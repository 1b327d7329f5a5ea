import Bitcoin
import LightningCommitment
import LightningWire

/// A channel with both of its sides, whose keys derive from the seed of each.
public struct TestChannel: Sendable {
    /// A side of the channel.
    public enum Side: CaseIterable, Sendable {
        case opener
        case accepter

        public var other: Side { self == .opener ? .accepter : .opener }
    }

    public let format: CommitmentFormat
    public let opener: InProcessSigner
    public let accepter: InProcessSigner
    public var funding: ChannelFunding
    public let obscurer: CommitmentNumberObscurer

    /// The keys of all channels of a side; a side has one seed for all.
    public static func keyring(_ side: Side) throws -> ChannelKeyring {
        let seed = SecretBytes([UInt8](repeating: side == .opener ? 0x0a : 0xac, count: 32))
        let master = try ExtendedPrivateKey(seed: seed)
        return ChannelKeyring(family: try master.derive(DerivationPath("m/9735'/1'/1'")))
    }

    /// The channel with the keys `number`, before its funding transaction is known.
    public init(
        _ format: CommitmentFormat, number: UInt32 = 0, funding fundingNumber: UInt32 = 0,
        capacity: Satoshi = Satoshi(1_000_000)
    ) throws {
        guard let number = ChannelKeyNumber(number) else { throw TestChannelError.number }
        self.format = format
        opener = try Self.keyring(.opener).signer(number)
        accepter = try Self.keyring(.accepter).signer(number)
        let (one, other) = (
            try opener.basepoints(funding: fundingNumber),
            try accepter.basepoints(funding: fundingNumber)
        )
        funding = ChannelFunding(
            outPoint: OutPoint(TransactionID(.zero), 0), amount: capacity,
            script: FundingScript(one.funding, other.funding), number: fundingNumber)
        obscurer = CommitmentNumberObscurer(
            openerPaymentBasepoint: one.payment, accepterPaymentBasepoint: other.payment)
    }

    /// The channel with its funding output at `outPoint`.
    public func funded(at outPoint: OutPoint) -> TestChannel {
        var channel = self
        channel.funding = ChannelFunding(
            outPoint: outPoint, amount: funding.amount, script: funding.script,
            number: funding.number)
        return channel
    }

    /// All of the channel's money.
    public var everything: MilliSatoshi { MilliSatoshi(funding.amount) }

    public func signer(_ side: Side) -> InProcessSigner { side == .opener ? opener : accepter }

    public func points(_ side: Side) throws -> ChannelBasepoints {
        try signer(side).basepoints(funding: funding.number)
    }

    public static func toSelfDelay(_ owner: Side) -> UInt16 { owner == .opener ? 4 : 5 }

    public static func preimage(_ id: Int) -> PaymentPreimage {
        PaymentPreimage(SHA256.hash([UInt8(truncatingIfNeeded: id), 0x77]))
    }

    public func htlc(
        _ direction: HTLCDirection, id: Int, _ amount: MilliSatoshi, expiry: UInt32
    ) -> CommitmentHTLC {
        CommitmentHTLC(
            direction: direction, id: UInt64(id), amount: amount,
            paymentHash: Self.preimage(id).paymentHash, cltvExpiry: BlockHeight(expiry))
    }

    public func parameters(_ owner: Side, dustLimit: Int64 = 354) throws -> CommitmentParameters {
        CommitmentParameters(
            format: format, funding: funding, ownerFundingKey: try points(owner).funding,
            counterpartyFundingKey: try points(owner.other).funding,
            ownerIsOpener: owner == .opener, dustLimit: Satoshi(dustLimit),
            toSelfDelay: Self.toSelfDelay(owner), obscurer: obscurer)
    }

    /// Commitment `number` of `owner`, where the opener has `balance`, by default half of what the HTLCs leave.
    public func commitment(
        _ owner: Side, number: UInt64, feerate: UInt32, htlcs: [CommitmentHTLC] = [],
        dustLimit: Int64 = 354, balance: MilliSatoshi? = nil
    ) throws -> CommitmentTransaction {
        let free = htlcs.reduce(everything) { $0 - $1.amount }
        let openerBalance = balance ?? MilliSatoshi(free.value / 2)
        let others = free - openerBalance
        let isOpener = owner == .opener
        return CommitmentTransaction(
            try parameters(owner, dustLimit: dustLimit),
            keys: try CommitmentKeys(
                perCommitmentPoint: signer(owner).perCommitmentPoint(number),
                owner: points(owner), counterparty: points(owner.other)),
            number: number,
            state: CommitmentState(
                feerate: FeeratePerKw(feerate),
                ownerBalance: isOpener ? openerBalance : others,
                counterpartyBalance: isOpener ? others : openerBalance, htlcs: htlcs))
    }

    /// The other side's signatures of a commitment of `owner`, as `commitment_signed` brings them.
    public func signatures(
        _ commitment: CommitmentTransaction, owner: Side
    ) throws -> CommitmentSignatures {
        let signatures = try signer(owner.other).sign(
            CounterpartyCommitmentRequest(
                counterparty: points(owner), commitment: commitment))
        try signer(owner).validate(
            ReceivedCommitment(
                counterparty: points(owner.other), commitment: commitment, signatures: signatures))
        return signatures
    }

    /// A commitment of `owner` with both signatures.
    public func signed(_ commitment: CommitmentTransaction, owner: Side) throws -> Transaction {
        commitment.signed(
            owner: try signer(owner).sign(
                OwnCommitmentRequest(
                    counterparty: points(owner.other), commitment: commitment)),
            counterparty: try signatures(commitment, owner: owner).commitment)
    }

    /// A closing transaction with both signatures.
    public func signed(_ closing: ClosingTransaction) throws -> Transaction {
        let (one, other) = (try points(.opener), try points(.accepter))
        return closing.signed(
            try opener.sign(ClosingRequest(counterparty: other, closing: closing)),
            by: one.funding,
            try accepter.sign(ClosingRequest(counterparty: one, closing: closing)))
    }
}

/// Why there is no such channel.
public enum TestChannelError: Error {
    /// The number of keys is too high.
    case number
}
