import Bitcoin
import Glibc
import JSON
import Synchronization

/// Makes and checks the macaroons of a node. Calls may come from any thread.
public final class MacaroonService: Sendable {
    /// The name that macaroons carry. Clients of lnd look for its own.
    public static let location = "lnd"
    /// The number of the root key of the macaroons in files.
    public static let defaultRootKeyID: UInt64 = 0

    private let directory: String
    private let keys: Mutex<[UInt64: [UInt8]]>
    /// What was read last: most clients come again and again with the same macaroon. Its signature is checked each time.
    private let lastRead = Mutex<(bytes: [UInt8], identifier: MacaroonIdentifier)?>(nil)

    /// Opens the root keys in `directory`, and makes the default one where there is none.
    public init(directory: String) throws(NodeFileError) {
        self.directory = directory
        try SecretFile.makeDirectory(directory)
        keys = Mutex(try Self.load(directory + "/" + Self.fileName))
        if keys.withLock({ $0[Self.defaultRootKeyID] == nil }) {
            try setRootKey(nil, for: Self.defaultRootKeyID)
        }
    }

    private static let files: [(name: String, permissions: [Permission], mode: mode_t)] = [
        ("admin", Permission.admin, 0o600), ("readonly", Permission.readOnly, 0o640),
        ("invoice", Permission.invoice, 0o640),
    ]

    private static let fileName = "macaroon-root-keys.json"

    private static func load(_ path: String) throws(NodeFileError) -> [UInt64: [UInt8]] {
        guard let bytes = try SecretFile.read(path) else { return [:] }
        var keys: [UInt64: [UInt8]] = [:]
        guard let members = (try? JSONValue(parsing: bytes))?.object?.members else {
            throw .malformed(path: path, reason: "no JSON object")
        }
        for member in members {
            guard let number = UInt64(member.name), let text = member.value.string,
                let key = try? Hex.decode(text), key.count == 32
            else { throw .malformed(path: path, reason: "no root key: \(member.name)") }
            keys[number] = key
        }
        return keys
    }

    /// Sets a root key, a fresh one where `key` is nil; macaroons of the one before become void.
    public func setRootKey(_ key: [UInt8]?, for number: UInt64) throws(NodeFileError) {
        try change { $0[number] = key ?? Self.random(32) }
    }

    /// Makes a fresh default root key, and removes the files of the macaroons that it makes void.
    public func renewRootKey() throws(NodeFileError) {
        try setRootKey(nil, for: Self.defaultRootKeyID)
        for name in Self.files.map(\.name) { unlink("\(directory)/\(name).macaroon") }
    }

    /// Removes a root key; false where there is none. The default one stays.
    public func deleteRootKey(_ number: UInt64) throws(NodeFileError) -> Bool {
        guard number != Self.defaultRootKeyID, rootKeyIDs.contains(number) else { return false }
        try change { $0[number] = nil }
        return true
    }

    /// The numbers of the root keys, ascending.
    public var rootKeyIDs: [UInt64] { keys.withLock { $0.keys.sorted() } }

    /// Changes the keys on disk, then those in use.
    private func change(_ body: (inout [UInt64: [UInt8]]) -> Void) throws(NodeFileError) {
        let failure: NodeFileError? = keys.withLock { keys in
            var changed = keys
            body(&changed)
            let members = changed.sorted { $0.key < $1.key }.map {
                (String($0.key), JSONValue.string(Hex.encode($0.value)))
            }
            do throws(NodeFileError) {
                try SecretFile.write(
                    JSONValue.object(JSONObject(members)).serialized(),
                    to: directory + "/" + Self.fileName)
            } catch {
                return error
            }
            keys = changed
            return nil
        }
        if let failure { throw failure }
    }

    private static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    // MARK: Baking

    /// A macaroon for these permissions under that root key, which is made where it is new.
    public func bake(
        _ permissions: [Permission], rootKeyID: UInt64 = defaultRootKeyID
    ) throws(NodeFileError) -> Macaroon {
        if keys.withLock({ $0[rootKeyID] == nil }) { try setRootKey(nil, for: rootKeyID) }
        let key = keys.withLock { $0[rootKeyID] } ?? []
        return Self.bake(permissions, rootKeyID: rootKeyID, rootKey: key)
    }

    /// A macaroon for these permissions of the node that has this root key, of 32 bytes, under that number.
    public static func bake(
        _ permissions: [Permission], rootKeyID: UInt64 = defaultRootKeyID, rootKey: [UInt8]
    ) -> Macaroon {
        let identifier = MacaroonIdentifier(
            nonce: random(16), rootKeyID: rootKeyID,
            permissions: Array(Set(permissions)).sorted())
        return Macaroon(location: location, identifier: identifier.encoded(), rootKey: rootKey)
    }

    /// Writes `admin.macaroon`, `readonly.macaroon` and `invoice.macaroon` where they are missing; only the owner may
    /// read the first, the owner's group the others.
    public func writeFiles() throws(NodeFileError) {
        for (name, permissions, mode) in Self.files {
            let path = "\(directory)/\(name).macaroon"
            if access(path, F_OK) == 0 { continue }
            try SecretFile.write(bake(permissions).encoded(), to: path, mode: mode)
        }
    }

    // MARK: Checking

    private func identifier(of macaroon: Macaroon) throws(MacaroonError) -> MacaroonIdentifier {
        let bytes = macaroon.identifier
        if let last = lastRead.withLock({ $0 }), last.bytes == bytes { return last.identifier }
        let identifier = try MacaroonIdentifier(decoding: bytes)
        lastRead.withLock { $0 = (bytes, identifier) }
        return identifier
    }

    /// Throws unless `text`, a macaroon in hexadecimal, was made here, its caveats hold, and it allows all of
    /// `permissions` or the call `method` as such.
    public func check(
        _ text: String?, for permissions: [Permission], method: String, address: String
    ) throws(MacaroonError) {
        guard let text, text.utf8.count <= 2 * Macaroon.sizeLimit,
            let bytes = try? Hex.decode(text), !bytes.isEmpty
        else { throw .missing }
        let macaroon = try Macaroon(decoding: bytes)
        let identifier = try identifier(of: macaroon)
        guard let key = keys.withLock({ $0[identifier.rootKeyID] }) else { throw .unknownRootKey }
        guard macaroon.isSigned(with: key) else { throw .badSignature }
        let now = Int64(time(nil))
        for caveat in macaroon.caveats {
            try MacaroonCaveat.check(caveat, now: now, address: address)
        }
        let granted = identifier.permissions
        let isGranted =
            !permissions.isEmpty && permissions.allSatisfy(granted.contains)
            || granted.contains(Permission("uri", method))
        guard isGranted else { throw .permissionDenied }
    }
}
