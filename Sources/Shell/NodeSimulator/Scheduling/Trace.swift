import Bitcoin

/// A hash over everything that happened, and on demand its last lines in words.
///
/// Two runs with the same hash had the same inputs, writes and effects at every node, in the same order.
package struct Trace {
    private var hasher = SHA256()
    private var lines: [String] = []
    private let capacity: Int
    /// How many things happened.
    private(set) package var count: UInt64 = 0

    /// A trace that keeps that many lines.
    package init(keepingLines capacity: Int) { self.capacity = capacity }

    /// Whether lines are kept, so that it is worth making them.
    var isVerbose: Bool { capacity > 0 }

    /// Takes note of something that happened, at a node or to the world.
    mutating func note(
        _ kind: TraceKind, at time: VirtualTime, node: Int? = nil, _ bytes: [UInt8],
        _ text: @autoclosure () -> String
    ) {
        var header = ByteWriter(capacity: 16)
        header.writeBigEndian(time.milliseconds)
        header.writeBigEndian(kind.rawValue)
        header.writeBigEndian(UInt16(node ?? 0xffff))
        header.writeBigEndian(UInt32(bytes.count))
        hasher.update(header.bytes)
        hasher.update(bytes)
        count += 1
        guard capacity > 0 else { return }
        if lines.count >= 2 * capacity { lines.removeFirst(capacity) }
        let place = node.map { "node \($0)" } ?? "world"
        let seconds = time.milliseconds / 1_000
        let fraction = String(1_000 + time.milliseconds % 1_000).dropFirst()
        lines.append("\(seconds).\(fraction) \(place) \(kind): \(text())")
    }

    /// Takes note of something of which the kind says all that the hash needs.
    mutating func note(
        _ kind: TraceKind, at time: VirtualTime, node: Int? = nil, _ text: @autoclosure () -> String
    ) {
        note(kind, at: time, node: node, [], text())
    }

    /// The last lines, oldest first.
    package var lastLines: [String] { Array(lines.suffix(capacity)) }

    /// The hash over all that happened so far.
    package var hash: Hash256 {
        let copy = hasher
        return copy.finalize()
    }
}

/// What a line of the trace tells.
enum TraceKind: UInt8 {
    case input, write, release, log, block, reorganisation, market, mempool, crash, restart
    case disk, link, workload, adversary, phase
}
