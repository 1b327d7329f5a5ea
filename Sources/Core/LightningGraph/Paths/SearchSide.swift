/// What a search knows of a node: the best way found so far between it and where the search began.
struct SearchLabel: BitwiseCopyable {
    var cost: UInt64
    /// What the node has to get, in millisatoshi.
    var amount: UInt64
    /// The edge that leads on: a direction, or the number of an extra edge with ``SearchSpace/extraBit``.
    var edge: UInt32
    /// The search that wrote the label: others see nothing here.
    var stamp: UInt32
    /// What of the amount is the node's own fee, in millisatoshi, at most 2^32 - 1.
    var outboundFee: UInt32
    /// Blocks until the node's HTLC expires.
    var delta: UInt16
    var hops: UInt8
    var isSettled: Bool
}

/// One end of a search: labels by node and a queue of nodes by cost, reused by every search of a ``PathFinder``.
///
/// Both lie in memory of their own, because the search does little else than to touch them.
final class SearchSide {
    /// Queue entries hold the cost above and the node in the lowest 20 bits.
    static let nodeBits: UInt64 = 20
    /// Costs from here on are no costs of a path: 2^44 msat.
    static let costLimit: UInt64 = 1 << 44

    private(set) var labels: UnsafeMutableBufferPointer<SearchLabel>
    private var queue: UnsafeMutableBufferPointer<UInt64>
    private(set) var queued = 0
    private(set) var stamp: UInt32 = 0
    /// How many nodes the search has settled.
    private(set) var settled = 0

    init() {
        labels = .allocate(capacity: 0)
        queue = .allocate(capacity: 1024)
        queue.initialize(repeating: 0)
    }

    deinit {
        labels.deallocate()
        queue.deallocate()
    }

    /// Starts a search among `nodes` nodes.
    func begin(nodes: Int) {
        if nodes > labels.count || stamp == .max {
            labels.deallocate()
            labels = .allocate(capacity: nodes + nodes / 8)
            labels.initialize(
                repeating: SearchLabel(
                    cost: 0, amount: 0, edge: 0, stamp: 0, outboundFee: 0, delta: 0, hops: 0,
                    isSettled: false))
            stamp = 0
        }
        stamp += 1
        queued = 0
        settled = 0
    }

    /// The label of a node in this search.
    @inline(__always) func label(_ node: UInt32) -> SearchLabel? {
        let label = labels[Int(node)]
        return label.stamp == stamp ? label : nil
    }

    /// The cost of a node; the greatest number where this search has not seen it.
    @inline(__always) func cost(_ node: UInt32) -> UInt64 {
        let label = labels[Int(node)]
        return label.stamp == stamp ? label.cost : .max
    }

    /// Writes the label of a node and queues it.
    @inline(__always) func improve(_ node: UInt32, _ label: SearchLabel) {
        labels[Int(node)] = label
        push(label.cost << Self.nodeBits | UInt64(node))
    }

    /// The least cost in the queue; nil where it is empty.
    @inline(__always) var least: UInt64? {
        while queued > 0 {
            let entry = queue[0]
            let label = labels[Int(entry & (1 << Self.nodeBits - 1))]
            if !label.isSettled, label.cost == entry >> Self.nodeBits { return label.cost }
            pop()
        }
        return nil
    }

    /// Takes the node of least cost out of the queue for good; ``least`` has just told that there is one.
    @inline(__always) func settle() -> UInt32 {
        let node = UInt32(queue[0] & (1 << Self.nodeBits - 1))
        labels[Int(node)].isSettled = true
        settled += 1
        pop()
        return node
    }

    private func push(_ entry: UInt64) {
        if queued == queue.count { growQueue() }
        var hole = queued
        queued += 1
        while hole > 0 {
            let parent = (hole - 1) >> 2
            let above = queue[parent]
            if above <= entry { break }
            queue[hole] = above
            hole = parent
        }
        queue[hole] = entry
    }

    private func pop() {
        queued -= 1
        let entry = queue[queued]
        var hole = 0
        while true {
            let first = hole << 2 + 1
            if first >= queued { break }
            var child = first
            var least = queue[first]
            for other in first + 1..<min(first + 4, queued) where queue[other] < least {
                (child, least) = (other, queue[other])
            }
            if least >= entry { break }
            queue[hole] = least
            hole = child
        }
        queue[hole] = entry
    }

    private func growQueue() {
        let larger = UnsafeMutableBufferPointer<UInt64>.allocate(capacity: queue.count * 2)
        larger.initialize(repeating: 0)
        for index in 0..<queued { larger[index] = queue[index] }
        queue.deallocate()
        queue = larger
    }
}
