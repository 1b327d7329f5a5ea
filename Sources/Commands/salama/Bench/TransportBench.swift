import Bitcoin
import COpenSSL
import LightningCrypto

extension Bench {
    /// How fast messages go through an encrypted connection.
    static let transport = Bench(
        name: "transport",
        summary: "messages through an encrypted connection, beside bare ChaCha20-Poly1305"
    ) {
        let bare = try BareCipher()
        return try [64, 300, 1452, 65535].flatMap { try transport(size: $0, bare) }
    }

    /// One message, encrypted and decrypted, beside two passes of the cipher over its bytes, and beside what BOLT 8
    /// needs: two passes over the message and over its length.
    private static func transport(size: Int, _ bare: BareCipher) throws -> [BenchFigure] {
        let pair = try TransportPair()
        let message = [UInt8](repeating: 9, count: size)
        let length: [UInt8] = [0, 9]
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size + MessageSender.overhead)
        let times = try Stopwatch.measure(
            calls: size > 10_000 ? 20 : 300,
            [
                {
                    bytes.removeAll(keepingCapacity: true)
                    pair.local.sender.append(message, to: &bytes)
                    pair.remote.receiver.append(bytes.span.bytes)
                    _ = try pair.remote.receiver.withNext { $0.count }
                },
                { bare.encryptTwice(message) },
                {
                    bare.encryptTwice(length)
                    bare.encryptTwice(message)
                },
            ])
        let megabytes = 2 * Double(size) / 1e6
        return [
            times[0].rate("\(size) bytes, messages"),
            times[0].rate("\(size) bytes, each way", of: megabytes, "MB/s"),
            times[1].rate("\(size) bytes, cipher alone", of: megabytes, "MB/s"),
            times[0].ratio("\(size) bytes, ratio with the length", to: times[2]),
        ]
    }
}

/// The two ends of a connection.
private final class TransportPair {
    var local: EstablishedTransport
    var remote: EstablishedTransport

    init() throws {
        let keys = try (1...4).map { try PrivateKey([UInt8](repeating: $0, count: 32)) }
        var responder = TransportHandshake.respond(local: keys[0], ephemeral: keys[1])
        var (initiator, actOne) = TransportHandshake.initiate(
            local: keys[2], remote: keys[0].publicKey, ephemeral: keys[3])
        _ = try responder.receive(initiator.receive(responder.receive(actOne)))
        guard let local = initiator.establish(), let remote = responder.establish() else {
            throw CommandFailure("the handshake does not finish")
        }
        self.local = local
        self.remote = remote
    }
}

/// libcrypto's ChaCha20-Poly1305 over one buffer.
private final class BareCipher {
    private let context: OpaquePointer
    private let key = [UInt8](repeating: 1, count: 32)
    private let nonce = [UInt8](repeating: 2, count: 12)
    private var buffer = [UInt8](repeating: 0, count: 65535 + 16)

    init() throws {
        guard let context = EVP_CIPHER_CTX_new(),
            EVP_EncryptInit_ex(context, EVP_chacha20_poly1305(), nil, key, nonce) == 1
        else { throw CommandFailure("libcrypto has no ChaCha20-Poly1305") }
        self.context = context
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    func encryptTwice(_ message: [UInt8]) {
        for _ in 0..<2 {
            var length: Int32 = 0
            var done = EVP_EncryptInit_ex(context, nil, nil, nil, nonce)
            done &= EVP_EncryptUpdate(context, &buffer, &length, message, Int32(message.count))
            done &= EVP_EncryptFinal_ex(context, &buffer, &length)
            precondition(done == 1, "encrypting cannot fail")
        }
    }
}
