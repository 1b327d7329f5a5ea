import Bitcoin
import LightningWire

/// The stored form of an ``HTLCResolution``.
struct HTLCResolutionRecord: RecordCodable {
    let resolution: HTLCResolution

    init(_ resolution: HTLCResolution) { self.resolution = resolution }

    init(from record: inout RecordReader) throws(RecordError) {
        let preimage = try record.takeHash(0)
        let reason = try record.takeBytes(2)
        let onion = try record.takeHash(4)
        let code = try record.takeNumber(6, as: UInt16.self)
        let attribution = try record.takeBytes(8).map { bytes throws(RecordError) in
            try Self.attribution(bytes)
        }
        switch (preimage, reason, onion) {
        case (let preimage?, nil, nil):
            resolution = .fulfill(PaymentPreimage(preimage), attribution: attribution)
        case (nil, let reason?, nil):
            resolution = .fail(reason: reason, attribution: attribution)
        case (nil, nil, let onion?):
            guard let code else { throw .missingField(type: 6) }
            resolution = .failMalformed(onionHash: onion, failureCode: code)
        default: throw .missingField(type: 0)
        }
    }

    func write(to record: inout RecordWriter) {
        switch resolution {
        case .fulfill(let preimage, let attribution):
            record.put(0, preimage.hash)
            record.put(8, Self.bytes(attribution))
        case .fail(let reason, let attribution):
            record.put(2, reason)
            record.put(8, Self.bytes(attribution))
        case .failMalformed(let onionHash, let failureCode):
            record.put(4, onionHash)
            record.put(6, integer: UInt64(failureCode))
        }
    }

    // The form that it has in both messages: a stream with one record.

    private static func bytes(_ attribution: AttributionData?) -> [UInt8]? {
        attribution.map { UpdateFailHTLCTLVs(attributionData: $0).encoded }
    }

    private static func attribution(_ bytes: [UInt8]) throws(RecordError) -> AttributionData {
        guard let data = try? UpdateFailHTLCTLVs(decoding: bytes).attributionData else {
            throw .invalidField(type: 8)
        }
        return data
    }
}
