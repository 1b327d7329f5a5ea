import Bitcoin
import LightningWire

/// What is known of each node, by ``NodeIndex``.
struct NodeColumns: Sendable {
    struct Flags: OptionSet, Sendable, BitwiseCopyable {
        let rawValue: UInt8
        /// The node demands features that are not known: nothing is routed through it.
        static let unknownFeatures = Flags(rawValue: 1)
    }

    var ids: [NodeID] = []
    var timestamps: [UInt32] = []
    var channelCounts: [UInt32] = []
    var flags: [Flags] = []
    var table = SlotTable()
    var free: [UInt32] = []

    func find(_ id: NodeID) -> UInt32? {
        table.find(hash: id.hashValue) { ids[Int($0)] == id }
    }

    /// A place for a node that has none; nil where the graph is full.
    mutating func add(_ id: NodeID) -> UInt32? {
        let slot: UInt32
        if let reused = free.popLast() {
            slot = reused
            ids[Int(slot)] = id
            timestamps[Int(slot)] = 0
            flags[Int(slot)] = []
        } else {
            guard ids.count < ChannelGraph.maximumNodes else { return nil }
            slot = UInt32(ids.count)
            ids.append(id)
            timestamps.append(0)
            channelCounts.append(0)
            flags.append([])
        }
        table.insert(slot) { ids[Int($0)].hashValue }
        return slot
    }

    mutating func remove(_ slot: UInt32) {
        table.remove(slot) { ids[Int($0)].hashValue }
        free.append(slot)
    }
}

/// What is known of each channel, by ``ChannelIndex``; an id of 0 marks a free place.
struct ChannelColumns: Sendable {
    struct Ends: Sendable, BitwiseCopyable {
        var lesser: UInt32
        var greater: UInt32
    }

    struct Flags: OptionSet, Sendable, BitwiseCopyable {
        let rawValue: UInt8
        /// The channel demands features that are not known: nothing is routed through it.
        static let unknownFeatures = Flags(rawValue: 1)
    }

    var ids: [UInt64] = []
    var capacities: [Satoshi] = []
    var ends: [Ends] = []
    var flags: [Flags] = []
    /// What names the funding output among the inputs of blocks (``ChannelGraph/channel(spentBy:)``).
    var fundings: [UInt64] = []
    var table = SlotTable()
    var fundingTable = SlotTable()
    var free: [UInt32] = []

    func find(_ id: UInt64) -> UInt32? {
        id == 0 ? nil : table.find(hash: id.hashValue) { ids[Int($0)] == id }
    }

    func find(funding: UInt64) -> UInt32? {
        funding == 0
            ? nil : fundingTable.find(hash: funding.hashValue) { fundings[Int($0)] == funding }
    }

    /// A place for a channel that has none; nil where the graph is full.
    mutating func add(
        _ id: UInt64, capacity: Satoshi, ends: Ends, flags: Flags, funding: UInt64
    ) -> UInt32? {
        let slot: UInt32
        if let reused = free.popLast() {
            slot = reused
            ids[Int(slot)] = id
            capacities[Int(slot)] = capacity
            self.ends[Int(slot)] = ends
            self.flags[Int(slot)] = flags
            fundings[Int(slot)] = funding
        } else {
            guard ids.count < ChannelGraph.maximumChannels else { return nil }
            slot = UInt32(ids.count)
            ids.append(id)
            capacities.append(capacity)
            self.ends.append(ends)
            self.flags.append(flags)
            fundings.append(funding)
        }
        table.insert(slot) { ids[Int($0)].hashValue }
        if funding != 0 { fundingTable.insert(slot) { fundings[Int($0)].hashValue } }
        return slot
    }

    mutating func remove(_ slot: UInt32) {
        table.remove(slot) { ids[Int($0)].hashValue }
        if fundings[Int(slot)] != 0 {
            fundingTable.remove(slot) { fundings[Int($0)].hashValue }
        }
        ids[Int(slot)] = 0
        fundings[Int(slot)] = 0
        free.append(slot)
    }
}

/// What is known of each direction, by ``DirectionIndex``; a timestamp of 0 marks one without an update.
struct DirectionColumns: Sendable {
    var policies: [DirectionPolicy] = []
    var checksums: [UInt32] = []
    /// By the direction whose sender told it.
    var inboundFees: [UInt32: InboundFee] = [:]

    /// What stands where no update has come.
    static let none = DirectionPolicy(
        timestamp: 0, feeBase: 0, feeProportionalMillionths: 0, htlcMinimum: .zero,
        htlcMaximum: .zero, cltvExpiryDelta: 0)

    /// Empties both directions of a channel.
    mutating func clear(_ channel: UInt32) {
        for direction in [channel << 1, channel << 1 | 1] {
            while policies.count <= Int(direction) {
                policies.append(Self.none)
                checksums.append(0)
            }
            policies[Int(direction)] = Self.none
            checksums[Int(direction)] = 0
            inboundFees[direction] = nil
        }
    }
}
