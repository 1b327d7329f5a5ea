import Bitcoin
import LightningWire

/// A graph as two tables of comma-separated text, as researchers exchange them: one of nodes, one of directions.
///
/// Nodes: `index,node_id`. Directions, two lines for each channel: `scid,node1_index,node2_index,direction,capacity_sat,`
/// `base_fee_msat,fee_ppm,cltv_delta,htlc_min_msat,htlc_max_msat,disabled`.
public enum GraphTable {
    /// Why a table cannot be read: the line, counted from 1, and what is wrong with it.
    public struct Failure: Error, Equatable, Sendable {
        public let line: Int
        public let reason: String
    }

    /// The graph of both tables, which begin with a line of names. `timestamp` stands for the time of every update.
    public static func read(
        nodes: [UInt8], directions: [UInt8], timestamp: UInt32
    ) throws(Failure) -> ChannelGraph {
        var ids: [NodeID] = []
        for (index, line) in lines(nodes).enumerated().dropFirst() {
            let fields = line.split(separator: UInt8(ascii: ","))
            guard fields.count == 2, number(fields[0]) == UInt64(ids.count),
                let id = try? NodeID(hex: String(decoding: fields[1], as: UTF8.self))
            else { throw Failure(line: index + 1, reason: "not a node") }
            ids.append(id)
        }
        var graph = ChannelGraph()
        for (index, line) in lines(directions).enumerated().dropFirst() {
            guard let row = Row(line), let node1 = ids[checked: row.node1],
                let node2 = ids[checked: row.node2]
            else { throw Failure(line: index + 1, reason: "not a direction") }
            do throws(GraphError) {
                let known = graph.channel(row.id)
                let channel =
                    if let known { known } else {
                        try graph.add(
                            GraphChannel(
                                id: row.id, node1: min(node1, node2), node2: max(node1, node2),
                                capacity: row.capacity))
                    }
                var policy = row.policy
                policy.timestamp = timestamp
                // A direction without limits has no update.
                guard policy.htlcMaximum > .zero else { continue }
                graph.update(channel.direction(row.side), policy)
            } catch {
                throw Failure(line: index + 1, reason: "\(error)")
            }
        }
        return graph
    }

    private struct Row {
        var id: ShortChannelID
        var node1: UInt64
        var node2: UInt64
        var side: UInt8
        var capacity: Satoshi
        var policy: DirectionPolicy

        init?(_ line: ArraySlice<UInt8>) {
            let fields = line.split(separator: UInt8(ascii: ","))
            guard fields.count == 11,
                let id = ShortChannelID(String(decoding: fields[0], as: UTF8.self))
            else { return nil }
            let numbers = fields.dropFirst().compactMap(GraphTable.number)
            guard numbers.count == 10, numbers[2] < 2,
                let capacity = Int64(exactly: numbers[3]), let base = UInt32(exactly: numbers[4]),
                let proportional = UInt32(exactly: numbers[5]),
                let delta = UInt16(exactly: numbers[6])
            else { return nil }
            self.id = id
            (node1, node2, side) = (numbers[0], numbers[1], UInt8(numbers[2]))
            self.capacity = Satoshi(capacity)
            guard self.capacity.isValidOutputAmount else { return nil }
            policy = DirectionPolicy(
                timestamp: 0, feeBase: base, feeProportionalMillionths: proportional,
                htlcMinimum: MilliSatoshi(numbers[7]), htlcMaximum: MilliSatoshi(numbers[8]),
                cltvExpiryDelta: delta, isDisabled: numbers[9] != 0)
        }
    }

    private static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "\n"))
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard digits.count <= 19, !digits.isEmpty else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + UInt64(digit - UInt8(ascii: "0"))
        }
        return value
    }
}

extension Array {
    fileprivate subscript(checked index: UInt64) -> Element? {
        index < UInt64(count) ? self[Int(index)] : nil
    }
}
