import Bitcoin

/// Which channel's keys: a counter of the node, durable before the first key of the channel is used.
public struct ChannelKeyNumber: Hashable, Comparable, Sendable {
    /// The number, from 0 to 2^31 - 1.
    public let value: UInt32

    /// The number `value`; nil unless it is below 2^31.
    public init?(_ value: UInt32) {
        guard value < 1 << 31 else { return nil }
        self.value = value
    }

    /// The number after this one; nil after the last.
    public var next: ChannelKeyNumber? { ChannelKeyNumber(value + 1) }

    public static func < (left: ChannelKeyNumber, right: ChannelKeyNumber) -> Bool {
        left.value < right.value
    }
}

/// The purposes of a channel's keys: the step below the channel's number (docs/keys.md). All are hardened.
enum ChannelKeyPurpose: UInt32 {
    /// Below it one more step, the funding's number.
    case funding = 0
    case revocation = 1
    case payment = 2
    case delayedPayment = 3
    case htlc = 4
    case perCommitmentSeed = 5
}

/// The secrets of a channel (BOLT 3), where they do not derive from the seed.
public struct FixedChannelKeys: Sendable {
    public let funding: PrivateKey
    public let revocation: PrivateKey
    public let payment: PrivateKey
    public let delayedPayment: PrivateKey
    public let htlc: PrivateKey
    /// 32 bytes.
    public let perCommitmentSeed: SecretBytes

    /// These secrets.
    public init(
        funding: PrivateKey, revocation: PrivateKey, payment: PrivateKey,
        delayedPayment: PrivateKey, htlc: PrivateKey, perCommitmentSeed: SecretBytes
    ) {
        self.funding = funding
        self.revocation = revocation
        self.payment = payment
        self.delayedPayment = delayedPayment
        self.htlc = htlc
        self.perCommitmentSeed = perCommitmentSeed
    }
}

/// The root of all channels' keys, from which those of each channel derive by its number alone.
public struct ChannelKeyring: Sendable {
    private let family: ExtendedPrivateKey
    private let fixed: FixedChannelKeys?
    private let work: any ParallelWork

    /// Takes the key of the family of channels, `m/9735'/coin'/1'`. With `fixed` all channels have those secrets; `work`
    /// helps their signers.
    public init(
        family: ExtendedPrivateKey, fixed: FixedChannelKeys? = nil,
        work: any ParallelWork = SerialWork()
    ) {
        self.family = family
        self.fixed = fixed
        self.work = work
    }

    /// The signer of the channel with keys `number`.
    ///
    /// Derives all its keys, so it is kept while the channel is in use. Throws with a chance of about 2^-127; the number is
    /// passed over then.
    public func signer(_ number: ChannelKeyNumber) throws(DerivationError) -> InProcessSigner {
        try InProcessSigner(
            channel: family.child(ChannelNumbering.hardened(number.value)), fixed: fixed,
            work: work)
    }

    /// Where commitments of the other side pay this side in channel `number`, in either format.
    ///
    /// Nothing of the channel is needed but its number, so that after a loss of all data these scripts can be looked for on
    /// the chain, number after number.
    public func toRemoteScripts(_ number: ChannelKeyNumber) throws(DerivationError) -> [Script] {
        let channel = try family.child(ChannelNumbering.hardened(number.value))
        let derived = try channel.child(ChannelNumbering.hardened(ChannelKeyPurpose.payment))
        let payment = fixed?.payment ?? derived.key
        return CommitmentFormat.allCases.map {
            CommitmentScripts.toRemoteOutput(payment.publicKey, $0)
        }
    }
}

/// Steps of the paths of channel keys.
enum ChannelNumbering {
    /// The hardened child `number`, which is below 2^31; the top bit marks it.
    static func hardened(_ number: UInt32) -> ChildNumber { ChildNumber(value: number | 1 << 31) }

    static func hardened(_ purpose: ChannelKeyPurpose) -> ChildNumber { hardened(purpose.rawValue) }
}
