import Bitcoin

/// A bearer token whose holder can narrow it, and only narrow it, by adding caveats (libmacaroons, format 2 binary).
public struct Macaroon: Sendable, Equatable {
    /// Who made it; a hint that is not signed.
    public let location: String
    /// What it allows, and under which root key.
    public let identifier: [UInt8]
    /// Conditions that all have to hold.
    public private(set) var caveats: [[UInt8]]
    /// The chain of HMAC-SHA256 from the root key over the identifier and every caveat.
    public private(set) var signature: [UInt8]

    /// The most bytes of an encoded macaroon, and the most caveats, that are looked at.
    public static let sizeLimit = 8192
    /// The most caveats that are looked at.
    public static let caveatLimit = 32

    /// A fresh macaroon without caveats.
    public init(location: String, identifier: [UInt8], rootKey: [UInt8]) {
        self.location = location
        self.identifier = identifier
        caveats = []
        signature = HMAC.sha256(key: Self.derivedKey(rootKey), identifier).bytes
    }

    private init(
        location: String, identifier: [UInt8], caveats: [[UInt8]], signature: [UInt8]
    ) {
        self.location = location
        self.identifier = identifier
        self.caveats = caveats
        self.signature = signature
    }

    /// Narrows it by a condition.
    public mutating func add(caveat: String) {
        let caveat = Array(caveat.utf8)
        caveats.append(caveat)
        signature = HMAC.sha256(key: signature, caveat).bytes
    }

    /// Whether the signature is that of this root key. The time does not depend on where a forgery differs.
    public func isSigned(with rootKey: [UInt8]) -> Bool {
        var expected = HMAC.sha256(key: Self.derivedKey(rootKey), identifier).bytes
        for caveat in caveats { expected = HMAC.sha256(key: expected, caveat).bytes }
        return constantTimeEqual(expected, signature)
    }

    /// libmacaroons: root keys of any length become keys of 32 bytes.
    private static func derivedKey(_ rootKey: [UInt8]) -> [UInt8] {
        HMAC.sha256(key: Array("macaroons-key-generator".utf8), rootKey).bytes
    }

    // MARK: Coding

    private enum Field: UInt8 {
        case end = 0
        case location = 1
        case identifier = 2
        case verification = 4
        case signature = 6
    }

    /// The macaroon in format 2.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = [2]
        if !location.isEmpty { Self.write(.location, Array(location.utf8), to: &bytes) }
        Self.write(.identifier, identifier, to: &bytes)
        bytes.append(Field.end.rawValue)
        for caveat in caveats {
            Self.write(.identifier, caveat, to: &bytes)
            bytes.append(Field.end.rawValue)
        }
        bytes.append(Field.end.rawValue)
        Self.write(.signature, signature, to: &bytes)
        return bytes
    }

    private static func write(_ field: Field, _ data: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(field.rawValue)
        bytes += Varint.encode(UInt64(data.count))
        bytes += data
    }

    /// Reads a macaroon in format 2.
    public init(decoding bytes: [UInt8]) throws(MacaroonError) {
        guard bytes.count <= Self.sizeLimit else { throw .tooLarge(limit: Self.sizeLimit) }
        guard bytes.first == 2 else { throw .unknownVersion(bytes.first.map(Int.init)) }
        var rest = bytes.dropFirst()
        var location = ""
        var (field, data) = try Self.read(&rest)
        if field == .location {
            guard let text = String(validating: data, as: UTF8.self) else { throw .malformed }
            location = text
            (field, data) = try Self.read(&rest)
        }
        guard field == .identifier, try Self.read(&rest).field == .end else { throw .malformed }
        let identifier = data
        var caveats: [[UInt8]] = []
        while true {
            (field, data) = try Self.read(&rest)
            if field == .end { break }
            if field == .location { (field, data) = try Self.read(&rest) }
            guard field == .identifier else { throw .malformed }
            guard caveats.count < Self.caveatLimit else {
                throw .tooManyCaveats(limit: Self.caveatLimit)
            }
            caveats.append(data)
            // A caveat that a third party has to discharge: nobody here knows that party.
            let next = try Self.read(&rest).field
            guard next != .verification else { throw .thirdPartyCaveat }
            guard next == .end else { throw .malformed }
        }
        (field, data) = try Self.read(&rest)
        guard field == .signature, data.count == 32, rest.isEmpty else { throw .malformed }
        self.init(
            location: location, identifier: identifier, caveats: caveats, signature: data)
    }

    private static func read(
        _ bytes: inout ArraySlice<UInt8>
    ) throws(MacaroonError) -> (field: Field, data: [UInt8]) {
        guard let type = bytes.popFirst(), let field = Field(rawValue: type) else {
            throw .malformed
        }
        if field == .end { return (.end, []) }
        guard let length = Varint.decode(&bytes), length <= UInt64(bytes.count) else {
            throw .malformed
        }
        let data = Array(bytes.prefix(Int(length)))
        bytes.removeFirst(Int(length))
        return (field, data)
    }
}

/// Why a macaroon is not accepted.
public enum MacaroonError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is none, or it is no hexadecimal.
    case missing
    /// It is larger than allowed, in bytes.
    case tooLarge(limit: Int)
    /// It is of another format.
    case unknownVersion(Int?)
    /// It breaks the format.
    case malformed
    /// It has more caveats than allowed.
    case tooManyCaveats(limit: Int)
    /// A third party would have to discharge it.
    case thirdPartyCaveat
    /// Its root key is not, or no longer, there.
    case unknownRootKey
    /// It was not signed with its root key.
    case badSignature
    /// A caveat does not hold.
    case caveatFailed(String, reason: String)
    /// It does not allow what is asked.
    case permissionDenied

    public var description: String {
        switch self {
        case .missing: "expected 1 macaroon, got 0"
        case .tooLarge(let limit): "macaroon larger than \(limit) bytes"
        case .unknownVersion(let version):
            "unknown macaroon version: \(version.map(String.init) ?? "empty")"
        case .malformed: "cannot decode macaroon"
        case .tooManyCaveats(let limit): "macaroon with more than \(limit) caveats"
        case .thirdPartyCaveat: "macaroon with a third party's caveat"
        case .unknownRootKey: "cannot get macaroon: root key with id doesn't exist"
        case .badSignature: "verification failed: signature mismatch after caveat verification"
        case .caveatFailed(let caveat, let reason): "caveat \"\(caveat)\" not satisfied: \(reason)"
        case .permissionDenied: "permission denied"
        }
    }
}

/// Unsigned numbers in groups of seven bits, the lowest first.
enum Varint {
    static func encode(_ value: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    static func decode(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = bytes.popFirst() {
            guard shift < 63 else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        return nil
    }
}
