import Bitcoin
import LightningWire

/// The stored form of what this side wants in the chain, and of what it has seen on the way there.
struct OnChainStateRecord: RecordCodable {
    let publication: OnChainChannel.Publication?
    let sighting: OnChainChannel.Sighting?
    /// The past of a revoked commitment, whose HTLCs are entries; nil while it is not complete.
    let former: FormerHTLCs?
    let localPoint: OnChainFacts.LocalPoint?

    /// The form of the channel's entries, which a later release may count up.
    private static let form: UInt64 = 1

    init(
        publication: OnChainChannel.Publication?, sighting: OnChainChannel.Sighting?,
        former: FormerHTLCs?, localPoint: OnChainFacts.LocalPoint?
    ) {
        self.publication = publication
        self.sighting = sighting
        self.former = former?.completion == nil ? nil : former
        self.localPoint = localPoint
    }

    init(from record: inout RecordReader) throws(RecordError) {
        guard try record.requireInteger(0) == Self.form else { throw .invalidField(type: 0) }
        if let bytes = try record.takeBytes(2) {
            guard let signature = try? ECDSASignature(compact: bytes) else {
                throw .invalidField(type: 2)
            }
            publication = OnChainChannel.Publication(
                signature: signature, height: try Self.height(4, &record))
        } else {
            publication = nil
        }
        if let transaction: Transaction = try record.take(6) {
            sighting = OnChainChannel.Sighting(
                transaction: transaction, height: try Self.height(8, &record))
        } else {
            sighting = nil
        }
        if let number = try record.takeInteger(10) {
            former = FormerHTLCs(number: number, completion: try Self.height(12, &record))
        } else {
            former = nil
        }
        if let number = try record.takeInteger(14) {
            localPoint = OnChainFacts.LocalPoint(
                number: number, point: try record.requirePoint(16))
        } else {
            localPoint = nil
        }
    }

    private static func height(
        _ type: UInt64, _ record: inout RecordReader
    ) throws(RecordError) -> BlockHeight {
        BlockHeight(try record.requireNumber(type))
    }

    func write(to record: inout RecordWriter) {
        record.put(0, integer: Self.form)
        record.put(2, publication?.signature.compact)
        record.put(4, integer: publication.map { UInt64($0.height.value) })
        record.put(6, sighting?.transaction)
        record.put(8, integer: sighting.map { UInt64($0.height.value) })
        record.put(10, integer: former?.number)
        record.put(12, integer: former?.completion.map { UInt64($0.value) })
        record.put(14, integer: localPoint?.number)
        record.put(16, localPoint?.point.compressed)
    }
}
