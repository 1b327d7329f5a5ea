/// Where a node is reached.
public struct LightningAddress: APIMessage {
    /// Its key, in hexadecimal.
    public var pubkey: String = ""
    /// Its host, with the port after a colon.
    public var host: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("pubkey", &pubkey)
        try fields.field("host", &host)
    }
}

/// Asks for a connection to a node.
public struct ConnectPeerRequest: APIMessage {
    /// The node.
    public var addr: LightningAddress?
    /// Whether the connection is to be kept: made again whenever it is lost, and after a restart.
    public var perm: Bool = false
    /// How long to try, in seconds; 0 for the usual time.
    public var timeout: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("addr", &addr)
        try fields.field("perm", &perm)
        try fields.field("timeout", &timeout)
    }
}

/// Asks for the end of a connection.
public struct DisconnectPeerRequest: APIMessage {
    /// The peer, in hexadecimal.
    public var pubKey: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("pub_key", &pubKey)
    }
}

/// Asks for the peers.
public struct ListPeersRequest: APIMessage {
    /// Whether the last error of each is wanted alone.
    public var latestError: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("latest_error", &latestError)
    }
}

/// An error that a peer sent or made.
public struct TimestampedError: APIMessage {
    /// When, in seconds since 1970.
    public var timestamp: UInt64 = 0
    /// What.
    public var error: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("timestamp", &timestamp)
        try fields.field("error", &error)
    }
}

/// A peer.
public struct PeerMessage: APIMessage {
    /// Its key, in hexadecimal.
    public var pubKey: String = ""
    /// Its host and port, as the connection has them.
    public var address: String = ""
    /// What was sent to it over this connection.
    public var bytesSent: UInt64 = 0
    /// What it sent over this connection.
    public var bytesRecv: UInt64 = 0
    /// What was paid through it, in satoshis.
    public var satSent: Int64 = 0
    /// What came in through it, in satoshis.
    public var satRecv: Int64 = 0
    /// Whether the peer has made the connection.
    public var inbound: Bool = false
    /// How long the last answer to a ping took, in microseconds.
    public var pingTime: Int64 = 0
    /// How it is used for gossip.
    public var syncType: PeerSyncType = .unknown
    /// The feature bits that it sets, by number.
    public var features: [String: FeatureMessage] = [:]
    /// Its last errors, oldest first.
    public var errors: [TimestampedError] = []
    /// How often the connection was made.
    public var flapCount: Int32 = 0
    /// When it was made last, in nanoseconds since 1970.
    public var lastFlapNs: Int64 = 0
    /// What its last ping carried.
    public var lastPingPayload: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("pub_key", &pubKey)
        try fields.field("address", &address)
        try fields.field("bytes_sent", &bytesSent)
        try fields.field("bytes_recv", &bytesRecv)
        try fields.field("sat_sent", &satSent)
        try fields.field("sat_recv", &satRecv)
        try fields.field("inbound", &inbound)
        try fields.field("ping_time", &pingTime)
        try fields.field("sync_type", &syncType)
        try fields.field("features", &features)
        try fields.field("errors", &errors)
        try fields.field("flap_count", &flapCount)
        try fields.field("last_flap_ns", &lastFlapNs)
        try fields.field("last_ping_payload", &lastPingPayload)
    }
}

/// The peers.
public struct ListPeersResponse: APIMessage {
    /// The peers.
    public var peers: [PeerMessage] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("peers", &peers)
    }
}

/// A peer came or went.
public struct PeerEvent: APIMessage {
    /// The peer, in hexadecimal.
    public var pubKey: String = ""
    /// Whether it came or went.
    public var type: PeerEventType = .online

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("pub_key", &pubKey)
        try fields.field("type", &type)
    }
}

/// A message of a type that the node does not know.
public struct CustomPeerMessage: APIMessage {
    /// The peer's key.
    public var peer: [UInt8] = []
    /// Its type.
    public var type: UInt32 = 0
    /// What it carries.
    public var data: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("peer", &peer)
        try fields.field("type", &type)
        try fields.field("data", &data)
    }
}
