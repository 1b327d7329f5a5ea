import LightningWire

/// What is known about directions at one moment, by their places in one graph: made once for a payment's searches.
public struct LiquidityView: Sendable {
    /// A direction held `lower` and did not hold `upper`, in millisatoshi.
    struct Bounds: Hashable, Sendable {
        var lower: UInt64
        var upper: UInt64
    }

    private(set) var bounds: [UInt32: Bounds] = [:]
    /// A bit for each direction with bounds.
    private(set) var marks: [UInt64]

    /// Nothing is known.
    public init() { marks = [] }

    /// What `knowledge` says at `time`, seconds since 1970, about the channels of `graph`.
    ///
    /// Where `patience` is given, what failed longer ago than so many seconds may be tried again.
    public init(
        _ knowledge: LiquidityKnowledge, in graph: ChannelGraph, at time: UInt64,
        patience: UInt64 = .max
    ) {
        marks = [UInt64](repeating: 0, count: graph.directions.policies.count / 64 + 1)
        for (name, known) in knowledge.observations {
            var observed = known
            if time > known.failure, time - known.failure > patience { observed.upper = .max }
            note(name, observed, knowledge.halfLife, in: graph, at: time)
        }
    }

    /// Takes anew what `knowledge` says of one direction. The graph is the one that the view was made for, as far as its
    /// ``ChannelGraph/layout`` goes.
    public mutating func refresh(
        _ name: DirectedChannel, from knowledge: LiquidityKnowledge, in graph: ChannelGraph,
        at time: UInt64
    ) {
        guard let observed = knowledge.observations[name] else { return }
        note(name, observed, knowledge.halfLife, in: graph, at: time)
    }

    private mutating func note(
        _ name: DirectedChannel, _ observed: LiquidityKnowledge.Observation, _ halfLife: UInt64,
        in graph: ChannelGraph, at time: UInt64
    ) {
        guard let direction = graph.direction(name) else { return }
        let capacity = MilliSatoshi(graph.capacity(direction.channel)).value
        guard let now = observed.bounds(at: time, capacity: capacity, halfLife) else { return }
        bounds[direction.value] = now
        marks[Int(direction.value >> 6)] |= 1 << UInt64(direction.value & 63)
    }
}
