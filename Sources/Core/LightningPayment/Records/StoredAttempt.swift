import Bitcoin
import LightningWire

/// A part that reached the payee, in as few bytes as tell all of it beside the payment: 21 for one HTLC to a peer. How long
/// each hop held it is not kept.
struct StoredAttempt: BinaryCodable {
    private let number: UInt64
    /// In milliseconds after the payment began.
    private let start: UInt64
    /// In milliseconds.
    private let duration: UInt64
    /// Nil where the payee got all of the payment with it.
    private let amount: MilliSatoshi?
    /// With a blank node at the end where that is the payee.
    private let route: PaymentRoute

    private enum Flags {
        static let namesLast: UInt8 = 1
        static let hasTail: UInt8 = 2
        static let isPart: UInt8 = 4
    }

    /// The stored form of an attempt for `order` that began at `created`.
    init(_ attempt: PaymentAttempt, of order: PaymentOrder, created: UInt64) {
        number = attempt.number
        start = attempt.started - min(created, attempt.started)
        duration = (attempt.ended ?? attempt.started) - attempt.started
        amount = attempt.amount == order.amount ? nil : attempt.amount
        var route = attempt.route
        if route.blindedTail == nil, let last = route.hops.indices.last,
            order.request != nil || order.payee == route.hops[last].node
        {
            route.hops[last].node = .blank
        }
        self.route = route
    }

    /// The attempt for `order`, which began at `created`.
    func attempt(_ order: PaymentOrder, created: UInt64) -> PaymentAttempt {
        var route = route
        let delivered = amount ?? order.amount
        route.blindedTail?.amount = delivered
        // What is stored of amounts is what each hop takes.
        var sum = delivered
        for index in route.hops.indices.reversed() {
            sum = sum.adding(route.hops[index].amount) ?? .maximumMoney
            route.hops[index].amount = sum
        }
        if let last = route.hops.indices.last, route.hops[last].node == .blank {
            route.hops[last].node = order.payee ?? .blank
        }
        let started = created &+ start
        return PaymentAttempt(
            number: number, route: route, started: started,
            status: .succeeded(at: started &+ duration, holdTimes: []))
    }

    init(from reader: inout ByteReader) throws(DecodeError) {
        number = try reader.readBigSize()
        start = try reader.readBigSize()
        duration = try reader.readBigSize()
        let flags = try reader.readByte()
        amount =
            flags & Flags.isPart == 0 ? nil : MilliSatoshi(try reader.readBigSize())
        var expiry = BlockHeight(UInt32(truncatingIfNeeded: try reader.readBigSize()))
        var tail: BlindedTail?
        if flags & Flags.hasTail != 0 {
            tail = BlindedTail(
                path: try BlindedPath(fromWire: &reader), amount: .zero, cltvExpiry: expiry)
        }
        let count = Int(try reader.readByte())
        var hops: [RouteHop] = []
        for index in 0..<count {
            let isLast = index == 0
            let isNamed = !isLast || flags & Flags.namesLast != 0
            let node = isNamed ? try NodeID(fromWire: &reader) : .blank
            let channel = try ShortChannelID(fromWire: &reader)
            var fee = MilliSatoshi.zero
            if !isLast || tail != nil {
                fee = MilliSatoshi(try reader.readBigSize())
                let (blocks, height) = (try reader.readBigSize(), UInt64(expiry.value))
                expiry = BlockHeight(UInt32(clamping: height.addingReportingOverflow(blocks).0))
            }
            hops.append(RouteHop(node: node, channel: channel, amount: fee, cltvExpiry: expiry))
        }
        route = PaymentRoute(hops: hops.reversed(), blindedTail: tail)
    }

    func write(to writer: inout ByteWriter) {
        writer.writeBigSize(number)
        writer.writeBigSize(start)
        writer.writeBigSize(duration)
        let namesLast = route.hops.last.map { $0.node != .blank } ?? false
        writer.writeByte(
            (namesLast ? Flags.namesLast : 0) | (route.blindedTail == nil ? 0 : Flags.hasTail)
                | (amount == nil ? 0 : Flags.isPart))
        if let amount { writer.writeBigSize(amount.value) }
        let tail = route.blindedTail
        var before = route.deliveredAmount
        var expiry = tail?.cltvExpiry ?? route.hops.last?.cltvExpiry ?? BlockHeight(0)
        writer.writeBigSize(UInt64(expiry.value))
        tail?.path.write(toWire: &writer)
        writer.writeByte(UInt8(truncatingIfNeeded: route.hops.count))
        for (index, hop) in route.hops.reversed().enumerated() {
            if index > 0 || namesLast { hop.node.write(toWire: &writer) }
            hop.channel.write(toWire: &writer)
            guard index > 0 || tail != nil else { continue }
            writer.writeBigSize((hop.amount.subtracting(before) ?? .zero).value)
            writer.writeBigSize(UInt64(clamping: hop.cltvExpiry - expiry))
            (before, expiry) = (hop.amount, hop.cltvExpiry)
        }
    }
}
