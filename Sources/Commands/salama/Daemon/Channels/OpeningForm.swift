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
    /// What the user noted.
    let memo: String

    /// lnd: the most that a memo may have, in bytes.
    private static let longestMemo = 500
    /// lnd: the least amount of a channel.
    private static let leastAmount = Satoshi(20_000)

    init(_ request: OpenChannelRequest, _ network: Network) throws {
        guard !request.fundMax || request.channel.localFundingAmount == 0 else {
            throw APIError(
                .invalidArgument, "local_funding_amount and fund_max cannot both be set")
        }
        guard request.fundingShim == nil || !request.fundMax else {
            throw APIError(
                .invalidArgument,
                "cannot provide a psbt funding shim while committing the maximum wallet balance"
                    + " towards the channel opening")
        }
        try self.init(
            request.channel, of: request.nodePubkeyString, takesAll: request.fundMax, network)
    }

    init(_ request: BatchOpenChannel, _ network: Network) throws {
        try self.init(request.channel, network)
    }

    /// A channel with the node of that key, in hexadecimal, where the wish itself names none.
    private init(
        _ wish: ChannelWish, of key: String = "", takesAll: Bool = false, _ network: Network
    ) throws {
        guard takesAll || wish.localFundingAmount != 0 else {
            throw APIError(.invalidArgument, "local funding amount must be non-zero")
        }
        var opening = ChannelOpening(
            peer: try Self.peer(wish.nodePubkey, key), amount: Satoshi(wish.localFundingAmount))
        guard (0..<Satoshi.maximumMoney.value).contains(wish.pushSat) else {
            throw APIError(.invalidArgument, "push_sat: \(wish.pushSat) is no amount to push")
        }
        if takesAll {
            opening.takesAll = true
            opening.amount = max(Self.leastAmount, Satoshi(wish.pushSat + 1))
        }
        guard opening.amount >= Self.leastAmount else {
            throw APIError(
                .invalidArgument,
                "channel is too small, the minimum channel size is: \(Self.leastAmount.value) SAT")
        }
        guard opening.amount <= .maximumMoney, wish.pushSat < opening.amount.value else {
            throw APIError(
                .invalidArgument,
                "amount pushed to remote peer for initial state must be below the local funding"
                    + " amount")
        }
        guard wish.memo.utf8.count <= Self.longestMemo else {
            throw APIError(
                .invalidArgument,
                "provided memo is of length \(wish.memo.utf8.count), exceeds \(Self.longestMemo)")
        }
        opening.pushed = MilliSatoshi(Satoshi(wish.pushSat))
        opening.isAnnounced = !wish.isPrivate
        opening.isZeroConfirmation = wish.zeroConf
        opening.isAliasOnly = wish.scidAlias
        opening.format = try Self.format(wish.commitmentType)
        opening.terms = try wish.demands(of: opening.amount, network)
        opening.limits = try wish.limits()
        opening.policy = try Self.policy(
            base: wish.useBaseFee ? wish.baseFee : nil, rate: wish.useFeeRate ? wish.feeRate : nil)
        self.opening = opening
        memo = wish.memo
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

extension ChannelWish {
    /// What this side demands of the peer; 0 stands for the usual.
    fileprivate func demands(of amount: Satoshi, _ network: Network) throws -> ChannelTerms {
        var terms = ChannelTerms()
        if minHtlcMsat != 0 {
            terms.htlcMinimum = MilliSatoshi(try narrowed(minHtlcMsat, "min_htlc_msat"))
        }
        if remoteCsvDelay != 0 {
            terms.delayOfPeer = try narrowed(remoteCsvDelay, "remote_csv_delay")
        }
        if remoteMaxValueInFlightMsat != 0 {
            terms.maximumInFlight = MilliSatoshi(remoteMaxValueInFlightMsat)
        }
        if remoteMaxHtlcs != 0 {
            guard remoteMaxHtlcs <= PartyParameters.mostAcceptedHTLCs else {
                throw APIError(
                    .invalidArgument,
                    "remote-max-htlcs (\(remoteMaxHtlcs)) cannot be greater than"
                        + " \(PartyParameters.mostAcceptedHTLCs)")
            }
            terms.maximumAcceptedHTLCs = UInt16(remoteMaxHtlcs)
        }
        if remoteChanReserveSat != 0 {
            guard remoteChanReserveSat < UInt64(amount.value) / 5 else {
                throw APIError(
                    .invalidArgument,
                    "remote channel reserve must be less than the %20 of the channel capacity")
            }
            terms.reserve = Satoshi(Int64(remoteChanReserveSat))
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
    fileprivate func limits() throws(APIError) -> PeerLimits? {
        guard maxLocalCsv != 0 else { return nil }
        var limits = PeerLimits()
        limits.maximumDelay = try narrowed(maxLocalCsv, "max_local_csv")
        return limits
    }
}
