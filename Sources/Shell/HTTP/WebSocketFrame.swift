/// What a WebSocket carries, fragments put together (RFC 6455, section 5.6).
public enum WebSocketMessage: Sendable, Equatable {
    /// A text.
    case text(String)
    /// Bytes.
    case binary([UInt8])
    /// A ping, which is to be answered with a pong of the same bytes.
    case ping([UInt8])
    /// The answer to a ping.
    case pong([UInt8])
    /// The end, with a code and a reason; code 1005 where none was given.
    case close(code: UInt16, reason: String)
}

/// The type of a frame (RFC 6455, section 5.2).
enum WebSocketOpcode: UInt8 {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10

    var isControl: Bool { rawValue >= 8 }
}

extension WebSocketMessage {
    /// The message as one frame; a client masks, a server passes nil (RFC 6455, section 5.3).
    public func frame(mask: [UInt8]?) -> [UInt8] {
        let (opcode, payload) = content
        var frame: [UInt8] = [0x80 | opcode.rawValue]
        let maskBit: UInt8 = mask == nil ? 0 : 0x80
        switch payload.count {
        case 0..<126: frame.append(maskBit | UInt8(payload.count))
        case 126..<65536:
            frame.append(maskBit | 126)
            frame += [UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        default:
            frame.append(maskBit | 127)
            frame += (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        guard let mask, mask.count == 4 else { return frame + payload }
        frame += mask
        frame += payload.enumerated().map { $1 ^ mask[$0 & 3] }
        return frame
    }

    private var content: (WebSocketOpcode, [UInt8]) {
        switch self {
        case .text(let text): (.text, Array(text.utf8))
        case .binary(let bytes): (.binary, bytes)
        case .ping(let bytes): (.ping, Array(bytes.prefix(125)))
        case .pong(let bytes): (.pong, Array(bytes.prefix(125)))
        case .close(let code, let reason):
            // 1005 and 1006 are never sent: they stand for "no code" and "no close frame".
            code == 1005 || code == 1006
                ? (.close, [])
                : (
                    .close,
                    [UInt8(code >> 8), UInt8(code & 0xff)] + Self.cut(reason, to: 123)
                )
        }
    }

    /// At most `count` bytes of `text`, cut between characters.
    private static func cut(_ text: String, to count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for character in text {
            guard bytes.count + character.utf8.count <= count else { break }
            bytes += character.utf8
        }
        return bytes
    }
}
