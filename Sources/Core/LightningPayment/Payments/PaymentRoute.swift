import Bitcoin
import LightningCrypto
import LightningWire

/// One node of a route, with the HTLC that arrives there.
public struct RouteHop: Hashable, Sendable {
    public var node: NodeID
    /// The channel over which the HTLC arrives.
    public var channel: ShortChannelID
    public var amount: MilliSatoshi
    public var cltvExpiry: BlockHeight

    /// A hop to `node` over `channel`.
    public init(
        node: NodeID, channel: ShortChannelID, amount: MilliSatoshi, cltvExpiry: BlockHeight
    ) {
        self.node = node
        self.channel = channel
        self.amount = amount
        self.cltvExpiry = cltvExpiry
    }
}

/// The rest of a route where the payee hides it (BOLT 4, "Route Blinding").
public struct BlindedTail: Hashable, Sendable {
    public var path: BlindedPath
    /// What the payee gets.
    public var amount: MilliSatoshi
    /// The expiry at the payee as the payer counts it, without what the path's own delta adds.
    public var cltvExpiry: BlockHeight

    /// The way along `path`.
    public init(path: BlindedPath, amount: MilliSatoshi, cltvExpiry: BlockHeight) {
        self.path = path
        self.amount = amount
        self.cltvExpiry = cltvExpiry
    }
}

/// The way of one part of a payment, from this node's peer to the payee.
public struct PaymentRoute: Hashable, Sendable {
    /// The peer first; the payee last, or the introduction node of ``blindedTail``.
    public var hops: [RouteHop]
    public var blindedTail: BlindedTail?

    /// A route along `hops`.
    public init(hops: [RouteHop], blindedTail: BlindedTail? = nil) {
        self.hops = hops
        self.blindedTail = blindedTail
    }

    /// What leaves this node.
    public var sentAmount: MilliSatoshi { hops.first?.amount ?? .zero }

    /// What the payee gets.
    public var deliveredAmount: MilliSatoshi {
        blindedTail?.amount ?? hops.last?.amount ?? .zero
    }

    /// What the nodes on the way take.
    public var fee: MilliSatoshi { sentAmount.subtracting(deliveredAmount) ?? .zero }

    /// The number of layers that the onion has.
    var layerCount: Int { hops.count + (blindedTail.map { $0.path.hops.count - 1 } ?? 0) }

    /// BOLT 4 counts up to 27 hops.
    static let mostHops = 27
}

/// Why a route cannot be used.
public enum RouteProblem: Error, Equatable, Sendable {
    case wrongHopCount(maximum: Int, actual: Int)
    /// The key of a hop is no point of the curve.
    case invalidKey(hop: Int)
    /// Nothing would arrive.
    case noAmount
    /// A hop would have to pay, or the amount is beyond all bitcoin.
    case amountRises(hop: Int)
    /// An HTLC would expire before the one behind it.
    case expiryRises(hop: Int)
    /// The first HTLC would be so near its end that its channel might have to be closed for it.
    case expiryTooSoon(least: BlockHeight, actual: BlockHeight)
    /// The first HTLC would hold its amount for longer than any node takes.
    case expiryTooFar(most: BlockHeight, actual: BlockHeight)
    /// A path needs a hop.
    case emptyBlindedPath
    case onion(OnionBuildError)
}

extension RouteProblem: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        switch self {
        case .wrongHopCount(let maximum, let actual):
            "it has \(actual) hops, and must have 1 to \(maximum)"
        case .invalidKey(let hop): "the key of hop \(hop + 1) is no point of the curve"
        case .noAmount: "nothing would arrive"
        case .amountRises(let hop): "hop \(hop + 1) would have to pay, or the amount is too large"
        case .expiryRises(let hop): "hop \(hop + 1) would expire after the one before it"
        case .expiryTooSoon(let least, let actual):
            "its first HTLC would expire at height \(actual), which must be \(least) or more"
        case .expiryTooFar(let most, let actual):
            "its first HTLC would expire at height \(actual), which must be \(most) or less"
        case .emptyBlindedPath: "its blinded path has no hop"
        case .onion(let error): "its onion cannot be built: \(error)"
        }
    }
}

extension PaymentRoute {
    /// How many blocks the first HTLC of a route must have left: as many as one that is forwarded.
    static let expiryMargin = Forwarding.usualExpiryMargin

    /// Throws where the first HTLC must not be offered at that height, since it would expire too soon or too late.
    ///
    /// BOLT 4: "This `max_htlc_cltv` value is defined as 2016 blocks".
    func checkExpiry(at height: BlockHeight) throws(RouteProblem) {
        guard let expiry = hops.first?.cltvExpiry else { return }
        let least = height + (Self.expiryMargin + 1)
        let most = height + ForwardingTerms.maxHTLCCltv
        guard expiry >= least else { throw .expiryTooSoon(least: least, actual: expiry) }
        guard expiry <= most else { throw .expiryTooFar(most: most, actual: expiry) }
    }

    /// Throws where no HTLCs can be of this form.
    func check() throws(RouteProblem) {
        guard let first = hops.first, (1...Self.mostHops).contains(layerCount) else {
            throw .wrongHopCount(maximum: Self.mostHops, actual: layerCount)
        }
        guard blindedTail.map({ !$0.path.hops.isEmpty }) ?? true else { throw .emptyBlindedPath }
        guard first.amount.isValid else { throw .amountRises(hop: 0) }
        guard deliveredAmount > .zero else { throw .noAmount }
        for (index, pair) in zip(hops, hops.dropFirst()).enumerated() {
            guard pair.1.amount <= pair.0.amount else { throw .amountRises(hop: index + 1) }
            guard pair.1.cltvExpiry <= pair.0.cltvExpiry else {
                throw .expiryRises(hop: index + 1)
            }
        }
        if let tail = blindedTail, let introduction = hops.last {
            guard tail.amount <= introduction.amount else {
                throw .amountRises(hop: hops.count)
            }
            guard tail.cltvExpiry <= introduction.cltvExpiry else {
                throw .expiryRises(hop: hops.count)
            }
        }
    }

    /// The onion that leads along the route, and what decrypts the answers to it.
    func onion(
        _ order: PaymentOrder, sessionKey: PrivateKey
    ) throws(RouteProblem) -> BuiltOnion {
        var layers: [OnionHop] = []
        for (index, hop) in hops.enumerated() {
            guard let key = try? hop.node.point.publicKey() else { throw .invalidKey(hop: index) }
            if index + 1 < hops.count {
                let next = hops[index + 1]
                let payload = PaymentPayload(
                    amountToForward: next.amount, outgoingCltvValue: next.cltvExpiry,
                    shortChannelID: next.channel)
                layers.append(OnionHop(key: key, payload: payload.encoded))
            } else if let tail = blindedTail {
                do throws(KeyError) {
                    layers += try tail.path.paymentHops(
                        introduction: key, amount: tail.amount, total: order.amount,
                        cltvExpiry: tail.cltvExpiry)
                } catch {
                    throw .invalidKey(hop: index)
                }
            } else {
                let payload = order.finalPayload(amount: hop.amount, cltvExpiry: hop.cltvExpiry)
                layers.append(OnionHop(key: key, payload: payload.encoded))
            }
        }
        do throws(OnionBuildError) {
            return try OnionPacket.build(
                layers, sessionKey: sessionKey,
                associatedData: order.paymentHash.hash.bytes)
        } catch {
            throw .onion(error)
        }
    }
}
