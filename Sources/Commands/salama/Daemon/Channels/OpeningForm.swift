import Bitcoin
import LightningChannel
import LightningCommitment
import LightningNode
import LightningWallet
import LightningWire
import NodeAPI

/// A channel as a request describes it, whether it is opened alone or in a batch.
struct OpeningForm {
    let opening: ChannelOpening
    /// How this node's terms for forwarding over it differ from the usual ones; nil where they do not.
    let policy: ForwardingPolicyChange?
    /// What the user noted.
    let memo: String

    /// lnd: the most that a memo may have, in bytes.
    private static let longestMemo = 500
    /// lnd: the least amount of a channel.
    private static let leastAmount = Satoshi(20_000)

    init(_ request: OpenChannelRequest, _ network: Network) throws {
        guard request.fundMax || request.localFundingAmount != 0 else {
            throw APIError(.invalidArgument, "local funding amount must be non-zero")
        }
        guard !request.fundMax || request.localFundingAmount == 0 else {
            throw APIError(
                .invalidArgument, "local_funding_amount and fund_max cannot both be set")
        }
        guard request.fundingShim == nil || !request.fundMax else {
            throw APIError(
                .invalidArgument,
                "cannot provide a psbt funding shim while committing the maximum wallet balance"
                    + " towards the channel opening")
        }
        let peer = try Self.peer(request.nodePubkey, request.nodePubkeyString)
        var opening = ChannelOpening(peer: peer, amount: Satoshi(request.localFundingAmount))
        guard (0..<Satoshi.maximumMoney.value).contains(request.pushSat) else {
            throw APIError(.invalidArgument, "push_sat: \(request.pushSat) is no amount to push")
        }
        if request.fundMax {
            opening.takesAll = true
            opening.amount = max(Self.leastAmount, Satoshi(request.pushSat + 1))
        }
        opening.isAnnounced = !request.isPrivate
        opening.isZeroConfirmation = request.zeroConf
        opening.isAliasOnly = request.scidAlias
        opening.format = try Self.format(request.commitmentType)
        var terms = Terms(network: network)
        terms.htlcMinimum = request.minHtlcMsat
        terms.delay = request.remoteCsvDelay
        terms.maximumInFlight = request.remoteMaxValueInFlightMsat
        terms.maximumHTLCs = request.remoteMaxHtlcs
        terms.reserve = request.remoteChanReserveSat
        terms.localDelay = request.maxLocalCsv
        terms.closeAddress = request.closeAddress
        try self.init(
            opening, pushed: request.pushSat, terms, memo: request.memo,
            base: request.useBaseFee ? request.baseFee : nil,
            rate: request.useFeeRate ? request.feeRate : nil)
    }

    init(_ request: BatchOpenChannel, _ network: Network) throws {
        guard request.localFundingAmount != 0 else {
            throw APIError(.invalidArgument, "local funding amount must be non-zero")
        }
        let peer = try Self.peer(request.nodePubkey, "")
        var opening = ChannelOpening(peer: peer, amount: Satoshi(request.localFundingAmount))
        opening.isAnnounced = !request.isPrivate
        opening.isZeroConfirmation = request.zeroConf
        opening.isAliasOnly = request.scidAlias
        opening.format = try Self.format(request.commitmentType)
        var terms = Terms(network: network)
        terms.htlcMinimum = request.minHtlcMsat
        terms.delay = request.remoteCsvDelay
        terms.maximumInFlight = request.remoteMaxValueInFlightMsat
        terms.maximumHTLCs = request.remoteMaxHtlcs
        terms.reserve = request.remoteChanReserveSat
        terms.localDelay = request.maxLocalCsv
        terms.closeAddress = request.closeAddress
        try self.init(
            opening, pushed: request.pushSat, terms, memo: request.memo,
            base: request.useBaseFee ? request.baseFee : nil,
            rate: request.useFeeRate ? request.feeRate : nil)
    }

    private init(
        _ start: ChannelOpening, pushed: Int64, _ terms: Terms, memo: String, base: UInt64?,
        rate: UInt64?
    ) throws {
        var opening = start
        guard opening.amount >= Self.leastAmount else {
            throw APIError(
                .invalidArgument,
                "channel is too small, the minimum channel size is: \(Self.leastAmount.value) SAT")
        }
        guard opening.amount <= .maximumMoney, pushed >= 0, pushed < opening.amount.value else {
            throw APIError(
                .invalidArgument,
                "amount pushed to remote peer for initial state must be below the local funding"
                    + " amount")
        }
        guard memo.utf8.count <= Self.longestMemo else {
            throw APIError(
                .invalidArgument,
                "provided memo is of length \(memo.utf8.count), exceeds \(Self.longestMemo)")
        }
        opening.pushed = MilliSatoshi(Satoshi(pushed))
        opening.terms = try terms.demands(of: opening.amount)
        opening.limits = try terms.limits()
        self.opening = opening
        self.memo = memo
        policy = try Self.policy(base: base, rate: rate)
    }

    private static func peer(_ bytes: [UInt8], _ text: String) throws(APIError) -> PublicKey {
        let bytes = bytes.isEmpty ? (try? Hex.decode(text)) ?? [] : bytes
        guard !bytes.isEmpty else { throw APIError(.invalidArgument, "NodePubkey is not set") }
        guard let key = try? PublicKey(compressed: bytes) else {
            throw APIError(.invalidArgument, "the node's public key is none")
        }
        return key
    }

    private static func format(_ type: CommitmentType) throws(APIError) -> CommitmentFormat {
        switch type {
        case .unknown, .anchors: return .anchors
        case .staticRemoteKey: return .staticRemoteKey
        case .legacy, .scriptEnforcedLease, .simpleTaproot, .simpleTaprootOverlay,
            .simpleTaprootFinal:
            throw APIError(
                .unimplemented, "channels of the type \(type.rawValue) are not opened here")
        }
    }

    private static func policy(
        base: UInt64?, rate: UInt64?
    ) throws(APIError) -> ForwardingPolicyChange? {
        guard base != nil || rate != nil else { return nil }
        var change = ForwardingPolicyChange()
        change.feeBase = try base.map { value throws(APIError) in
            try narrowed(value, "base_fee")
        }
        change.feeProportionalMillionths = try rate.map { value throws(APIError) in
            try narrowed(value, "fee_rate")
        }
        return change
    }
}

/// A number of a request in fewer bits.
func narrowed<Wide: BinaryInteger, Narrow: FixedWidthInteger>(
    _ value: Wide, _ name: String, _ type: Narrow.Type = Narrow.self
) throws(APIError) -> Narrow {
    guard let narrow = Narrow(exactly: value) else {
        throw APIError(
            .invalidArgument, "\(name): \(value) is not from \(Narrow.min) to \(Narrow.max)")
    }
    return narrow
}

/// What a request says of the demands of both sides; 0 stands for the usual.
private struct Terms {
    let network: Network
    var htlcMinimum: Int64 = 0
    var delay: UInt32 = 0
    var maximumInFlight: UInt64 = 0
    var maximumHTLCs: UInt32 = 0
    var reserve: UInt64 = 0
    var localDelay: UInt32 = 0
    var closeAddress = ""

    init(network: Network) { self.network = network }

    /// What this side demands of the peer.
    func demands(of amount: Satoshi) throws -> ChannelTerms {
        var terms = ChannelTerms()
        if htlcMinimum != 0 {
            terms.htlcMinimum = MilliSatoshi(try narrowed(htlcMinimum, "min_htlc_msat"))
        }
        if delay != 0 { terms.delayOfPeer = try narrowed(delay, "remote_csv_delay") }
        if maximumInFlight != 0 { terms.maximumInFlight = MilliSatoshi(maximumInFlight) }
        if maximumHTLCs != 0 {
            guard maximumHTLCs <= PartyParameters.mostAcceptedHTLCs else {
                throw APIError(
                    .invalidArgument,
                    "remote-max-htlcs (\(maximumHTLCs)) cannot be greater than"
                        + " \(PartyParameters.mostAcceptedHTLCs)")
            }
            terms.maximumAcceptedHTLCs = UInt16(maximumHTLCs)
        }
        if reserve != 0 {
            guard reserve < UInt64(amount.value) / 5 else {
                throw APIError(
                    .invalidArgument,
                    "remote channel reserve must be less than the %20 of the channel capacity")
            }
            terms.reserve = Satoshi(Int64(reserve))
        }
        if !closeAddress.isEmpty {
            do throws(AddressError) {
                terms.upfrontShutdownScript = try Address(closeAddress, network: network).script
            } catch {
                throw APIError(.invalidArgument, "error parsing upfront shutdown: \(error)")
            }
        }
        return terms
    }

    /// What the peer may demand of this side.
    func limits() throws(APIError) -> PeerLimits? {
        guard localDelay != 0 else { return nil }
        var limits = PeerLimits()
        limits.maximumDelay = try narrowed(localDelay, "max_local_csv")
        return limits
    }
}
