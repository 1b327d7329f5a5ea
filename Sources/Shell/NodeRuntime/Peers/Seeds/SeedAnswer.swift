import Bitcoin

/// Why the answer of a DNS seed cannot be used.
enum SeedFailure: Error, Hashable {
    /// The name server's answer breaks off.
    case truncated
    /// A name points at itself or is longer than names may be.
    case endlessName
}

/// The nodes in an answer of a DNS seed: SRV records (RFC 2782) whose targets name nodes by their keys (BOLT 10).
struct SeedAnswer {
    private let bytes: [UInt8]
    private var position = 0

    private static let service: UInt16 = 33
    private static let internet: UInt16 = 1
    private static let nodeLimit = 100

    /// Reads the answer of a name server (RFC 1035). What is no node's record is passed over.
    static func nodes(in bytes: [UInt8]) throws(SeedFailure) -> [PeerAddress] {
        var answer = SeedAnswer(bytes: bytes)
        return try answer.readNodes()
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func readNodes() throws(SeedFailure) -> [PeerAddress] {
        position = 4
        let questions = try readNumber()
        let answers = try readNumber()
        position = 12
        for _ in 0..<questions {
            _ = try readName()
            position += 4
        }
        var nodes: [PeerAddress] = []
        for _ in 0..<answers where nodes.count < Self.nodeLimit {
            _ = try readName()
            let (type, kind) = (try readNumber(), try readNumber())
            position += 4
            let length = Int(try readNumber())
            let end = position + length
            guard end <= bytes.count else { throw .truncated }
            if type == Self.service, kind == Self.internet, length > 7 {
                position += 4
                let port = try readNumber()
                let target = try readName()
                if let key = Self.key(ofTarget: target) {
                    let endpoint = PeerEndpoint(host: target, port: port)
                    nodes.append(PeerAddress(key: key, endpoint: endpoint))
                }
            }
            position = end
        }
        return nodes
    }

    private mutating func readNumber() throws(SeedFailure) -> UInt16 {
        guard position + 2 <= bytes.count else { throw .truncated }
        defer { position += 2 }
        return UInt16(bytes[position]) << 8 | UInt16(bytes[position + 1])
    }

    /// A name whose end may stand elsewhere in the answer.
    private mutating func readName() throws(SeedFailure) -> String {
        var (labels, length, jumps) = ([String](), 0, 0)
        var next = position
        var end: Int?
        while true {
            guard next < bytes.count else { throw .truncated }
            let count = Int(bytes[next])
            if count & 0xc0 == 0xc0 {
                guard next + 1 < bytes.count else { throw .truncated }
                end = end ?? next + 2
                jumps += 1
                guard jumps <= 16 else { throw .endlessName }
                next = (count & 0x3f) << 8 | Int(bytes[next + 1])
                continue
            }
            next += 1
            if count == 0 { break }
            length += count + 1
            guard length <= 255 else { throw .endlessName }
            guard next + count <= bytes.count else { throw .truncated }
            labels.append(String(decoding: bytes[next..<next + count], as: UTF8.self))
            next += count
        }
        position = end ?? next
        return labels.joined(separator: ".")
    }

    /// The key in a target as `ln1….nodes.example`: BOLT 10 names nodes by the bech32 form of their ids.
    private static func key(ofTarget name: String) -> PublicKey? {
        guard let label = name.split(separator: ".").first,
            let text = try? Bech32(decoding: label), text.prefix == "ln", text.variant == .bech32,
            let bytes = Self.bytes(text.values)
        else { return nil }
        return try? PublicKey(compressed: bytes)
    }

    /// 33 bytes in groups of five bits, of which the last has a bit to spare.
    private static func bytes(_ values: [UInt8]) -> [UInt8]? {
        var (bits, count, bytes) = (UInt32(0), 0, [UInt8]())
        for value in values {
            bits = bits << 5 | UInt32(value)
            count += 5
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes.count == 33 ? bytes : nil
    }
}
