import Bitcoin
import LightningWire

/// A failure as the erring node writes it: code, data and records that others may add (BOLT 4, `failuremsg`).
public struct FailureMessage: Hashable, Sendable {
    public var failure: Failure
    /// What follows the data: a TLV stream, or whatever else the erring node wrote.
    public var extra: [UInt8]

    /// A message with nothing behind the failure's data.
    public init(_ failure: Failure, extra: [UInt8] = []) {
        self.failure = failure
        self.extra = extra
    }

    /// The records behind the failure's data; nil where there is no valid stream.
    public var records: [TLVRecord]? { try? TLVDecoder.split(extra) }

    /// Code, data and what follows.
    public var encoded: [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.writeBigEndian(failure.code.rawValue)
        failure.writeData(to: &writer)
        writer.write(extra)
        return writer.bytes
    }

    /// Reads a message. BOLT 4: "MUST ignore any extra bytes in `failuremsg`."
    ///
    /// Throws where the data of a known code is cut off.
    public init(decoding bytes: [UInt8]) throws(DecodeError) {
        var reader = ByteReader(bytes.span.bytes)
        let code = FailureCode(rawValue: try reader.readBigEndian())
        failure = try Failure(code, from: &reader)
        extra = try reader.readRemainingBytes()
    }
}

extension Failure {
    /// Appends what follows the code.
    func writeData(to writer: inout ByteWriter) {
        switch self {
        case .temporaryNodeFailure, .permanentNodeFailure, .requiredNodeFeatureMissing,
            .permanentChannelFailure, .requiredChannelFeatureMissing, .unknownNextPeer,
            .expiryTooFar, .mppTimeout:
            break
        case .invalidOnionVersion(let hash), .invalidOnionHMAC(let hash),
            .invalidOnionKey(let hash), .invalidOnionBlinding(let hash):
            writer.write(hash)
        case .temporaryChannelFailure(let update), .expiryTooSoon(let update):
            writer.write(update: update)
        case .amountBelowMinimum(let amount, let update), .feeInsufficient(let amount, let update):
            writer.writeBigEndian(amount.value)
            writer.write(update: update)
        case .incorrectCltvExpiry(let expiry, let update):
            writer.writeBigEndian(expiry.value)
            writer.write(update: update)
        case .incorrectOrUnknownPaymentDetails(let amount, let height):
            writer.writeBigEndian(amount.value)
            writer.writeBigEndian(height.value)
        case .finalIncorrectCltvExpiry(let expiry): writer.writeBigEndian(expiry.value)
        case .finalIncorrectHTLCAmount(let amount): writer.writeBigEndian(amount.value)
        case .channelDisabled(let flags, let update):
            writer.writeBigEndian(flags)
            writer.write(update: update)
        case .invalidOnionPayload(let type, let offset):
            writer.writeBigSize(type)
            writer.writeBigEndian(offset)
        case .unknown(_, let data): writer.write(data)
        }
    }

    /// Reads what follows `code`.
    init(_ code: FailureCode, from reader: inout ByteReader) throws(DecodeError) {
        switch code {
        case .temporaryNodeFailure: self = .temporaryNodeFailure
        case .permanentNodeFailure: self = .permanentNodeFailure
        case .requiredNodeFeatureMissing: self = .requiredNodeFeatureMissing
        case .invalidOnionVersion:
            self = .invalidOnionVersion(onionHash: try reader.readHash256())
        case .invalidOnionHMAC: self = .invalidOnionHMAC(onionHash: try reader.readHash256())
        case .invalidOnionKey: self = .invalidOnionKey(onionHash: try reader.readHash256())
        case .temporaryChannelFailure:
            self = .temporaryChannelFailure(channelUpdate: try reader.readUpdate())
        case .permanentChannelFailure: self = .permanentChannelFailure
        case .requiredChannelFeatureMissing: self = .requiredChannelFeatureMissing
        case .unknownNextPeer: self = .unknownNextPeer
        case .amountBelowMinimum:
            self = .amountBelowMinimum(
                amount: try reader.readAmount(), channelUpdate: try reader.readUpdate())
        case .feeInsufficient:
            self = .feeInsufficient(
                amount: try reader.readAmount(), channelUpdate: try reader.readUpdate())
        case .incorrectCltvExpiry:
            self = .incorrectCltvExpiry(
                try reader.readHeight(), channelUpdate: try reader.readUpdate())
        case .expiryTooSoon: self = .expiryTooSoon(channelUpdate: try reader.readUpdate())
        case .incorrectOrUnknownPaymentDetails:
            self = .incorrectOrUnknownPaymentDetails(
                amount: try reader.readAmount(), height: try reader.readHeight())
        case .finalIncorrectCltvExpiry:
            self = .finalIncorrectCltvExpiry(try reader.readHeight())
        case .finalIncorrectHTLCAmount:
            self = .finalIncorrectHTLCAmount(try reader.readAmount())
        case .channelDisabled:
            self = .channelDisabled(
                flags: try reader.readBigEndian(), channelUpdate: try reader.readUpdate())
        case .expiryTooFar: self = .expiryTooFar
        case .invalidOnionPayload:
            self = .invalidOnionPayload(
                type: try reader.readBigSize(), offset: try reader.readBigEndian())
        case .mppTimeout: self = .mppTimeout
        case .invalidOnionBlinding:
            self = .invalidOnionBlinding(onionHash: try reader.readHash256())
        default: self = .unknown(code, data: try reader.readRemainingBytes())
        }
    }
}

extension ByteReader {
    @_lifetime(self: copy self)
    fileprivate mutating func readAmount() throws(DecodeError) -> MilliSatoshi {
        MilliSatoshi(try readBigEndian())
    }

    @_lifetime(self: copy self)
    fileprivate mutating func readHeight() throws(DecodeError) -> BlockHeight {
        BlockHeight(try readBigEndian())
    }

    /// Two bytes of length, and that many of a `channel_update`.
    @_lifetime(self: copy self)
    fileprivate mutating func readUpdate() throws(DecodeError) -> [UInt8] {
        try readBytes(Int(readBigEndian(UInt16.self)))
    }
}

extension ByteWriter {
    fileprivate mutating func write(update: [UInt8]) {
        precondition(update.count <= UInt16.max, "a channel update fits a message")
        writeBigEndian(UInt16(update.count))
        write(update)
    }
}
