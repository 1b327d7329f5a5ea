import Bitcoin
import LightningCommitment
import LightningWire

/// A peer that is to stay connected, and where it was reached.
public struct KnownPeer: Hashable, Sendable {
    public let key: PublicKey
    /// Where it was reached, the last place first.
    public let addresses: [AddressDescriptor]
    /// Whether the user wants the connection kept.
    public let isPermanent: Bool
    /// Whether there are channels with it that are not closed.
    public let hasChannels: Bool
}

/// What is asked of the list of peers.
public enum PeerRequest: Sendable {
    /// The peer was reached, or is to be, at these addresses. From now on the connection is kept where `isPermanent` says so,
    /// or there are channels with it.
    case remember(PublicKey, [AddressDescriptor], isPermanent: Bool)
    /// The connection need not be kept any more for the user's sake.
    case forget(PublicKey)
}

/// The peers that the node knows the way to. Those with channels, and those that the user wants, are durable.
struct PeerBook: Sendable {
    private struct Entry: Sendable, Equatable {
        var addresses: [AddressDescriptor] = []
        var isPermanent = false
    }

    private var entries: [PublicKey: Entry] = [:]
    /// The channels for which a peer is kept.
    private var channels: [ChannelKeyNumber: PublicKey] = [:]
    private var channelCounts: [PublicKey: Int] = [:]
    private var hasChanged = false

    private static let addressLimit = 8

    /// The peers to stay connected with, if they are others than when last taken.
    mutating func takeChanges() -> [KnownPeer]? {
        guard hasChanged else { return nil }
        hasChanged = false
        return kept
    }

    /// The peers to stay connected with, in an order that does not depend on hashing.
    var kept: [KnownPeer] {
        Set(entries.keys).union(channelCounts.keys).filter(isKept).map { key in
            let entry = entries[key] ?? Entry()
            return KnownPeer(
                key: key, addresses: entry.addresses, isPermanent: entry.isPermanent,
                hasChannels: channelCounts[key] != nil)
        }.sorted { $0.key.compressed.lexicographicallyPrecedes($1.key.compressed) }
    }

    private func isKept(_ key: PublicKey) -> Bool {
        channelCounts[key] != nil || entries[key]?.isPermanent == true
    }

    /// Takes note of where a peer is reached.
    mutating func remember(
        _ key: PublicKey, _ addresses: [AddressDescriptor], isPermanent: Bool
    ) -> [RecordWrite] {
        var entry = entries[key] ?? Entry()
        entry.addresses.removeAll { addresses.contains($0) }
        entry.addresses = Array((addresses + entry.addresses).prefix(Self.addressLimit))
        entry.isPermanent = entry.isPermanent || isPermanent
        return put(entry, at: key)
    }

    /// Where a peer was reached, the last place first.
    func addresses(of key: PublicKey) -> [AddressDescriptor] { entries[key]?.addresses ?? [] }

    /// The user no longer wants the connection kept.
    mutating func forget(_ key: PublicKey) -> [RecordWrite] {
        guard var entry = entries[key], entry.isPermanent else { return [] }
        let wasKept = isKept(key)
        entry.isPermanent = false
        entries[key] = entry
        return note(key, wasKept: wasKept)
    }

    private mutating func put(_ entry: Entry, at key: PublicKey) -> [RecordWrite] {
        guard entries[key] != entry else { return [] }
        let wasKept = isKept(key)
        entries[key] = entry
        return note(key, wasKept: wasKept)
    }

    /// A channel is there for which its peer is kept, or is not any more.
    mutating func note(_ number: ChannelKeyNumber, keeping peer: PublicKey?) -> [RecordWrite] {
        let old = channels[number]
        guard old != peer else { return [] }
        channels[number] = peer
        var writes: [RecordWrite] = []
        for (key, change) in [(old, -1), (peer, 1)] {
            guard let key else { continue }
            let wasKept = isKept(key)
            let count = (channelCounts[key] ?? 0) + change
            channelCounts[key] = count > 0 ? count : nil
            // One more channel with a peer that has some changes nothing.
            if isKept(key) != wasKept || count <= 1 { writes += note(key, wasKept: wasKept) }
        }
        return writes
    }

    private mutating func note(_ key: PublicKey, wasKept: Bool) -> [RecordWrite] {
        let isKept = isKept(key)
        guard isKept || wasKept else { return [] }
        hasChanged = true
        // Of a peer that has connected by itself nothing is known.
        guard let entry = entries[key] else { return [] }
        guard isKept else { return [RecordWrite(.nodePeer, key: key.compressed, value: nil)] }
        let record = PeerRecord(addresses: entry.addresses, isPermanent: entry.isPermanent)
        return [RecordWrite(.nodePeer, key: key.compressed, value: record.record)]
    }

    /// The connection to a peer has ended: the way to it is kept only where the peer is.
    mutating func dropStranger(_ key: PublicKey) {
        if !isKept(key) { entries[key] = nil }
    }

    /// Takes in a record.
    mutating func load(key: [UInt8], value: [UInt8]) throws(RecordError) {
        let record = try PeerRecord(record: value)
        guard let key = try? PublicKey(compressed: key) else {
            throw .malformed(.invalidValue(field: "peer"))
        }
        entries[key] = Entry(addresses: record.addresses, isPermanent: record.isPermanent)
        hasChanged = true
    }
}

/// A peer at rest; its key is the record's.
struct PeerRecord: RecordCodable, Equatable {
    let addresses: [AddressDescriptor]
    let isPermanent: Bool

    init(addresses: [AddressDescriptor], isPermanent: Bool) {
        self.addresses = addresses
        self.isPermanent = isPermanent
    }

    init(from record: inout RecordReader) throws(RecordError) {
        // Each with its length: the form of announcements sorts a list, and here the order matters.
        let bytes = try record.takeBytes(0) ?? []
        do throws(DecodeError) {
            addresses = try Self.list(bytes)
        } catch {
            throw .malformed(error)
        }
        isPermanent = try record.takeFlag(2)
    }

    private static func list(_ bytes: [UInt8]) throws(DecodeError) -> [AddressDescriptor] {
        var reader = ByteReader(bytes.span.bytes)
        var addresses: [AddressDescriptor] = []
        while !reader.isAtEnd {
            let length: UInt16 = try reader.readBigEndian()
            addresses += try AddressDescriptor.list(decoding: reader.readBytes(Int(length)))
        }
        return addresses
    }

    func write(to record: inout RecordWriter) {
        var bytes: [UInt8] = []
        for address in addresses {
            let form = AddressDescriptor.encode([address])
            bytes += [UInt8(truncatingIfNeeded: form.count >> 8), UInt8(form.count & 0xff)] + form
        }
        record.put(0, bytes)
        record.put(2, flag: isPermanent)
    }
}
