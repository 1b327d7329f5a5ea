/// Things that are due at some time, the earliest first: a binary heap.
///
/// What is no longer wanted may stay until it is due; whoever takes it finds that it is gone.
struct DeadlineQueue<Item: Sendable>: Sendable {
    private var heap: [(time: UInt64, item: Item)] = []

    var count: Int { heap.count }

    /// When the first thing is due.
    var next: UInt64? { heap.first?.time }

    /// Drops what is no longer wanted, once it is more than half of all: so a queue never grows with what is over.
    mutating func trim(wanted: Int, _ isWanted: (Item) -> Bool) {
        guard heap.count > 2 * wanted + 64 else { return }
        heap = heap.filter { isWanted($0.item) }.sorted { $0.time < $1.time }
    }

    mutating func insert(_ item: Item, at time: UInt64) {
        heap.append((time, item))
        var child = heap.count - 1
        while child > 0, heap[child].time < heap[(child - 1) / 2].time {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes one thing that is due at `time` or before; nil where there is none.
    mutating func popDue(at time: UInt64) -> Item? {
        guard let first = heap.first, first.time <= time else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].time < heap[least].time { least = child }
            }
            guard least != parent else { return first.item }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
