import Bitcoin

/// Encrypts messages to a peer (BOLT 8).
public struct MessageSender: ~Copyable, Sendable {
    private var cipher: CipherState

    /// BOLT 8: "The *maximum* size of _any_ Lightning message MUST NOT exceed `65535` bytes."
    public static let maximumMessageSize = 65535
    /// What a message grows by: its encrypted length and two tags.
    public static let overhead = 2 + 2 * CipherState.tagLength

    init(_ cipher: consuming CipherState) { self.cipher = cipher }

    /// Appends `message` in encrypted form to `output`.
    ///
    /// Allocates nothing where `output` has room for ``overhead`` bytes more than the message. A message of more than
    /// ``maximumMessageSize`` bytes is a mistake of the caller.
    public mutating func append(_ message: [UInt8], to output: inout [UInt8]) {
        precondition(message.count <= Self.maximumMessageSize, "a message has at most 65535 bytes")
        let start = output.count
        let body = start + 2 + CipherState.tagLength
        output.append(UInt8(message.count >> 8))
        output.append(UInt8(message.count & 0xff))
        output.append(contentsOf: repeatElement(0, count: CipherState.tagLength))
        output.append(contentsOf: message)
        output.append(contentsOf: repeatElement(0, count: CipherState.tagLength))
        output.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            cipher.encrypt(base + start, count: 2)
            cipher.encrypt(base + body, count: message.count)
        }
    }
}
