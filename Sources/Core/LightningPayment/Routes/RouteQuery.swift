import LightningGraph
import LightningWire

/// Ties found routes to the payment that wants them; unique within one run of the process.
public struct RouteQueryID: Hashable, Comparable, Sendable {
    /// A running number.
    public let value: UInt64

    /// The query of that number.
    public init(_ value: UInt64) { self.value = value }

    public static func < (left: RouteQueryID, right: RouteQueryID) -> Bool {
        left.value < right.value
    }
}

/// A route as the search gives it, counted in blocks from now.
public typealias FoundRoute = LightningGraph.Route

/// What routes a payment wants.
public struct RouteQuery: Sendable {
    /// The payer's channels, the payee, the amount that is to be sent now, and all limits and exclusions.
    public var request: PathRequest
    /// The most routes that may carry the amount together; 1 asks for one that carries all.
    public var maximumParts: Int
    /// The node that the payee is to get the payment from; nil for any.
    public var lastHop: NodeID?

    /// A query for routes that together carry the request's amount.
    public init(_ request: PathRequest, maximumParts: Int = 1, lastHop: NodeID? = nil) {
        self.request = request
        self.maximumParts = maximumParts
        self.lastHop = lastHop
    }
}

/// What an attempt taught about the channels and nodes on its way. Channels of the payer itself teach nothing: it knows
/// what they hold.
public enum RouteLesson: Hashable, Sendable {
    /// The payee took the HTLC, which went through this direction with that amount.
    case settled(MilliSatoshi, through: DirectedChannel)
    /// The HTLC came past the direction and failed behind it.
    case passed(MilliSatoshi, through: DirectedChannel)
    /// The direction did not hold the amount.
    case failed(MilliSatoshi, at: DirectedChannel)
    /// The node did not forward, or did not answer as it has to.
    case nodeFailed(NodeID)
}
