/// What is to happen, in the order of its time; what is due at the same instant, in the order in which it was put in.
package struct EventQueue<Event> {
    private struct Entry {
        let time: VirtualTime
        let number: UInt64
        let event: Event

        func isBefore(_ other: Entry) -> Bool {
            (time.milliseconds, number) < (other.time.milliseconds, other.number)
        }
    }

    /// A binary heap: each entry is before the two at twice its index.
    private var heap: [Entry] = []
    private var nextNumber: UInt64 = 0

    /// An empty queue.
    package init() {}

    /// Whether nothing is to happen any more.
    package var isEmpty: Bool { heap.isEmpty }

    /// How much is to happen.
    package var count: Int { heap.count }

    /// Puts an event in.
    package mutating func insert(_ event: Event, at time: VirtualTime) {
        heap.append(Entry(time: time, number: nextNumber, event: event))
        nextNumber += 1
        var index = heap.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard heap[index].isBefore(heap[parent]) else { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }

    /// Takes the next event out.
    package mutating func next() -> (time: VirtualTime, event: Event)? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        return (first.time, first.event)
    }

    private mutating func sink() {
        var index = 0
        while true {
            let left = 2 * index + 1
            guard left < heap.count else { return }
            let right = left + 1
            let least = right < heap.count && heap[right].isBefore(heap[left]) ? right : left
            guard heap[least].isBefore(heap[index]) else { return }
            heap.swapAt(index, least)
            index = least
        }
    }
}
