/// What a macaroon of lnd's kind says of itself: a nonce, the root key and the operations that it allows.
///
/// The bytes are a 3, then a protocol buffer: `nonce` 1, `storageId` 2, and for each entity an `ops` 3 with `entity` 1
/// and `actions` 2.
struct MacaroonIdentifier: Equatable, Sendable {
    var nonce: [UInt8]
    var rootKeyID: UInt64
    var permissions: [Permission]

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [3]
        Self.write(1, nonce, to: &bytes)
        Self.write(2, Array(String(rootKeyID).utf8), to: &bytes)
        var entities: [String] = []
        for permission in permissions.sorted() where !entities.contains(permission.entity) {
            entities.append(permission.entity)
            var operation: [UInt8] = []
            Self.write(1, Array(permission.entity.utf8), to: &operation)
            for other in permissions.sorted() where other.entity == permission.entity {
                Self.write(2, Array(other.action.utf8), to: &operation)
            }
            Self.write(3, operation, to: &bytes)
        }
        return bytes
    }

    init(nonce: [UInt8], rootKeyID: UInt64, permissions: [Permission]) {
        self.nonce = nonce
        self.rootKeyID = rootKeyID
        self.permissions = permissions
    }

    init(decoding bytes: [UInt8]) throws(MacaroonError) {
        guard bytes.first == 3 else { throw .unknownVersion(bytes.first.map(Int.init)) }
        nonce = []
        permissions = []
        var identifier: UInt64?
        for (number, data) in try Self.fields(bytes.dropFirst()) {
            switch number {
            case 1: nonce = data
            case 2: identifier = UInt64(String(decoding: data, as: UTF8.self))
            case 3: permissions += try Self.operation(data)
            default: break
            }
        }
        guard let identifier else { throw .malformed }
        rootKeyID = identifier
    }

    private static func operation(_ bytes: [UInt8]) throws(MacaroonError) -> [Permission] {
        var entity = ""
        var actions: [String] = []
        for (number, data) in try fields(bytes[...]) {
            guard let text = String(validating: data, as: UTF8.self) else { throw .malformed }
            switch number {
            case 1: entity = text
            case 2: actions.append(text)
            default: break
            }
        }
        return actions.map { Permission(entity, $0) }
    }

    private static func write(_ number: UInt8, _ data: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(number << 3 | 2)
        bytes += Varint.encode(UInt64(data.count)) + data
    }

    /// The fields, all of which are sequences of bytes (wire type 2).
    private static func fields(
        _ bytes: ArraySlice<UInt8>
    ) throws(MacaroonError) -> [(UInt64, [UInt8])] {
        var rest = bytes
        var fields: [(UInt64, [UInt8])] = []
        while !rest.isEmpty {
            guard let tag = Varint.decode(&rest), tag & 7 == 2, let length = Varint.decode(&rest),
                length <= UInt64(rest.count)
            else { throw .malformed }
            fields.append((tag >> 3, Array(rest.prefix(Int(length)))))
            rest.removeFirst(Int(length))
        }
        return fields
    }
}
