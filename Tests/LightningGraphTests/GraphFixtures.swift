import Bitcoin
import LightningGraph
import LightningWire
import TestSupport

/// Makers of nodes, channels and graphs for tests.
enum Fixture {
    /// The id of node `number`: the ids ascend with the numbers, and are points by form alone.
    static func node(_ number: Int) -> NodeID {
        var bytes = [UInt8](repeating: 0, count: 33)
        bytes[0] = 2
        bytes[31] = UInt8(number >> 8)
        bytes[32] = UInt8(number & 0xff)
        guard let point = try? Point(bytes) else { preconditionFailure("33 bytes are a point") }
        return NodeID(point)
    }

    static func id(_ number: Int) -> ShortChannelID {
        ShortChannelID(UInt64(number + 1) << 40 | 1 << 16)
    }

    static func policy(
        base: UInt32 = 0, millionths: UInt32 = 0, minimum: UInt64 = 1, maximum: UInt64,
        delta: UInt16 = 40, isDisabled: Bool = false, timestamp: UInt32 = 1
    ) -> DirectionPolicy {
        DirectionPolicy(
            timestamp: timestamp, feeBase: base, feeProportionalMillionths: millionths,
            htlcMinimum: MilliSatoshi(minimum), htlcMaximum: MilliSatoshi(maximum),
            cltvExpiryDelta: delta, isDisabled: isDisabled)
    }

    /// A graph of random channels between random nodes; `fill` gives each its terms.
    private static func graph(
        _ nodes: Int, _ channels: Int, _ capacities: ClosedRange<Int64>,
        _ generator: inout SeededGenerator,
        _ fill: (inout ChannelGraph, ChannelIndex, Int64, inout SeededGenerator) throws -> Void
    ) throws -> ChannelGraph {
        var graph = ChannelGraph()
        for number in 0..<channels {
            let first = Int.random(in: 0..<nodes, using: &generator)
            let second = Int.random(in: 0..<nodes, using: &generator)
            guard first != second else { continue }
            let capacity = Int64.random(in: capacities, using: &generator)
            let channel = try graph.add(
                GraphChannel(
                    id: id(number), node1: node(min(first, second)),
                    node2: node(max(first, second)), capacity: Satoshi(capacity)))
            try fill(&graph, channel, capacity, &generator)
        }
        return graph
    }

    /// A graph of `channels` random channels among `nodes` nodes, some directions without terms or disabled.
    static func randomGraph(
        nodes: Int, channels: Int, using generator: inout SeededGenerator
    ) throws -> ChannelGraph {
        try graph(nodes, channels, 20_000...2_000_000, &generator) {
            graph, channel, capacity, generator in
            for side in UInt8(0)...1 where Int.random(in: 0..<10, using: &generator) > 0 {
                let direction = channel.direction(side)
                graph.update(
                    direction, randomPolicy(capacity: capacity, using: &generator),
                    inboundFee: nil)
            }
        }
    }

    /// A graph whose directions have no base fees and no least amounts, as flows want them.
    static func flowGraph(
        nodes: Int, channels: Int, using generator: inout SeededGenerator
    ) throws -> ChannelGraph {
        try graph(nodes, channels, 200_000...2_000_000, &generator) {
            graph, channel, capacity, generator in
            for side in UInt8(0)...1 {
                let millionths = UInt32.random(in: 0...1_000, using: &generator)
                graph.update(
                    channel.direction(side),
                    policy(millionths: millionths, minimum: 0, maximum: UInt64(capacity) * 990))
            }
        }
    }

    static func randomPolicy(
        capacity: Int64, using generator: inout SeededGenerator
    ) -> DirectionPolicy {
        policy(
            base: .random(in: 0...2_000, using: &generator),
            millionths: .random(in: 0...3_000, using: &generator),
            minimum: .random(in: 0...1_000_000, using: &generator),
            maximum: .random(in: 10_000_000...UInt64(capacity) * 1_000, using: &generator),
            delta: .random(in: 10...150, using: &generator),
            isDisabled: Int.random(in: 0..<12, using: &generator) == 0,
            timestamp: .random(in: 1...1_000_000, using: &generator))
    }
}
