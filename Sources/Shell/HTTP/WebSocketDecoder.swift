/// Puts messages together from the bytes of one direction of a WebSocket (RFC 6455, section 5).
public struct WebSocketDecoder: Sendable {
    private struct Header {
        var isFinal: Bool
        var opcode: WebSocketOpcode
        var mask: [UInt8]?
        var payload: Range<Int>
    }

    private let expectsMask: Bool
    private let limit: Int
    private var input: [UInt8] = []
    /// Where in `input` the next frame begins: what was read is removed now and then, not frame by frame.
    private var start = 0
    private var fragments: (opcode: WebSocketOpcode, payload: [UInt8])?

    /// A decoder of messages of at most `limit` bytes; what a client sends is masked, what a server sends is not.
    public init(fromClient: Bool, limit: Int) {
        expectsMask = fromClient
        self.limit = limit
    }

    /// Adds bytes from the connection.
    public mutating func append(_ bytes: some Sequence<UInt8>) {
        input.removeFirst(start)
        start = 0
        input += bytes
    }

    /// The next whole message; nil where more bytes are needed.
    public mutating func next() throws(WebSocketError) -> WebSocketMessage? {
        while let header = try header() {
            guard header.payload.upperBound <= input.count else { return nil }
            var payload = Array(input[header.payload])
            if let mask = header.mask {
                for index in payload.indices { payload[index] ^= mask[index & 3] }
            }
            start = header.payload.upperBound
            if let message = try message(header, payload) { return message }
        }
        return nil
    }

    private func header() throws(WebSocketError) -> Header? {
        guard input.count >= start + 2 else { return nil }
        let (first, second) = (input[start], input[start + 1])
        guard first & 0x70 == 0 else { throw .protocolViolation("a reserved bit is set") }
        guard let opcode = WebSocketOpcode(rawValue: first & 0x0f) else {
            throw .protocolViolation("unknown opcode \(first & 0x0f)")
        }
        let isFinal = first & 0x80 != 0
        let isMasked = second & 0x80 != 0
        guard isMasked == expectsMask else {
            throw .protocolViolation(
                isMasked ? "a server's frame is masked" : "a frame has no mask")
        }
        var position = start + 2
        var length = UInt64(second & 0x7f)
        if length >= 126 {
            position += length == 126 ? 2 : 8
            guard input.count >= position else { return nil }
            length = input[(start + 2)..<position].reduce(0) { $0 << 8 | UInt64($1) }
        }
        if opcode.isControl, length > 125 || !isFinal {
            throw .protocolViolation("a control frame is too long or fragmented")
        }
        let gathered = opcode == .continuation ? fragments?.payload.count ?? 0 : 0
        guard length <= UInt64(max(limit - gathered, 125)) else {
            throw .messageTooLarge(limit: limit)
        }
        var mask: [UInt8]?
        if isMasked {
            guard input.count >= position + 4 else { return nil }
            mask = Array(input[position..<(position + 4)])
            position += 4
        }
        return Header(
            isFinal: isFinal, opcode: opcode, mask: mask,
            payload: position..<(position + Int(length)))
    }

    private mutating func message(
        _ header: Header, _ payload: [UInt8]
    ) throws(WebSocketError) -> WebSocketMessage? {
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        case .close: return try close(payload)
        case .text, .binary:
            guard fragments == nil else {
                throw .protocolViolation("a message begins within another")
            }
            if header.isFinal { return try whole(header.opcode, payload) }
            fragments = (header.opcode, payload)
            return nil
        case .continuation:
            guard var fragments else { throw .protocolViolation("a continuation of nothing") }
            self.fragments = nil
            fragments.payload += payload
            guard fragments.payload.count <= limit else { throw .messageTooLarge(limit: limit) }
            if header.isFinal { return try whole(fragments.opcode, fragments.payload) }
            self.fragments = fragments
            return nil
        }
    }

    private func whole(
        _ opcode: WebSocketOpcode, _ payload: [UInt8]
    ) throws(WebSocketError) -> WebSocketMessage {
        guard payload.count <= limit else { throw .messageTooLarge(limit: limit) }
        guard opcode == .text else { return .binary(payload) }
        guard let text = String(validating: payload, as: UTF8.self) else { throw .invalidText }
        return .text(text)
    }

    /// RFC 6455, section 7.4: the codes that may stand in a close frame.
    private func close(_ payload: [UInt8]) throws(WebSocketError) -> WebSocketMessage {
        if payload.isEmpty { return .close(code: 1005, reason: "") }
        guard payload.count >= 2 else { throw .protocolViolation("half of a close code") }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw .protocolViolation("close code \(code)")
        }
        guard let reason = String(validating: payload[2...], as: UTF8.self) else {
            throw .invalidText
        }
        return .close(code: code, reason: reason)
    }
}
