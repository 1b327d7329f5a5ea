import Bitcoin

/// Decrypts messages from a peer, whose bytes arrive in pieces of any size (BOLT 8).
///
/// The buffer grows to what one read brought and one message needs, and is reused: a peer cannot make it hold more than the
/// caller appends.
public struct MessageReceiver: ~Copyable, Sendable {
    private var cipher: CipherState
    private var buffer: [UInt8] = []
    /// Where the first byte stands that was not taken yet.
    private var position = 0
    /// The length of the message that is arriving, once it was decrypted.
    private var messageLength: Int?

    private static let headerLength = 2 + CipherState.tagLength

    init(_ cipher: consuming CipherState) { self.cipher = cipher }

    /// Adds bytes as they came from the connection.
    public mutating func append(_ bytes: [UInt8]) {
        dropTaken()
        buffer.append(contentsOf: bytes)
    }

    /// Adds bytes as they came from the connection, without an array around them.
    public mutating func append(_ bytes: RawSpan) {
        dropTaken()
        bytes.withUnsafeBytes { buffer.append(contentsOf: $0) }
    }

    /// Moves what is left to the front, so that the buffer is used over and over.
    private mutating func dropTaken() {
        guard position > 0 else { return }
        buffer.removeSubrange(..<position)
        position = 0
    }

    /// The bytes that arrived and are not part of a message taken yet.
    public var bufferedCount: Int { buffer.count - position }

    /// Takes the next message, or nil until all of it has arrived.
    ///
    /// Throws where a tag is wrong, after which the connection has to be closed.
    public mutating func next() throws(TransportError) -> [UInt8]? {
        try withNext { Array($0) }
    }

    /// Calls `body` with the next message in the receiver's own memory, and answers nil until all of it has arrived.
    ///
    /// Throws where a tag is wrong, after which the connection has to be closed.
    public mutating func withNext<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) -> Result
    ) throws(TransportError) -> Result? {
        guard let length = try readLength() else { return nil }
        guard bufferedCount >= length + CipherState.tagLength else { return nil }
        let start = position
        position += length + CipherState.tagLength
        messageLength = nil
        var result: Result?
        buffer.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress,
                cipher.decrypt(base + start, count: length)
            else { return }
            result = body(UnsafeBufferPointer(start: base + start, count: length))
        }
        guard let result else { throw .invalidMessageTag }
        return result
    }

    private mutating func readLength() throws(TransportError) -> Int? {
        if let messageLength { return messageLength }
        guard bufferedCount >= Self.headerLength else { return nil }
        let start = position
        let isValid = buffer.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { cipher.decrypt($0 + start, count: 2) } ?? false
        }
        guard isValid else { throw .invalidLengthTag }
        let length = Int(buffer[start]) << 8 | Int(buffer[start + 1])
        position += Self.headerLength
        messageLength = length
        return length
    }
}
