/// The edges of every node, each node's beside each other (compressed sparse rows), with room to grow in place.
///
/// A list that outgrows its room moves to the end; once half the room is lost so, all lists are laid out anew. Where each
/// direction's edge lies is kept too, as lists of thousands would be slow to look through for every update.
struct EdgeLists: Sendable {
    struct List: Sendable, BitwiseCopyable {
        var first: UInt32 = 0
        var count: UInt32 = 0
        var room: UInt32 = 0
    }

    private static let nowhere = UInt32.max

    private(set) var edges: [Edge] = []
    private(set) var lists: [List] = []
    /// By direction: the place of its edge.
    private var places: [UInt32] = []
    private var lost = 0

    init() {}

    /// Lists for `nodes` nodes of all edges at once, each with the node that lists it, in that order. With slack, each list
    /// has room for a quarter more.
    init(
        nodes: Int, directions: Int, hasSlack: Bool = false, _ entries: [(node: UInt32, edge: Edge)]
    ) {
        lists = [List](repeating: List(), count: nodes)
        places = [UInt32](repeating: Self.nowhere, count: directions)
        for entry in entries { lists[Int(entry.node)].room += 1 }
        var first: UInt32 = 0
        for node in lists.indices {
            if hasSlack { lists[node].room += lists[node].room / 4 + 1 }
            lists[node].first = first
            first += lists[node].room
        }
        guard let filler = entries.first else {
            for node in lists.indices { lists[node].room = 0 }
            return
        }
        edges = [Edge](repeating: filler.edge, count: Int(first))
        for entry in entries {
            let node = Int(entry.node)
            put(entry.edge, at: lists[node].first + lists[node].count)
            lists[node].count += 1
        }
    }

    /// Makes room for one more node.
    mutating func addNode() { lists.append(List()) }

    /// Puts `edge` in the place of the node's edge of that direction; nil removes it.
    mutating func set(_ edge: Edge?, of direction: DirectionIndex, at node: NodeIndex) {
        let node = Int(node.value)
        while places.count <= Int(direction.value) { places.append(Self.nowhere) }
        let place = places[Int(direction.value)]
        if let edge {
            place == Self.nowhere ? append(edge, to: node) : put(edge, at: place)
        } else if place != Self.nowhere {
            places[Int(direction.value)] = Self.nowhere
            lists[node].count -= 1
            let last = lists[node].first + lists[node].count
            if place != last { put(edges[Int(last)], at: place) }
        }
    }

    private mutating func put(_ edge: Edge, at place: UInt32) {
        edges[Int(place)] = edge
        places[Int(edge.direction)] = place
    }

    private mutating func append(_ edge: Edge, to node: Int) {
        var list = lists[node]
        if list.count == list.room {
            // In an array of its own: appending a slice of an array to it copies all of it.
            let moved = Array(edges[Int(list.first)..<Int(list.first + list.count)])
            lost += Int(list.room)
            list.first = UInt32(edges.count)
            list.room = max(2, list.room * 2)
            edges.append(contentsOf: moved)
            edges.append(contentsOf: repeatElement(edge, count: Int(list.room - list.count)))
            for place in list.first..<list.first + list.count {
                places[Int(edges[Int(place)].direction)] = place
            }
        }
        put(edge, at: list.first + list.count)
        list.count += 1
        lists[node] = list
        if lost > 4096, lost * 2 > edges.count { layOut() }
    }

    private mutating func layOut() {
        var entries: [(node: UInt32, edge: Edge)] = []
        for (node, list) in lists.enumerated() {
            for edge in edges[Int(list.first)..<Int(list.first + list.count)] {
                entries.append((UInt32(node), edge))
            }
        }
        // Without slack, the next additions would move their lists to the end again.
        self = EdgeLists(
            nodes: lists.count, directions: places.count, hasSlack: true, entries)
    }
}
