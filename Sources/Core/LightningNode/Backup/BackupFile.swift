import Bitcoin
import LightningChannel
import LightningCrypto
import LightningWire

/// Backups of channels as they leave the node: encrypted for the owner of the seed, and for nobody else.
///
///     version (1) · tag of the content (32) · ciphertext
///
/// The tag is HMAC-SHA-512 of the content, cut to 32 bytes, and gives the content's own key, so that the same channels give the same bytes, and
/// no key is used twice.
public enum BackupFile {
    private static let version: UInt8 = 1
    /// What a file may hold at most, in bytes; far above ten thousand channels.
    public static let sizeLimit = 16 << 20

    /// A channel in a backup, and where its peer was reached.
    struct Entry: Hashable, Sendable {
        let channel: ChannelBackup
        let addresses: [AddressDescriptor]
    }

    /// Encrypts channels with the root of the seed's backups.
    static func seal(_ entries: [Entry], root: SecretBytes) -> [UInt8] {
        var writer = ByteWriter(capacity: 600 * entries.count)
        for entry in entries {
            let record = entry.record
            writer.writeBigSize(UInt64(record.count))
            writer.write(record)
        }
        let tag = derive("channel backup", writer.bytes, root)
        let key = derive("channel backup key", tag.bytes, root)
        return [version] + tag.bytes + SealedBytes.seal(writer.bytes, key: key)
    }

    /// The channels in `file`.
    static func open(_ file: [UInt8], root: SecretBytes) throws(BackupError) -> [Entry] {
        guard file.count <= sizeLimit else { throw .tooLarge(file.count) }
        guard let first = file.first else { throw .empty }
        guard first == version else { throw .unknownVersion(first) }
        guard file.count > 33, let tag = try? Hash256(Array(file[1..<33])) else {
            throw .notReadable
        }
        let key = derive("channel backup key", tag.bytes, root)
        guard let content = SealedBytes.open(Array(file[33...]), key: key),
            derive("channel backup", content, root) == tag
        else { throw .notReadable }
        do throws(RecordError) {
            return try entries(content)
        } catch {
            throw .damaged(error)
        }
    }

    private static func entries(_ content: [UInt8]) throws(RecordError) -> [Entry] {
        var parts: [[UInt8]] = []
        do throws(DecodeError) {
            var reader = ByteReader(content.span.bytes)
            while !reader.isAtEnd {
                let length = try reader.readBigSize()
                guard let count = Int(exactly: length) else {
                    throw .truncated(needed: .max, available: reader.remaining)
                }
                parts.append(try reader.readBytes(count))
            }
        } catch {
            throw .malformed(error)
        }
        var entries: [Entry] = []
        for part in parts { entries.append(try Entry(record: part)) }
        return entries
    }

    private static func derive(
        _ purpose: StaticString, _ data: [UInt8], _ root: SecretBytes
    ) -> Hash256 {
        let name = UnsafeBufferPointer(start: purpose.utf8Start, count: purpose.utf8CodeUnitCount)
        let code = HMAC.sha512(key: root, SecretBytes(Array(name) + [0] + data))
        return Hash256(unsafeFilling: { target in
            code.withUnsafeBytes { target.copyMemory(from: .init(rebasing: $0[..<32])) }
        })
    }
}

extension BackupFile.Entry: RecordCodable {
    init(from record: inout RecordReader) throws(RecordError) {
        channel = try ChannelBackup(record: try record.requireBytes(0))
        addresses = try PeerRecord(record: try record.requireBytes(2)).addresses
    }

    func write(to record: inout RecordWriter) {
        record.put(0, channel.record)
        record.put(2, PeerRecord(addresses: addresses, isPermanent: false).record)
    }
}

/// Why a backup is of no use.
public enum BackupError: Error, Equatable, Sendable {
    case empty
    case tooLarge(Int)
    /// A newer release has made it, or it is no backup.
    case unknownVersion(UInt8)
    /// It is damaged, or another seed has encrypted it.
    case notReadable
    /// It was encrypted by this seed and does not say what a backup says.
    case damaged(RecordError)
    /// The channel's keys cannot be this node's.
    case channel(OutPoint, BackupFault)
    /// Another channel of this node has taken the same keys since.
    case keysInUse(OutPoint)
}

extension BackupError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .empty: "the backup is empty"
        case .tooLarge(let count): "\(count) bytes are no backup"
        case .unknownVersion(let version):
            "its first byte is \(version): it is no backup, or one of a newer release"
        case .notReadable: "it is damaged, or was made with another seed"
        case .damaged(let error): "what is in it cannot be read: \(error)"
        case .channel(let funding, .ofAnotherSeed):
            "channel \(funding) does not belong to this node's seed"
        case .channel(let funding, .noKeys): "channel \(funding) has no keys"
        case .channel(let funding, .inconsistent(let error)):
            "channel \(funding) does not add up: \(error)"
        case .keysInUse(let funding):
            "a channel that was opened since has the keys of channel \(funding): backups are to be"
                + " restored before new channels are opened"
        }
    }
}
