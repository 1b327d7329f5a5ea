import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningCrypto
import LightningOnChain
import LightningWire

/// A commitment of a scene's channel: the latest of each side, the one after it, and one that is revoked.
enum SceneVersion: CaseIterable {
    case latest
    case next
    case former

    var number: UInt64 {
        switch self {
        case .latest: 41
        case .next: 42
        case .former: 7
        }
    }
}

/// An HTLC of a scene.
struct SceneHTLC {
    var id: Int
    var offerer: TestChannel.Side
    var amount: Int64
    /// How many blocks after the start it expires.
    var expiry: UInt32
    /// Whether the side that it is offered to knows the preimage and wants the money.
    var isKnown = false
    /// For an HTLC that forwards another: how many blocks after the start that one expires.
    var upstream: UInt32?
    var versions: Set<SceneVersion> = [.latest, .next, .former]
    /// Whether the HTLC is not settled when the channel stops.
    var isOpen: Bool { versions.contains(.latest) || versions.contains(.next) }
    /// Those with the same preimage have the same number here.
    var secret: Int?

    var preimage: PaymentPreimage { TestChannel.preimage(secret ?? id) }
}

/// What a scene's channel holds.
struct SceneTerms {
    var format = CommitmentFormat.anchors
    var feerate: UInt32 = 1000
    var htlcs: [SceneHTLC] = SceneTerms.everyKind
    var policy = OnChainPolicy(safeDepth: 3, finalDepth: 8)
    /// The side that has its next commitment already, while its revocation of the one before has not arrived.
    var pendingNext: TestChannel.Side?
    /// The opener's balance in each commitment, in satoshi.
    var openerBalance: Int64 = 300_000

    /// In each direction HTLCs that end either way, above dust, below it, and with an output on one side only.
    static let everyKind: [SceneHTLC] = TestChannel.Side.allCases.flatMap { side in
        let first = side == .opener ? 0 : 20
        return [
            SceneHTLC(id: first, offerer: side, amount: 50_000, expiry: 10, upstream: 60),
            SceneHTLC(id: first + 1, offerer: side, amount: 60_000, expiry: 12, isKnown: true),
            SceneHTLC(id: first + 2, offerer: side, amount: 300, expiry: 10),
            SceneHTLC(id: first + 3, offerer: side, amount: 310, expiry: 10, isKnown: true),
            SceneHTLC(id: first + 4, offerer: side, amount: 600, expiry: 11),
            SceneHTLC(
                id: first + 5, offerer: side, amount: 40_000, expiry: 9, versions: [.next]),
            SceneHTLC(
                id: first + 6, offerer: side, amount: 45_000, expiry: 9, isKnown: true,
                versions: [.latest]),
            SceneHTLC(
                id: first + 7, offerer: side, amount: 30_000, expiry: 8, isKnown: true,
                versions: [.former]),
            SceneHTLC(
                id: first + 8, offerer: side, amount: 31_000, expiry: 8, versions: [.former]),
        ]
    }

    func dustLimit(_ owner: TestChannel.Side) -> Int64 { owner == .opener ? 354 : 700 }

    func htlcs(_ version: SceneVersion) -> [SceneHTLC] {
        htlcs.filter { $0.versions.contains(version) }
    }

    /// The commitment of `owner` in `channel`, whose scene started at `start`.
    func commitment(
        _ owner: TestChannel.Side, _ version: SceneVersion, _ channel: TestChannel,
        start: BlockHeight
    ) throws -> CommitmentTransaction {
        try channel.commitment(
            owner, number: version.number, feerate: feerate,
            htlcs: htlcs(version).map { htlc in
                CommitmentHTLC(
                    direction: htlc.offerer == owner ? .offered : .received,
                    id: UInt64(htlc.id), amount: MilliSatoshi(Satoshi(htlc.amount)),
                    paymentHash: htlc.preimage.paymentHash, cltvExpiry: start + htlc.expiry)
            },
            dustLimit: dustLimit(owner), balance: MilliSatoshi(Satoshi(openerBalance)))
    }

    /// What `side` knows when the channel stops. A cheat pretends that the former commitment is its latest.
    func snapshot(
        _ side: TestChannel.Side, _ channel: TestChannel, start: BlockHeight,
        isCheat: Bool = false
    ) throws -> ChannelSnapshot {
        guard let keys = ChannelKeyNumber(0) else { throw TestChannelError.number }
        let version: SceneVersion = isCheat ? .former : pendingNext == side ? .next : .latest
        let local = try commitment(side, version, channel, start: start)
        var secrets = RevealedSecrets()
        for number in 0..<SceneVersion.latest.number {
            try secrets.insert(
                channel.signer(side.other).perCommitmentSecret(number),
                index: PerCommitmentSeed.firstIndex - number)
        }
        let hasNext = pendingNext == side.other
        return ChannelSnapshot(
            keys: keys, localBasepoints: try channel.points(side),
            remoteBasepoints: try channel.points(side.other), local: local,
            localSignatures: try channel.signatures(local, owner: side),
            remote: try commitment(side.other, .latest, channel, start: start),
            remoteNext: hasNext
                ? try commitment(side.other, .next, channel, start: start) : nil,
            revealedSecrets: secrets,
            htlcs: htlcs.filter { isCheat ? $0.versions.contains(.former) : $0.isOpen }.map {
                $0.open(side, start)
            })
    }

    /// The HTLCs that are not open any more, as `side` remembers them, and one that was in another commitment.
    func former(_ side: TestChannel.Side, start: BlockHeight) -> [FormerHTLC] {
        let number = SceneVersion.former.number
        let past = htlcs.filter { !$0.isOpen }.map { htlc in
            FormerHTLC(
                name: htlc.name(side), paymentHash: htlc.preimage.paymentHash,
                cltvExpiry: start + htlc.expiry, remoteCommitments: number..<number + 1)
        }
        let strange = FormerHTLC(
            name: HTLCName(.offered, 99), paymentHash: TestChannel.preimage(99).paymentHash,
            cltvExpiry: start, remoteCommitments: number + 1..<number + 5)
        return past + [strange]
    }
}

extension SceneHTLC {
    func name(_ side: TestChannel.Side) -> HTLCName {
        HTLCName(offerer == side ? .offered : .received, UInt64(id))
    }

    /// The HTLC as `side` sees it, which has decided already to take what it can.
    func open(_ side: TestChannel.Side, _ start: BlockHeight) -> OpenHTLC {
        let isOffered = offerer == side
        return OpenHTLC(
            direction: isOffered ? .offered : .received, id: UInt64(id),
            amount: MilliSatoshi(Satoshi(amount)), paymentHash: preimage.paymentHash,
            cltvExpiry: start + expiry, preimage: !isOffered && isKnown ? preimage : nil,
            upstreamExpiry: isOffered ? upstream.map { start + $0 } : nil)
    }
}
