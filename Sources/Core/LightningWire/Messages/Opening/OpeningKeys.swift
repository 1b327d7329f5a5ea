/// The keys that each message of an opening carries for its sender (BOLT 2, BOLT 3 "Key Derivation").
public struct OpeningKeys: Hashable, Sendable {
    /// The sender's key in the 2-of-2 funding output.
    public var fundingPublicKey: Point = Point.blank
    public var revocationBasepoint: Point = Point.blank
    public var paymentBasepoint: Point = Point.blank
    public var delayedPaymentBasepoint: Point = Point.blank
    public var htlcBasepoint: Point = Point.blank
    public var firstPerCommitmentPoint: Point = Point.blank

    /// Blank keys, to be filled in.
    public init() {}

    /// The keys of one side.
    public init(
        fundingPublicKey: Point, revocationBasepoint: Point, paymentBasepoint: Point,
        delayedPaymentBasepoint: Point, htlcBasepoint: Point, firstPerCommitmentPoint: Point
    ) {
        self.fundingPublicKey = fundingPublicKey
        self.revocationBasepoint = revocationBasepoint
        self.paymentBasepoint = paymentBasepoint
        self.delayedPaymentBasepoint = delayedPaymentBasepoint
        self.htlcBasepoint = htlcBasepoint
        self.firstPerCommitmentPoint = firstPerCommitmentPoint
    }

    /// The keys as fields of the message that they are in.
    mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError) {
        try coder.field("funding_pubkey", &fundingPublicKey)
        try coder.field("revocation_basepoint", &revocationBasepoint)
        try coder.field("payment_basepoint", &paymentBasepoint)
        try coder.field("delayed_payment_basepoint", &delayedPaymentBasepoint)
        try coder.field("htlc_basepoint", &htlcBasepoint)
        try coder.field("first_per_commitment_point", &firstPerCommitmentPoint)
    }
}
