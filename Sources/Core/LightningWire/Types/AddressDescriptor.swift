import Bitcoin

/// Where a node listens, as `node_announcement` tells it (BOLT 7).
public enum AddressDescriptor: Hashable, Sendable {
    /// Four bytes, most significant first.
    case ipv4(address: [UInt8], port: UInt16)
    /// Sixteen bytes, most significant first.
    case ipv6(address: [UInt8], port: UInt16)
    /// A Tor service of version 2, which no longer exists: ten bytes.
    case torV2(onion: [UInt8], port: UInt16)
    /// A Tor service of version 3: 32 bytes of key, two of checksum, one of version.
    case torV3(onion: [UInt8], port: UInt16)
    /// A host name in ASCII.
    case dns(hostname: String, port: UInt16)

    /// The number that stands before the descriptor.
    public var type: UInt8 {
        switch self {
        case .ipv4: 1
        case .ipv6: 2
        case .torV2: 3
        case .torV3: 4
        case .dns: 5
        }
    }

    /// Reads the descriptors of an announcement.
    ///
    /// BOLT 7: "SHOULD ignore the first `address descriptor` that does NOT match the types defined above." Without its
    /// length nothing behind it can be read either. Throws where a known descriptor is cut off.
    public static func list(decoding bytes: [UInt8]) throws(DecodeError) -> [AddressDescriptor] {
        var reader = ByteReader(bytes.span.bytes)
        var list: [AddressDescriptor] = []
        while !reader.isAtEnd {
            switch try reader.readByte() {
            case 1:
                list.append(
                    .ipv4(address: try reader.readBytes(4), port: try reader.readBigEndian()))
            case 2:
                list.append(
                    .ipv6(address: try reader.readBytes(16), port: try reader.readBigEndian()))
            case 3:
                list.append(
                    .torV2(onion: try reader.readBytes(10), port: try reader.readBigEndian()))
            case 4:
                list.append(
                    .torV3(onion: try reader.readBytes(35), port: try reader.readBigEndian()))
            case 5:
                let name = try reader.readBytes(Int(reader.readByte()))
                let port: UInt16 = try reader.readBigEndian()
                guard name.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
                    throw .invalidValue(field: "hostname")
                }
                list.append(.dns(hostname: String(decoding: name, as: UTF8.self), port: port))
            default:
                return list
            }
        }
        return list
    }

    /// The descriptors of an announcement, sorted by type. BOLT 7: "MUST place address descriptors in ascending order."
    public static func encode(_ list: [AddressDescriptor]) -> [UInt8] {
        var writer = ByteWriter()
        for descriptor in list.sorted(by: { $0.type < $1.type }) {
            descriptor.write(to: &writer)
        }
        return writer.bytes
    }

    private func write(to writer: inout ByteWriter) {
        writer.writeByte(type)
        switch self {
        case .ipv4(let bytes, let port), .ipv6(let bytes, let port), .torV2(let bytes, let port),
            .torV3(let bytes, let port):
            writer.write(bytes)
            writer.writeBigEndian(port)
        case .dns(let hostname, let port):
            writer.writeByte(UInt8(truncatingIfNeeded: hostname.utf8.count))
            writer.write(hostname.utf8)
            writer.writeBigEndian(port)
        }
    }
}

extension AddressDescriptor {
    /// The port that stands behind every kind of address.
    public var port: UInt16 {
        switch self {
        case .ipv4(_, let port), .ipv6(_, let port), .torV2(_, let port), .torV3(_, let port),
            .dns(_, let port):
            port
        }
    }
}

extension NodeAnnouncement {
    /// Where the node says that it can be reached; nothing where that cannot be read.
    ///
    /// BOLT 7: "if `port` is equal to 0: SHOULD ignore `ipv6_addr` OR `ipv4_addr` OR `hostname`." And: "SHOULD ignore Tor v2
    /// onion services. if more than one `type 5` address is announced: SHOULD ignore the additional data."
    public var usableAddresses: [AddressDescriptor] {
        var hasHostname = false
        return listedAddresses.filter { address in
            switch address {
            case .torV2: return false
            case .ipv4, .ipv6, .torV3: return address.port != 0
            case .dns:
                defer { hasHostname = true }
                return !hasHostname && address.port != 0
            }
        }
    }

    /// Whether others may be sent the announcement.
    ///
    /// BOLT 7: "if more than one `type 5` address is announced: [...] MUST not forward the `node_announcement`."
    public var mayBeForwarded: Bool { listedAddresses.filter { $0.type == 5 }.count <= 1 }

    private var listedAddresses: [AddressDescriptor] {
        (try? AddressDescriptor.list(decoding: addresses)) ?? []
    }
}
