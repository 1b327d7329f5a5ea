import Bitcoin
import LightningGraph
import LightningWire

/// A way over private channels, as it stands in an invoice, after a byte with the number of its hops.
struct StoredRouteHint: BinaryCodable {
    let hops: [RouteHintHop]

    init(hops: [RouteHintHop]) { self.hops = hops }

    init(from reader: inout ByteReader) throws(DecodeError) {
        var hops: [RouteHintHop] = []
        for _ in 0..<(try reader.readByte()) {
            hops.append(
                RouteHintHop(
                    nodeID: try NodeID(fromWire: &reader),
                    shortChannelID: ShortChannelID(try reader.readBigEndian()),
                    feeBase: try reader.readBigEndian(),
                    feeProportionalMillionths: try reader.readBigEndian(),
                    cltvExpiryDelta: try reader.readBigEndian()))
        }
        self.hops = hops
    }

    func write(to writer: inout ByteWriter) {
        writer.writeByte(UInt8(truncatingIfNeeded: hops.count))
        for hop in hops {
            hop.nodeID.write(toWire: &writer)
            writer.writeBigEndian(hop.shortChannelID.value)
            writer.writeBigEndian(hop.feeBase)
            writer.writeBigEndian(hop.feeProportionalMillionths)
            writer.writeBigEndian(hop.cltvExpiryDelta)
        }
    }
}

extension BlindedDestination: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        path = try BlindedPath(fromWire: &reader)
        terms = BlindedEnd(
            introduction: try NodeID(fromWire: &reader), feeBase: try reader.readBigEndian(),
            feeProportionalMillionths: try reader.readBigEndian(),
            cltvExpiryDelta: try reader.readBigEndian(),
            htlcMinimum: MilliSatoshi(try reader.readBigSize()),
            htlcMaximum: MilliSatoshi(try reader.readBigSize()))
    }

    public func write(to writer: inout ByteWriter) {
        path.write(toWire: &writer)
        terms.introduction.write(toWire: &writer)
        writer.writeBigEndian(terms.feeBase)
        writer.writeBigEndian(terms.feeProportionalMillionths)
        writer.writeBigEndian(terms.cltvExpiryDelta)
        writer.writeBigSize(terms.htlcMinimum.value)
        writer.writeBigSize(terms.htlcMaximum.value)
    }
}

/// Bounds and end of a search; what was found out on the way is found out anew after a start.
extension RouteSearch: BinaryCodable {
    init(from reader: inout ByteReader) throws(DecodeError) {
        let end = try reader.readBigSize()
        var options = SendOptions(
            feeLimit: MilliSatoshi(try reader.readBigSize()), timeout: try reader.readBigSize(),
            maximumParts: Int(clamping: try reader.readBigSize()))
        options.cltvLimit = try reader.readBigEndian()
        let flags = try reader.readByte()
        options.allowsSelf = flags & 1 != 0
        if flags & 2 != 0 { options.lastHop = try NodeID(fromWire: &reader) }
        if flags & 4 != 0 { options.largestPart = MilliSatoshi(try reader.readBigSize()) }
        if flags & 8 != 0 { options.successWeight = Int8(bitPattern: try reader.readByte()) }
        for _ in 0..<(try reader.readBigSize()) {
            options.outgoingChannels.insert(try ShortChannelID(fromWire: &reader))
        }
        self.init(options, end: end)
    }

    func write(to writer: inout ByteWriter) {
        writer.writeBigSize(end)
        writer.writeBigSize(options.feeLimit.value)
        writer.writeBigSize(options.timeout)
        writer.writeBigSize(UInt64(clamping: options.maximumParts))
        writer.writeBigEndian(options.cltvLimit)
        writer.writeByte(
            (options.allowsSelf ? 1 : 0) | (options.lastHop == nil ? 0 : 2)
                | (options.largestPart == nil ? 0 : 4)
                | (options.successWeight == 0 ? 0 : 8))
        options.lastHop?.write(toWire: &writer)
        if let largest = options.largestPart { writer.writeBigSize(largest.value) }
        if options.successWeight != 0 { writer.writeByte(UInt8(bitPattern: options.successWeight)) }
        writer.writeBigSize(UInt64(options.outgoingChannels.count))
        for channel in options.outgoingChannels.sorted(by: { $0.value < $1.value }) {
            channel.write(toWire: &writer)
        }
    }
}
