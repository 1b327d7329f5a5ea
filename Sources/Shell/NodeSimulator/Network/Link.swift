/// Two nodes that want to be connected, and the connection between them while there is one.
struct Link {
    /// The two nodes, the lower index first.
    struct Pair: Hashable, Comparable {
        let low: Int
        let high: Int

        init(_ left: Int, _ right: Int) { (low, high) = (min(left, right), max(left, right)) }

        func contains(_ node: Int) -> Bool { low == node || high == node }

        static func < (left: Pair, right: Pair) -> Bool {
            (left.low, left.high) < (right.low, right.high)
        }
    }

    /// One side of a connection.
    struct End: Hashable {
        let node: Int
        let peer: Int

        var pair: Pair { Pair(node, peer) }
        var other: End { End(node: peer, peer: node) }
    }

    /// Counts the connections that there were, so that what is on its way over an earlier one is lost.
    private(set) var generation = 0
    /// Whether what is sent arrives.
    private(set) var isCarrying = false
    /// Nodes that take the connection to be there.
    private(set) var openEnds: Set<Int> = []
    /// Whether messages vanish and no connection can be made.
    var isPartitioned = false
    /// Whether an attempt to connect is due.
    var isConnectDue = false
    /// How many messages are on their way.
    var inFlight = 0
    /// When the last message to each node arrives, so that none overtakes another.
    private var lastArrival: [Int: VirtualTime] = [:]

    /// Whether a new connection can be made.
    var isFree: Bool { openEnds.isEmpty && !isPartitioned }

    mutating func connect(_ pair: Pair) {
        generation += 1
        isCarrying = true
        openEnds = [pair.low, pair.high]
        lastArrival = [:]
        inFlight = 0
    }

    /// Nothing that is on its way arrives any more; each end notices later.
    mutating func breakOff() { isCarrying = false }

    /// Takes note that a node knows of the end.
    mutating func close(_ node: Int) {
        isCarrying = false
        openEnds.remove(node)
    }

    /// When a message that would take until `time` reaches `node`: never before an earlier one.
    mutating func arrival(at node: Int, notBefore time: VirtualTime) -> VirtualTime {
        let arrival = max(time, lastArrival[node] ?? .start)
        lastArrival[node] = arrival
        return arrival
    }
}
