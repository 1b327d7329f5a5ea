/// Takes the body of a message out of the bytes that follow its head (RFC 9112, section 6).
public struct HTTPBodyDecoder: Sendable {
    /// How the end of the body is found.
    private enum Framing: Sendable, Equatable {
        case length(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd
        case trailer
        case untilClose
        case complete
    }

    private var framing: Framing
    private let limit: Int
    private var taken = 0
    private var lineBytes = 0

    /// A chunk's size line, or the trailer, longer than this is an attack.
    private static let longestLine = 4096

    /// The decoder of a request's body, of at most `limit` bytes.
    public init(requestHeaders headers: HTTPHeaders, limit: Int) throws(HTTPMessageError) {
        self.limit = limit
        framing = try Self.framing(headers, limit: limit) ?? .complete
    }

    /// The decoder of an answer's body, of at most `limit` bytes; `hasBody` is false for an answer to HEAD.
    public init(
        responseHead head: HTTPResponseHead, hasBody: Bool, limit: Int
    ) throws(HTTPMessageError) {
        self.limit = limit
        if !hasBody || head.status.code < 200 || head.status.code == 204 || head.status.code == 304
        {
            framing = .complete
        } else {
            framing = try Self.framing(head.headers, limit: limit) ?? .untilClose
        }
    }

    /// Whether the body has ended.
    public var isComplete: Bool { framing == .complete }

    /// Whether the close of the connection is the end of the body rather than its loss.
    public var endsWithClose: Bool { framing == .untilClose }

    private static func framing(
        _ headers: HTTPHeaders, limit: Int
    ) throws(HTTPMessageError) -> Framing? {
        let encodings = headers.values("Transfer-Encoding")
        let lengths = headers.values("Content-Length")
        if !encodings.isEmpty {
            // RFC 9112, section 6.3: both is an attempt to smuggle a request.
            guard lengths.isEmpty else { throw .malformedLength }
            guard encodings.count == 1, encodings[0].lowercased() == "chunked" else {
                throw .unsupportedTransferEncoding(
                    String(encodings.joined(separator: ", ").prefix(64)))
            }
            return .chunkSize
        }
        guard let text = lengths.first else { return nil }
        guard lengths.allSatisfy({ $0 == text }), !text.isEmpty,
            text.utf8.allSatisfy({ (48...57).contains($0) })
        else { throw .malformedLength }
        guard let length = Int(text), length <= limit else { throw .bodyTooLarge(limit: limit) }
        return length == 0 ? .complete : .length(remaining: length)
    }

    /// Moves what belongs to the body from the front of `input` to the end of `output`.
    public mutating func take(
        from input: inout ArraySlice<UInt8>, into output: inout [UInt8]
    ) throws(HTTPMessageError) {
        while !input.isEmpty, framing != .complete {
            switch framing {
            case .length(let remaining):
                let left = try move(remaining, from: &input, into: &output)
                framing = left == 0 ? .complete : .length(remaining: left)
            case .chunk(let remaining):
                let left = try move(remaining, from: &input, into: &output)
                framing = left == 0 ? .chunkEnd : .chunk(remaining: left)
            case .untilClose:
                _ = try move(input.count, from: &input, into: &output)
            case .chunkSize, .chunkEnd, .trailer:
                guard let line = try line(from: &input) else { return }
                try follow(line)
            case .complete: return
            }
        }
    }

    private mutating func move(
        _ wanted: Int, from input: inout ArraySlice<UInt8>, into output: inout [UInt8]
    ) throws(HTTPMessageError) -> Int {
        let count = min(wanted, input.count)
        guard count <= limit - taken else { throw .bodyTooLarge(limit: limit) }
        output += input.prefix(count)
        input.removeFirst(count)
        taken += count
        return wanted - count
    }

    /// The next whole line without its end; nil, and nothing taken, where it has not all arrived.
    private mutating func line(
        from input: inout ArraySlice<UInt8>
    ) throws(HTTPMessageError) -> ArraySlice<UInt8>? {
        guard let end = input.firstIndex(of: 0x0a) else {
            guard input.count <= Self.longestLine else { throw .malformedChunk }
            return nil
        }
        let line = input[..<end]
        lineBytes += line.count
        input = input[(end + 1)...]
        return line.last == 0x0d ? line.dropLast() : line
    }

    private mutating func follow(_ line: ArraySlice<UInt8>) throws(HTTPMessageError) {
        switch framing {
        case .chunkSize:
            let digits = line.prefix { $0 != UInt8(ascii: ";") }
            let text = String(decoding: digits, as: UTF8.self).trimmingBlanks()
            guard !text.isEmpty, text.utf8.count <= 15, text.allSatisfy(\.isHexDigit),
                let size = Int(text, radix: 16)
            else { throw .malformedChunk }
            guard size <= limit - taken else { throw .bodyTooLarge(limit: limit) }
            lineBytes = 0
            framing = size == 0 ? .trailer : .chunk(remaining: size)
        case .chunkEnd:
            guard line.isEmpty else { throw .malformedChunk }
            framing = .chunkSize
        case .trailer:
            guard lineBytes <= Self.longestLine else { throw .malformedChunk }
            if line.isEmpty { framing = .complete }
        case .length, .chunk, .untilClose, .complete: break
        }
    }
}
