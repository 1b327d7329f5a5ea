import Bitcoin
import LightningCommitment
import LightningWire

/// The durable state: one record for the channel, and one for each thing that has happened to it. Everything else is made
/// from them and from the channel's own records.
extension OnChainChannel {
    /// The writes of a channel that is to be followed from now on.
    public var openingWrites: [RecordWrite] { [stateWrite()] }

    /// The channel of these records; `snapshot`, `policy` and `tip` as they were last. When HTLCs upstream expire is taken
    /// from the records: those HTLCs may be gone meanwhile.
    ///
    /// `records` gives the records of a table whose keys start with the number of the channel's keys.
    public init(
        _ snapshot: ChannelSnapshot, policy: OnChainPolicy = OnChainPolicy(), tip: BlockHeight,
        records: (RecordTable) -> [(key: [UInt8], value: [UInt8])]
    ) throws(RecordError) {
        guard let stored = records(.onChain).first else { throw .missingField(type: 0) }
        let state = try OnChainStateRecord(record: stored.value)
        var snapshot = snapshot
        for index in snapshot.htlcs.indices where snapshot.htlcs[index].direction == .offered {
            snapshot.htlcs[index].upstreamExpiry = state.upstreamExpiries[snapshot.htlcs[index].id]
        }
        self.init(snapshot, policy: policy, tip: tip)
        publication = state.publication
        unconfirmed = state.unconfirmed
        for record in records(.onChainEntry) {
            switch try OnChainEntry(key: record.key, value: record.value) {
            case .confirmed(let transaction): confirmed.append(transaction)
            case .fulfillment(let id, let preimage): facts.fulfillments[id] = preimage
            case .learned(let preimage): learned[preimage.paymentHash] = preimage
            case .ended(let name): ended.insert(name)
            }
        }
        restore()
    }

    func stateWrite() -> RecordWrite {
        RecordWrite(
            .onChain, key: OnChainEntry.prefix(snapshot.keys),
            value: OnChainStateRecord(
                publication: publication, unconfirmed: unconfirmed,
                upstreamExpiries: upstreamExpiries
            ).record)
    }

    /// When HTLCs upstream expire, by the ids of those of this node that forward them.
    private var upstreamExpiries: [UInt64: BlockHeight] {
        var expiries: [UInt64: BlockHeight] = [:]
        for htlc in snapshot.htlcs where htlc.direction == .offered {
            expiries[htlc.id] = htlc.upstreamExpiry
        }
        return expiries
    }

    func confirmedWrite(_ transaction: ConfirmedTransaction, removed: Bool = false) -> RecordWrite {
        write(.confirmed(transaction), removed: removed)
    }

    func fulfillmentWrite(_ id: UInt64, _ preimage: PaymentPreimage) -> RecordWrite {
        write(.fulfillment(id, preimage))
    }

    func preimageWrite(_ preimage: PaymentPreimage) -> RecordWrite { write(.learned(preimage)) }

    func endWrite(_ name: HTLCName) -> RecordWrite { write(.ended(name)) }

    private func write(_ entry: OnChainEntry, removed: Bool = false) -> RecordWrite {
        RecordWrite(
            .onChainEntry, key: entry.key(snapshot.keys), value: removed ? nil : entry.value)
    }

    /// Everything that is durable of the channel. Equal records make equal channels, once what they ask for is loaded.
    public var records: [RecordWrite] { [stateWrite()] + entries.map { write($0) } }

    /// The removal of every record that there is.
    var removals: [RecordWrite] {
        records.map { RecordWrite($0.table, key: $0.key, value: nil) }
    }

    private var entries: [OnChainEntry] {
        confirmed.map { OnChainEntry.confirmed($0) }
            + facts.fulfillments.sorted { $0.key < $1.key }.map { .fulfillment($0.key, $0.value) }
            + learned.values.sorted().map { .learned($0) }
            + snapshot.htlcs.map(\.name).filter(ended.contains).map { .ended($0) }
    }
}

/// One thing that has happened, as it is stored.
enum OnChainEntry {
    case confirmed(ConfirmedTransaction)
    case fulfillment(UInt64, PaymentPreimage)
    case learned(PaymentPreimage)
    case ended(HTLCName)

    /// What the keys of a channel's records start with.
    static func prefix(_ channel: ChannelKeyNumber) -> [UInt8] {
        var writer = ByteWriter(capacity: 4)
        writer.writeBigEndian(channel.value)
        return writer.bytes
    }

    /// The key of the entry, in which transactions stand in the order of the chain.
    func key(_ channel: ChannelKeyNumber) -> [UInt8] {
        var writer = ByteWriter(capacity: 16)
        writer.writeBigEndian(channel.value)
        switch self {
        case .confirmed(let transaction):
            writer.writeByte(0)
            writer.writeBigEndian(transaction.height.value)
            writer.writeBigEndian(transaction.position)
        case .fulfillment(let id, _):
            writer.writeByte(1)
            writer.writeBigEndian(id)
        case .learned(let preimage):
            writer.writeByte(2)
            writer.write(preimage.paymentHash.hash)
        case .ended(let name):
            writer.writeByte(3)
            writer.writeByte(name.direction == .offered ? 0 : 1)
            writer.writeBigEndian(name.id)
        }
        return writer.bytes
    }

    /// The stored value, a single byte where the key says it all.
    var value: [UInt8] {
        switch self {
        case .confirmed(let transaction): transaction.transaction.encoded
        case .fulfillment(_, let preimage), .learned(let preimage): preimage.hash.bytes
        case .ended: [1]
        }
    }

    init(key: [UInt8], value: [UInt8]) throws(RecordError) {
        do throws(DecodeError) {
            var reader = ByteReader(key.span.bytes)
            _ = try reader.readBytes(4)
            switch try reader.readByte() {
            case 0:
                let height = BlockHeight(try reader.readBigEndian())
                self = .confirmed(
                    ConfirmedTransaction(
                        try Transaction(decoding: value), height: height,
                        position: try reader.readBigEndian()))
            case 1:
                self = .fulfillment(
                    try reader.readBigEndian(), PaymentPreimage(try Hash256(value)))
            case 2:
                _ = try reader.readHash256()
                self = .learned(PaymentPreimage(try Hash256(value)))
            case 3:
                let direction = try reader.readByte()
                guard direction < 2 else { throw .invalidValue(field: "direction") }
                self = .ended(
                    HTLCName(direction == 0 ? .offered : .received, try reader.readBigEndian()))
            default: throw .invalidValue(field: "kind of entry")
            }
            try reader.expectEnd()
        } catch {
            throw .malformed(error)
        }
    }
}

/// The stored form of what this side wants in the chain, and of what it has seen on the way there.
private struct OnChainStateRecord: RecordCodable {
    let publication: OnChainChannel.Publication?
    let unconfirmed: Transaction?
    /// When HTLCs upstream expire, by the ids of those of this node that forward them.
    let upstreamExpiries: [UInt64: BlockHeight]

    init(
        publication: OnChainChannel.Publication?, unconfirmed: Transaction?,
        upstreamExpiries: [UInt64: BlockHeight]
    ) {
        self.publication = publication
        self.unconfirmed = unconfirmed
        self.upstreamExpiries = upstreamExpiries
    }

    /// The form of the channel's entries, which a later release may count up.
    private static let form: UInt64 = 1

    init(from record: inout RecordReader) throws(RecordError) {
        if let bytes = try record.takeBytes(0) {
            guard let signature = try? ECDSASignature(compact: bytes),
                let height = UInt32(exactly: try record.requireInteger(2))
            else { throw .invalidField(type: 0) }
            publication = OnChainChannel.Publication(
                signature: signature, height: BlockHeight(height))
        } else {
            publication = nil
        }
        unconfirmed = try record.take(4)
        guard try record.requireInteger(6) == Self.form else { throw .invalidField(type: 6) }
        var expiries: [UInt64: BlockHeight] = [:]
        let list = try record.takeBytes(8) ?? []
        do throws(DecodeError) {
            var reader = ByteReader(list.span.bytes)
            while !reader.isAtEnd {
                expiries[try reader.readBigEndian()] = BlockHeight(try reader.readBigEndian())
            }
        } catch {
            throw .malformed(error)
        }
        upstreamExpiries = expiries
    }

    func write(to record: inout RecordWriter) {
        record.put(0, publication?.signature.compact)
        record.put(2, integer: publication.map { UInt64($0.height.value) })
        record.put(4, unconfirmed)
        record.put(6, integer: Self.form)
        guard !upstreamExpiries.isEmpty else { return }
        var writer = ByteWriter()
        for (id, expiry) in upstreamExpiries.sorted(by: { $0.key < $1.key }) {
            writer.writeBigEndian(id)
            writer.writeBigEndian(expiry.value)
        }
        record.put(8, writer.bytes)
    }
}
