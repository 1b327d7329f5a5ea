import Bitcoin
import LightningWire
import NodeAPI

extension RouteHintMessage {
    init(_ hops: [RouteHintHop]) {
        self.init()
        hopHints = hops.map { hop in
            var message = HopHintMessage()
            message.nodeId = hop.nodeID.description
            message.chanId = hop.shortChannelID.value
            message.feeBaseMsat = hop.feeBase
            message.feeProportionalMillionths = hop.feeProportionalMillionths
            message.cltvExpiryDelta = UInt32(hop.cltvExpiryDelta)
            return message
        }
    }

    /// The channels of the way; throws where it has none, or one that cannot be.
    func hops() throws(APIError) -> [RouteHintHop] {
        guard !hopHints.isEmpty else {
            throw APIError(.invalidArgument, "number of hop hint within a route must be positive")
        }
        return try hopHints.map { (hint) throws(APIError) in
            guard let delta = UInt16(exactly: hint.cltvExpiryDelta) else {
                throw APIError(
                    .invalidArgument,
                    "a route hint's cltv_expiry_delta is at most \(UInt16.max), not"
                        + " \(hint.cltvExpiryDelta)")
            }
            return RouteHintHop(
                nodeID: try NodeID(interface: hint.nodeId, "a route hint's node_id"),
                shortChannelID: ShortChannelID(hint.chanId), feeBase: hint.feeBaseMsat,
                feeProportionalMillionths: hint.feeProportionalMillionths, cltvExpiryDelta: delta)
        }
    }
}

extension NodeID {
    /// The node with that key in hexadecimal; `name` says what it is for.
    init(interface text: String, _ name: String) throws(APIError) {
        guard let bytes = try? Hex.decode(text) else {
            throw APIError(.invalidArgument, "\(name) is no public key in hexadecimal: `\(text)`")
        }
        try self.init(interface: bytes, name)
    }

    /// The node with that key; `name` says what it is for.
    init(interface bytes: [UInt8], _ name: String) throws(APIError) {
        guard bytes.count == 33, let key = try? PublicKey(bytes) else {
            throw APIError(
                .invalidArgument,
                "\(name) is no public key: 33 bytes of a point are needed, not \(bytes.count)")
        }
        self.init(key)
    }
}

extension Hash256 {
    /// The hash in those bytes; `name` says what it is for.
    init(interface bytes: [UInt8], _ name: String) throws(APIError) {
        guard let hash = try? Hash256(bytes) else {
            throw APIError(.invalidArgument, "\(name) must be exactly 32 bytes, is \(bytes.count)")
        }
        self = hash
    }
}

extension MilliSatoshi {
    /// The amount of two fields of which at most one is used, in satoshis and millisatoshis; nil where neither is.
    init?(interface satoshis: Int64, _ millisatoshis: Int64, _ name: String) throws(APIError) {
        guard satoshis == 0 || millisatoshis == 0 else {
            throw APIError(
                .invalidArgument, "sat and msat arguments are mutually exclusive: \(name)")
        }
        guard satoshis >= 0, millisatoshis >= 0 else {
            throw APIError(.invalidArgument, "amount cannot be negative: \(name)")
        }
        let value =
            satoshis == 0
            ? MilliSatoshi(UInt64(millisatoshis))
            : MilliSatoshi(min(Satoshi(satoshis), Satoshi(Satoshi.maximumMoney.value + 1)))
        guard value.isValid else {
            throw APIError(.invalidArgument, "\(name) is more than there will ever be")
        }
        guard value > .zero else { return nil }
        self = value
    }

    /// The amount in satoshis, rounded down, as the interface has it.
    var interfaceSatoshis: Int64 { roundedDown.value }
    /// The amount in millisatoshis as the interface has it.
    var interfaceValue: Int64 { Int64(clamping: value) }
}
