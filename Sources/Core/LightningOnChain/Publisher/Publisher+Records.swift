import Bitcoin
import LightningCommitment
import LightningWire

extension Publisher {
    /// The tables whose records, with the claims, make up the publisher.
    public static let tables: [RecordTable] = [.publisherClaim, .publisherTransaction]

    /// The publisher that wrote `records`, exactly as it was, where `claims` are those that stand and `tip` is the last
    /// block. What it has published is offered again in the next round.
    ///
    /// Throws ``PublisherRecordError``.
    public init(
        records: some Sequence<RecordWrite>, claims standing: some Sequence<Claim>,
        tip: BlockHeight, policy: PublisherPolicy = PublisherPolicy()
    ) throws(PublisherRecordError) {
        self.init(tip: tip, policy: policy)
        for claim in standing {
            claims[claim.id] = ClaimState(claim: claim)
            claimed[claim.outPoint] = claim.id
        }
        for record in records {
            guard let value = record.value else { continue }
            do throws(RecordError) {
                try load(record.table, key: record.key, value)
            } catch {
                throw PublisherRecordError(table: record.table, key: record.key, error: error)
            }
        }
        isDue = true
        isRebroadcastDue = true
    }

    private mutating func load(
        _ table: RecordTable, key: [UInt8], _ value: [UInt8]
    ) throws(RecordError) {
        if table == .publisherClaim {
            let stored = try ClaimRecord(record: value)
            let id = try RecordKey.claim(key)
            claims[id]?.spend = stored.spend
            claims[id]?.isAlone = stored.isAlone
        } else if table == .publisherTransaction {
            var publication = try Publication(record: value)
            let number = try RecordKey.publication(key)
            // Claims that were withdrawn meanwhile go; so does what was only theirs.
            publication.members.removeAll { claims[$0] == nil }
            guard !publication.members.isEmpty else { return }
            for id in publication.members { claims[id]?.publication = number }
            publications[number] = publication
        }
    }

    func write(_ id: ClaimID) -> RecordWrite {
        let record = claims[id].map(ClaimRecord.init)
        return RecordWrite(
            .publisherClaim, key: id.encoded,
            value: record?.isPlain == false ? record?.record : nil)
    }

    func write(_ number: UInt32) -> RecordWrite {
        RecordWrite(
            .publisherTransaction, key: RecordKey.publication(number),
            value: publications[number]?.record)
    }
}

/// A stored record of the publisher cannot be read.
public struct PublisherRecordError: Error, Equatable, Sendable {
    /// The table.
    public let table: RecordTable
    /// The key of the record.
    public let key: [UInt8]
    /// What is wrong with it.
    public let error: RecordError
}

private enum RecordKey {
    static func publication(_ number: UInt32) -> [UInt8] {
        var writer = ByteWriter(capacity: 4)
        writer.writeBigEndian(number)
        return writer.bytes
    }

    static func publication(_ key: [UInt8]) throws(RecordError) -> UInt32 {
        guard key.count == 4 else { throw .malformed(.truncated(needed: 4, available: key.count)) }
        return key.reduce(0) { $0 << 8 | UInt32($1) }
    }

    static func claim(_ key: [UInt8]) throws(RecordError) -> ClaimID {
        do {
            return try ClaimID(decoding: key)
        } catch {
            throw .malformed(error)
        }
    }
}

extension ClaimID: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        guard let channel = ChannelKeyNumber(try reader.readBigEndian()) else {
            throw .invalidValue(field: "channel")
        }
        self.init(channel: channel, outPoint: try OutPoint(from: &reader))
    }

    public func write(to writer: inout ByteWriter) {
        writer.writeBigEndian(channel.value)
        outPoint.write(to: &writer)
    }
}

/// What is stored of a claim: nothing that follows from the resolution of its channel.
private struct ClaimRecord: RecordCodable {
    var spend: ClaimState.Spend?
    var isAlone: Bool

    init(_ state: ClaimState) {
        spend = state.spend
        isAlone = state.isAlone
    }

    /// Whether there is nothing to store.
    var isPlain: Bool { spend == nil && !isAlone }

    init(from record: inout RecordReader) throws(RecordError) {
        let spender: TransactionID? = try record.take(0)
        let height = try record.takeInteger(2)
        isAlone = try record.takeInteger(4) != nil
        guard let spender, let height else { return }
        guard let value = UInt32(exactly: height) else { throw .invalidField(type: 2) }
        spend = .init(transactionID: spender, height: BlockHeight(value))
    }

    func write(to record: inout RecordWriter) {
        record.put(0, spend?.transactionID)
        record.put(2, integer: spend.map { UInt64($0.height.value) })
        record.put(4, integer: isAlone ? 1 : nil)
    }
}

extension Publication: RecordCodable {
    init(from record: inout RecordReader) throws(RecordError) {
        let list = try record.requireBytes(0)
        do throws(DecodeError) {
            var reader = ByteReader(list.span.bytes)
            members = []
            while !reader.isAtEnd { members.append(try ClaimID(from: &reader)) }
        } catch {
            throw .malformed(error)
        }
        let transaction: Transaction? = try record.take(2)
        guard let rate = try record.takeInteger(4) else { return }
        let fee = try record.requireInteger(6)
        let height = try record.requireInteger(8)
        let round = try record.requireInteger(10)
        let isRefused = try record.takeInteger(12) != nil
        guard let rate = UInt32(exactly: rate) else { throw .invalidField(type: 4) }
        guard let fee = Int64(exactly: fee) else { throw .invalidField(type: 6) }
        guard let height = UInt32(exactly: height) else { throw .invalidField(type: 8) }
        guard let round = UInt32(exactly: round) else { throw .invalidField(type: 10) }
        offer = Offer(
            transaction: transaction, fee: Satoshi(fee), rate: FeeratePerKw(rate),
            height: BlockHeight(height), round: round, isRefused: isRefused)
    }

    func write(to record: inout RecordWriter) {
        var writer = ByteWriter()
        for id in members { id.write(to: &writer) }
        record.put(0, writer.bytes)
        guard let offer else { return }
        record.put(2, offer.transaction)
        record.put(4, integer: UInt64(offer.rate.value))
        record.put(6, integer: UInt64(offer.fee.value))
        record.put(8, integer: UInt64(offer.height.value))
        record.put(10, integer: UInt64(offer.round))
        record.put(12, integer: offer.isRefused ? 1 : nil)
    }
}
