import Bitcoin
import LightningWire

extension GraphStore {
    /// The file form of `contents`.
    ///
    /// Nodes with more channels come first, so that what searches touch most lies together.
    public static func encode(_ contents: Contents) -> [UInt8] {
        let graph = contents.graph
        let nodes = graph.allNodes.sorted {
            let (left, right) = (graph.channelCount(of: $0), graph.channelCount(of: $1))
            return left == right ? $0.value < $1.value : left > right
        }
        let channels = graph.allChannels.sorted { graph.id($0) < graph.id($1) }
        let fees = inboundFees(of: graph, channels)
        var writer = ByteWriter(
            capacity: size(
                nodes: nodes.count, channels: channels.count, inboundFees: fees.count))
        writer.write(magic)
        writer.writeLittleEndian(version)
        for count in [nodes.count, channels.count, fees.count] {
            writer.writeLittleEndian(UInt32(count))
        }
        writer.writeLittleEndian(contents.savedAt)
        writer.writeLittleEndian(contents.key.first)
        writer.writeLittleEndian(contents.key.second)
        write(nodes, of: graph, to: &writer)
        write(channels, of: graph, places: places(of: nodes, in: graph), to: &writer)
        let directions = channels.flatMap { [$0.direction(0), $0.direction(1)] }
        write(directions, of: graph, to: &writer)
        for fee in fees { writer.writeLittleEndian(fee.direction) }
        for fee in fees { writer.writeLittleEndian(fee.fee.base) }
        for fee in fees { writer.writeLittleEndian(fee.fee.proportionalMillionths) }
        writer.writeLittleEndian(CRC32C.checksum(writer.bytes))
        return writer.bytes
    }

    private static func places(of nodes: [NodeIndex], in graph: ChannelGraph) -> [UInt32] {
        var places = [UInt32](repeating: 0, count: graph.nodes.ids.count)
        for (place, node) in nodes.enumerated() { places[Int(node.value)] = UInt32(place) }
        return places
    }

    private static func inboundFees(
        of graph: ChannelGraph, _ channels: [ChannelIndex]
    ) -> [(direction: UInt32, fee: InboundFee)] {
        guard !graph.directions.inboundFees.isEmpty else { return [] }
        var fees: [(direction: UInt32, fee: InboundFee)] = []
        for (place, channel) in channels.enumerated() {
            for side in UInt8(0)...1 {
                let direction = channel.direction(side)
                guard let fee = graph.directions.inboundFees[direction.value] else { continue }
                fees.append((UInt32(place) << 1 | UInt32(side), fee))
            }
        }
        return fees
    }

    private static func write(
        _ nodes: [NodeIndex], of graph: ChannelGraph, to writer: inout ByteWriter
    ) {
        for node in nodes { writer.writeByte(graph.id(node).point.prefix) }
        for node in nodes { writer.write(graph.id(node).point.x) }
        for node in nodes { writer.writeLittleEndian(graph.announcementTimestamp(node)) }
        for node in nodes { writer.writeByte(graph.nodes.flags[Int(node.value)].rawValue) }
    }

    private static func write(
        _ channels: [ChannelIndex], of graph: ChannelGraph, places: [UInt32],
        to writer: inout ByteWriter
    ) {
        let columns = graph.channels
        for channel in channels { writer.writeLittleEndian(columns.ids[Int(channel.value)]) }
        for channel in channels {
            writer.writeLittleEndian(columns.capacities[Int(channel.value)].value)
        }
        for channel in channels { writer.writeLittleEndian(columns.fundings[Int(channel.value)]) }
        for channel in channels {
            writer.writeLittleEndian(places[Int(columns.ends[Int(channel.value)].lesser)])
        }
        for channel in channels {
            writer.writeLittleEndian(places[Int(columns.ends[Int(channel.value)].greater)])
        }
        for channel in channels { writer.writeByte(columns.flags[Int(channel.value)].rawValue) }
    }

    private static func write(
        _ directions: [DirectionIndex], of graph: ChannelGraph, to writer: inout ByteWriter
    ) {
        let policies = directions.map { graph.directions.policies[Int($0.value)] }
        for policy in policies { writer.writeLittleEndian(policy.htlcMinimum.value) }
        for policy in policies { writer.writeLittleEndian(policy.htlcMaximum.value) }
        for policy in policies { writer.writeLittleEndian(policy.timestamp) }
        for policy in policies { writer.writeLittleEndian(policy.feeBase) }
        for policy in policies { writer.writeLittleEndian(policy.feeProportionalMillionths) }
        for direction in directions { writer.writeLittleEndian(graph.checksum(direction)) }
        for policy in policies { writer.writeLittleEndian(policy.cltvExpiryDelta) }
        for policy in policies { writer.writeByte(policy.isDisabled ? 1 : 0) }
    }
}
