/// The edges of every node, each node's beside each other (compressed sparse rows), with room to grow in place.
///
/// A list that outgrows its room moves to the end; once half the room is lost so, all lists are laid out anew.
struct EdgeLists: Sendable {
    struct List: Sendable, BitwiseCopyable {
        var first: UInt32 = 0
        var count: UInt32 = 0
        var room: UInt32 = 0
    }

    private(set) var edges: [Edge] = []
    private(set) var lists: [List] = []
    private var lost = 0

    init() {}

    /// Lists for `nodes` nodes of all `edges` at once, each with the node that lists it, in that order.
    init(nodes: Int, _ entries: [(node: UInt32, edge: Edge)]) {
        lists = [List](repeating: List(), count: nodes)
        for entry in entries { lists[Int(entry.node)].room += 1 }
        var first: UInt32 = 0
        for node in lists.indices {
            lists[node].first = first
            first += lists[node].room
        }
        guard let filler = entries.first else { return }
        edges = [Edge](repeating: filler.edge, count: entries.count)
        for entry in entries {
            let node = Int(entry.node)
            edges[Int(lists[node].first + lists[node].count)] = entry.edge
            lists[node].count += 1
        }
    }

    /// Makes room for one more node.
    mutating func addNode() { lists.append(List()) }

    /// The edges of `node`.
    func edges(of node: NodeIndex) -> ArraySlice<Edge> {
        let list = lists[Int(node.value)]
        return edges[Int(list.first)..<Int(list.first + list.count)]
    }

    /// Puts `edge` in the place of the node's edge of that direction; nil removes it.
    mutating func set(_ edge: Edge?, of direction: DirectionIndex, at node: NodeIndex) {
        let node = Int(node.value)
        let list = lists[node]
        let range = Int(list.first)..<Int(list.first + list.count)
        let position = edges[range].firstIndex { $0.direction == direction.value }
        switch (edge, position) {
        case (nil, nil): break
        case (let edge?, let position?): edges[position] = edge
        case (nil, let position?):
            edges[position] = edges[range.upperBound - 1]
            lists[node].count -= 1
        case (let edge?, nil): append(edge, to: node)
        }
    }

    private mutating func append(_ edge: Edge, to node: Int) {
        var list = lists[node]
        if list.count == list.room {
            let old = Int(list.first)..<Int(list.first + list.count)
            lost += Int(list.room)
            list.first = UInt32(edges.count)
            list.room = max(2, list.room * 2)
            edges.append(contentsOf: edges[old])
            edges.append(contentsOf: repeatElement(edge, count: Int(list.room - list.count)))
        }
        edges[Int(list.first + list.count)] = edge
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
        self = EdgeLists(nodes: lists.count, entries)
    }
}
