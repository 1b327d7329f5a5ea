import Bitcoin
import LightningWire

extension GraphStore {
    /// Reads a file, mapped or not. Nothing is reserved before the size is known to be right; every place and value is
    /// checked, so that whatever the bytes are, a graph that comes out of it is whole.
    public static func decode(_ bytes: RawSpan) throws(GraphStoreError) -> Contents {
        let result: Result<Contents, GraphStoreError>
        do throws(DecodeError) {
            var reader = ByteReader(bytes)
            result = try decode(bytes, &reader)
        } catch {
            throw .wrongSize(expected: headerSize, actual: bytes.byteCount)
        }
        return try result.get()
    }

    /// Reads a file.
    public static func decode(_ bytes: [UInt8]) throws(GraphStoreError) -> Contents {
        try decode(bytes.span.bytes)
    }

    private struct Counts {
        var nodes: Int
        var channels: Int
        var inboundFees: Int
    }

    // Two kinds of errors meet here: what the reader throws, which the size that was checked rules out, and the result's.
    private static func decode(
        _ bytes: RawSpan, _ reader: inout ByteReader
    ) throws(DecodeError) -> Result<Contents, GraphStoreError> {
        guard bytes.byteCount >= magic.count, try reader.readBytes(magic.count) == magic else {
            return .failure(.notAGraph)
        }
        let version: UInt32 = try reader.readLittleEndian()
        guard version == Self.version else { return .failure(.unknownVersion(version)) }
        let counts = Counts(
            nodes: Int(try reader.readLittleEndian(UInt32.self)),
            channels: Int(try reader.readLittleEndian(UInt32.self)),
            inboundFees: Int(try reader.readLittleEndian(UInt32.self)))
        let savedAt: UInt64 = try reader.readLittleEndian()
        let key = FundingFingerprintKey(
            first: try reader.readLittleEndian(), second: try reader.readLittleEndian())
        do throws(GraphStoreError) {
            try check(counts, bytes)
        } catch {
            return .failure(error)
        }
        var graph = ChannelGraph()
        graph.nodes = try readNodes(counts.nodes, &reader)
        graph.channels = try readChannels(counts.channels, &reader)
        graph.directions = try readDirections(counts.channels * 2, &reader)
        let fees = try readInboundFees(counts.inboundFees, &reader)
        do throws(GraphStoreError) {
            try graph.adopt(fees)
        } catch {
            return .failure(error)
        }
        graph.layOutEdges()
        return .success(Contents(graph: graph, savedAt: savedAt, key: key))
    }

    private static func check(_ counts: Counts, _ bytes: RawSpan) throws(GraphStoreError) {
        let limits = [
            (counts.nodes, ChannelGraph.maximumNodes),
            (counts.channels, ChannelGraph.maximumChannels),
            (counts.inboundFees, 2 * counts.channels),
        ]
        for (count, limit) in limits where count > limit {
            throw .tooLarge(count: UInt64(count), limit: UInt64(limit))
        }
        let expected = size(
            nodes: counts.nodes, channels: counts.channels, inboundFees: counts.inboundFees)
        guard bytes.byteCount == expected else {
            throw .wrongSize(expected: expected, actual: bytes.byteCount)
        }
        var checksum = CRC32C()
        checksum.add(bytes.extracting(droppingLast: 4))
        let stored = UInt32(
            littleEndian: bytes.unsafeLoadUnaligned(
                fromByteOffset: expected - 4, as: UInt32.self))
        guard stored == checksum.value else {
            throw .wrongChecksum(expected: stored, actual: checksum.value)
        }
    }

    private static func readNodes(
        _ count: Int, _ reader: inout ByteReader
    ) throws(DecodeError) -> NodeColumns {
        let prefixes = try reader.readBytes(count)
        var nodes = NodeColumns()
        nodes.ids.reserveCapacity(count)
        for prefix in prefixes {
            nodes.ids.append(NodeID(Point(prefix: prefix, x: try reader.readHash256())))
        }
        nodes.timestamps = try column(count, &reader)
        nodes.flags = try column(count, &reader).map(NodeColumns.Flags.init)
        nodes.channelCounts = [UInt32](repeating: 0, count: count)
        return nodes
    }

    private static func readChannels(
        _ count: Int, _ reader: inout ByteReader
    ) throws(DecodeError) -> ChannelColumns {
        var channels = ChannelColumns()
        channels.ids = try column(count, &reader)
        channels.capacities = try column(count, &reader).map { Satoshi($0) }
        channels.fundings = try column(count, &reader)
        let lesser: [UInt32] = try column(count, &reader)
        let greater: [UInt32] = try column(count, &reader)
        channels.ends = zip(lesser, greater).map {
            ChannelColumns.Ends(lesser: $0, greater: $1)
        }
        channels.flags = try column(count, &reader).map(ChannelColumns.Flags.init)
        return channels
    }

    private static func readDirections(
        _ count: Int, _ reader: inout ByteReader
    ) throws(DecodeError) -> DirectionColumns {
        var directions = DirectionColumns()
        let minima: [UInt64] = try column(count, &reader)
        let maxima: [UInt64] = try column(count, &reader)
        let timestamps: [UInt32] = try column(count, &reader)
        let bases: [UInt32] = try column(count, &reader)
        let proportionals: [UInt32] = try column(count, &reader)
        directions.checksums = try column(count, &reader)
        let deltas: [UInt16] = try column(count, &reader)
        let flags: [UInt8] = try column(count, &reader)
        directions.policies = (0..<count).map { index in
            DirectionPolicy(
                timestamp: timestamps[index], feeBase: bases[index],
                feeProportionalMillionths: proportionals[index],
                htlcMinimum: MilliSatoshi(minima[index]), htlcMaximum: MilliSatoshi(maxima[index]),
                cltvExpiryDelta: deltas[index], isDisabled: flags[index] & 1 == 1)
        }
        return directions
    }

    private static func readInboundFees(
        _ count: Int, _ reader: inout ByteReader
    ) throws(DecodeError) -> [(direction: UInt32, fee: InboundFee)] {
        let directions: [UInt32] = try column(count, &reader)
        let bases: [Int32] = try column(count, &reader)
        let proportionals: [Int32] = try column(count, &reader)
        return (0..<count).map {
            (directions[$0], InboundFee(base: bases[$0], proportionalMillionths: proportionals[$0]))
        }
    }

    /// The next `count` numbers, copied as they lie.
    private static func column<T: FixedWidthInteger & BitwiseCopyable>(
        _ count: Int, _ reader: inout ByteReader
    ) throws(DecodeError) -> [T] {
        let size = count * MemoryLayout<T>.size
        let values = try reader.peek(size).withUnsafeBytes { source in
            [T](unsafeUninitializedCapacity: count) { target, filled in
                UnsafeMutableRawBufferPointer(target).copyMemory(from: source)
                filled = count
            }
        }
        try reader.skip(size)
        return T(1).littleEndian == 1 ? values : values.map { T(littleEndian: $0) }
    }
}

extension ChannelGraph {
    /// Checks columns that were read, counts and indexes them, and puts the fees in their places.
    fileprivate mutating func adopt(
        _ fees: [(direction: UInt32, fee: InboundFee)]
    ) throws(GraphStoreError) {
        guard nodes.ids.allSatisfy({ $0.point.prefix == 2 || $0.point.prefix == 3 }) else {
            throw .invalidColumn("node ids")
        }
        var previous: UInt64 = 0
        for (slot, id) in channels.ids.enumerated() {
            guard id > previous else { throw .invalidColumn("channel ids") }
            previous = id
            let (ends, capacity) = (channels.ends[slot], channels.capacities[slot])
            guard ends.lesser < nodes.ids.count, ends.greater < nodes.ids.count,
                nodes.ids[Int(ends.lesser)] < nodes.ids[Int(ends.greater)]
            else { throw .invalidColumn("channel ends") }
            guard capacity.isValidOutputAmount else { throw .invalidColumn("capacities") }
            nodes.channelCounts[Int(ends.lesser)] += 1
            nodes.channelCounts[Int(ends.greater)] += 1
        }
        guard nodes.channelCounts.allSatisfy({ $0 > 0 }) else {
            throw .invalidColumn("nodes without channels")
        }
        for (direction, fee) in fees {
            guard direction < directions.policies.count,
                directions.policies[Int(direction)].timestamp != 0
            else { throw .invalidColumn("inbound fees") }
            directions.inboundFees[direction] = fee
        }
        try index()
    }

    private mutating func index() throws(GraphStoreError) {
        nodes.table = SlotTable(capacity: nodes.ids.count)
        for slot in nodes.ids.indices {
            guard nodes.find(nodes.ids[slot]) == nil else {
                throw .invalidColumn("repeated node ids")
            }
            nodes.table.insert(UInt32(slot)) { nodes.ids[Int($0)].hashValue }
        }
        channels.table = SlotTable(capacity: channels.ids.count)
        for slot in channels.ids.indices {
            channels.table.insert(UInt32(slot)) { channels.ids[Int($0)].hashValue }
        }
        let fundings = channels.fundings.indices.filter { channels.fundings[$0] != 0 }
        channels.fundingTable = SlotTable(capacity: fundings.count)
        for slot in fundings {
            channels.fundingTable.insert(UInt32(slot)) { channels.fundings[Int($0)].hashValue }
        }
    }
}
