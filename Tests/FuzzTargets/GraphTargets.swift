import Bitcoin
import LightningGraph
import LightningWire

extension FuzzTarget {
    /// The stored graph, and what is derived from one.
    static let graphs: [FuzzTarget] = [
        FuzzTarget("graph-store", seeds: [storedGraph(channels: 0), storedGraph(channels: 3)]) {
            bytes in
            _ = try? GraphStore.decode(bytes)
            // With a checksum that fits, so that what is behind it is reached.
            var writer = ByteWriter()
            writer.write(bytes.dropLast(4))
            writer.writeLittleEndian(CRC32C.checksum(Array(bytes.dropLast(4))))
            guard let contents = try? GraphStore.decode(writer.bytes) else { return }
            let encoded = GraphStore.encode(contents)
            guard let again = try? GraphStore.decode(encoded),
                again.graph.channelCount == contents.graph.channelCount,
                GraphStore.encode(again) == encoded
            else { throw FuzzFailure("graph-store: what was read is not what is written") }
            search(contents.graph)
        }
    ]

    /// Looks for paths between all nodes of a small graph, and takes it apart.
    private static func search(_ graph: ChannelGraph) {
        let finder = PathFinder()
        let nodes = graph.allNodes.prefix(8).map { graph.id($0) }
        for payer in nodes {
            for payee in nodes where payer != payee {
                for amount in [1, 1_000_000, 1 << 42] as [UInt64] {
                    let request = PathRequest(
                        payer: payer, payee: .node(payee), amount: MilliSatoshi(amount))
                    _ = try? finder.path(request, in: graph, knowing: LiquidityView())
                }
            }
        }
        var rest = graph
        for channel in graph.allChannels { rest.remove(channel) }
    }

    private static func storedGraph(channels: Int) -> [UInt8] {
        var graph = ChannelGraph()
        for number in 0..<channels {
            guard let node1 = node(number + 1), let node2 = node(number + 2),
                let channel = try? graph.add(
                    GraphChannel(
                        id: ShortChannelID(UInt64(number + 1)), node1: node1, node2: node2,
                        capacity: Satoshi(1_000_000)))
            else { continue }
            let policy = DirectionPolicy(
                timestamp: 1, feeBase: 1, feeProportionalMillionths: 1, htlcMinimum: .zero,
                htlcMaximum: MilliSatoshi(1_000_000_000), cltvExpiryDelta: 1)
            let fee =
                number == 0 ? InboundFee(base: -1, proportionalMillionths: -1) : nil
            for side in UInt8(0)...1 {
                graph.update(channel.direction(side), policy, inboundFee: fee)
            }
        }
        return GraphStore.encode(.init(graph: graph, savedAt: 1, key: .init(.zero)))
    }

    private static func node(_ number: Int) -> NodeID? {
        let bytes = [2] + [UInt8](repeating: 0, count: 31) + [UInt8(number)]
        return (try? Point(bytes)).map(NodeID.init)
    }
}
