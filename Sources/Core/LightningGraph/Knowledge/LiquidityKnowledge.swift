import Bitcoin
import LightningWire

/// What attempts have taught about what directions hold: bounds that widen with time until nothing of them is left.
///
/// Bounded: past ``limit`` directions, the oldest are forgotten. Each change comes back as records to be written.
public struct LiquidityKnowledge: Sendable {
    /// The most directions that are remembered.
    public static let limit = 20_000

    /// What was seen of one direction.
    struct Observation: Hashable, Sendable {
        /// It held this, in millisatoshi.
        var lower: UInt64
        /// It did not hold this; `.max` where nothing failed.
        var upper: UInt64
        /// Seconds since 1970.
        var time: UInt64
        /// When it last did not hold ``upper``, in seconds since 1970. Not stored: after a start it is ``time``.
        var failure: UInt64 = 0
    }

    /// In how many seconds half of what is known is forgotten.
    public let halfLife: UInt64
    private(set) var observations: [DirectedChannel: Observation] = [:]

    /// Knows nothing; forgets half in six hours unless told otherwise.
    public init(halfLife: UInt64 = 6 * 3600) { self.halfLife = max(1, halfLife) }

    /// The number of directions that something is known about.
    public var count: Int { observations.count }

    /// The HTLC went through: the direction holds so much less now, and the other one at least so much.
    public mutating func settled(
        _ amount: MilliSatoshi, through name: DirectedChannel, capacity: Satoshi, at time: UInt64
    ) -> [RecordWrite] {
        let amount = amount.value
        let whole = MilliSatoshi(capacity).value
        let before = bounds(of: name, capacity: whole, at: time)
        // What it was thought not to hold, it held: others have sent through the other one, or its node is back.
        let isBounded = before.upper <= whole && amount < before.upper
        let after = Observation(
            lower: max(before.lower, amount) - amount,
            upper: isBounded ? max(1, before.upper - amount) : .max, time: time)
        let back = bounds(of: name.reversed, capacity: whole, at: time)
        let gained = Observation(
            lower: min(whole, back.lower + amount),
            upper: back.upper > whole ? .max : min(whole + 1, back.upper + amount), time: time)
        return remember(name, after) + remember(name.reversed, gained)
    }

    /// The HTLC came past the direction and failed behind it: it holds the amount.
    public mutating func passed(
        _ amount: MilliSatoshi, through name: DirectedChannel, capacity: Satoshi, at time: UInt64
    ) -> [RecordWrite] {
        let whole = MilliSatoshi(capacity).value
        let before = bounds(of: name, capacity: whole, at: time)
        let lower = max(before.lower, min(amount.value, whole))
        return remember(
            name,
            Observation(
                lower: lower, upper: before.upper > lower ? before.upper : .max, time: time))
    }

    /// The HTLC failed at the direction for want of liquidity: it does not hold the amount, and the other one holds the rest.
    public mutating func failed(
        _ amount: MilliSatoshi, at name: DirectedChannel, capacity: Satoshi, at time: UInt64
    ) -> [RecordWrite] {
        let whole = MilliSatoshi(capacity).value
        let before = bounds(of: name, capacity: whole, at: time)
        let upper = max(1, min(before.upper, amount.value))
        let writes = remember(
            name,
            Observation(
                lower: before.lower < upper ? before.lower : 0, upper: upper, time: time,
                failure: time))
        let back = bounds(of: name.reversed, capacity: whole, at: time)
        let rest = whole - min(whole, upper)
        return writes
            + remember(
                name.reversed,
                Observation(
                    lower: max(back.lower, rest), upper: back.upper > rest ? back.upper : .max,
                    time: time))
    }

    /// Forgets what was seen of a channel, as when it closes.
    public mutating func forget(_ channel: ShortChannelID) -> [RecordWrite] {
        (UInt8(0)...1).compactMap { side in
            let name = DirectedChannel(channel, side: side)
            return observations.removeValue(forKey: name) == nil
                ? nil : RecordWrite(.liquidity, key: Self.key(name), value: nil)
        }
    }

    /// Takes what was stored.
    mutating func restore(_ name: DirectedChannel, _ observation: Observation) {
        observations[name] = observation
    }

    private func bounds(
        of name: DirectedChannel, capacity: UInt64, at time: UInt64
    ) -> LiquidityView.Bounds {
        observations[name]?.bounds(at: time, capacity: capacity, halfLife)
            ?? LiquidityView.Bounds(lower: 0, upper: .max)
    }

    private mutating func remember(
        _ name: DirectedChannel, _ observation: Observation
    ) -> [RecordWrite] {
        var writes: [RecordWrite] = []
        if observations[name] == nil, observations.count >= Self.limit { writes = forgetOldest() }
        var observation = observation
        observation.failure = max(observation.failure, observations[name]?.failure ?? 0)
        observations[name] = observation
        return writes + [
            RecordWrite(.liquidity, key: Self.key(name), value: observation.record)
        ]
    }

    /// Makes room by dropping the oldest eighth, so that the search for it is seldom.
    private mutating func forgetOldest() -> [RecordWrite] {
        let oldest = observations.sorted {
            ($0.value.time, $0.key.description) < ($1.value.time, $1.key.description)
        }
        return oldest.prefix(Self.limit / 8).map { name, _ in
            observations[name] = nil
            return RecordWrite(.liquidity, key: Self.key(name), value: nil)
        }
    }
}

extension LiquidityKnowledge.Observation {
    /// The bounds as far as they still hold at `time`; nil where nothing of them is left.
    ///
    /// In each half-life, half of what a bound says is forgotten: the lower one sinks to zero, the upper one rises to the
    /// capacity.
    func bounds(
        at time: UInt64, capacity: UInt64, _ halfLife: UInt64
    ) -> LiquidityView.Bounds? {
        let age = time > self.time ? time - self.time : 0
        let (halvings, rest) = age.quotientAndRemainder(dividingBy: halfLife)
        guard halvings < 16 else { return nil }
        // Between two halvings the loss is even: the factor falls from 1 to 1/2 in a line.
        func faded(_ value: UInt64) -> UInt64 {
            let value = value >> halvings
            return value - FixedPoint.multiply(value, rest, over: 2 * halfLife)
        }
        let low = faded(min(lower, capacity))
        let high = upper > capacity ? .max : capacity + 1 - faded(capacity + 1 - upper)
        return LiquidityView.Bounds(lower: low, upper: max(high, low + 1))
    }
}
