import LightningWire

/// One HTLC of a payment, with what became of it.
public struct PaymentAttempt: Hashable, Sendable {
    /// What became of an attempt.
    public enum Status: Hashable, Sendable {
        /// It may be on its way.
        case inFlight
        /// The payee took it. The time is in milliseconds since 1970; `holdTimes` are how long each hop held the HTLC, in
        /// units of 100 ms, as far as that could be proven.
        case succeeded(at: UInt64, holdTimes: [UInt32])
        /// The time is in milliseconds since 1970.
        case failed(AttemptFailure, at: UInt64)
    }

    /// Its number among all attempts of the node.
    public let number: UInt64
    public let route: PaymentRoute
    /// When it was sent, in milliseconds since 1970.
    public let started: UInt64
    public var status: Status

    /// An attempt of these properties.
    public init(number: UInt64, route: PaymentRoute, started: UInt64, status: Status = .inFlight) {
        self.number = number
        self.route = route
        self.started = started
        self.status = status
    }

    /// What the payee gets.
    public var amount: MilliSatoshi { route.deliveredAmount }

    /// What the nodes on the way take.
    public var fee: MilliSatoshi { route.fee }

    /// When it ended, in milliseconds since 1970; nil while it may be on its way.
    public var ended: UInt64? {
        switch status {
        case .inFlight: nil
        case .succeeded(let time, _), .failed(_, let time): time
        }
    }
}
