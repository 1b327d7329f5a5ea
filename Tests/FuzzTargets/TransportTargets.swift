import Bitcoin
import LightningCrypto

extension FuzzTarget {
    /// The encrypted connection.
    static let transport: [FuzzTarget] = [
        FuzzTarget(
            "transport-handshake", seeds: [[], [UInt8](repeating: 0, count: 50), connection.actOne]
        ) { bytes in
            var whole = TransportHandshake.respond(local: key(1), ephemeral: key(2))
            var pieces = whole
            let answer = try? whole.receive(bytes)
            // However the bytes are cut, the answer is the same.
            var joined: [UInt8]? = []
            for piece in [bytes.prefix(49), bytes.dropFirst(49)] {
                if let part = try? pieces.receive(Array(piece)) {
                    joined?.append(contentsOf: part)
                } else {
                    joined = nil
                    break
                }
            }
            guard answer == joined else {
                throw FuzzFailure("transport-handshake: the answer depends on the pieces")
            }
        },
        FuzzTarget("transport-bytes", seeds: [[], connection.message]) { bytes in
            guard var transport = connection.responder.establish() else {
                throw FuzzFailure("transport-bytes: there is no connection")
            }
            transport.receiver.append(bytes)
            guard let message = try? transport.receiver.next() else { return }
            guard bytes.starts(with: connection.message) else {
                throw FuzzFailure("transport-bytes: \(message.count) bytes that nobody sent")
            }
        },
        FuzzTarget(
            "transport-messages", seeds: [[3, 1, 2, 3, 0, 200], [1, 1, 0, 0]], run: messages),
    ]

    /// Takes the input apart into messages, and the encrypted bytes into pieces; what arrives is what was sent.
    private static func messages(_ bytes: [UInt8]) throws {
        guard var sending = connection.initiator.establish(),
            var receiving = connection.responder.establish()
        else { throw FuzzFailure("transport-messages: there is no connection") }
        var (sent, received): ([[UInt8]], [[UInt8]]) = ([], [])
        var encrypted: [UInt8] = []
        var rest = bytes[...]
        while let count = rest.popFirst() {
            let message = Array(rest.prefix(Int(count)))
            rest = rest.dropFirst(Int(count))
            sent.append(message)
            sending.sender.append(message, to: &encrypted)
        }
        var position = 0
        while position < encrypted.count {
            let piece = 1 + Int(bytes[position % bytes.count])
            receiving.receiver.append(Array(encrypted[position...].prefix(piece)))
            position += piece
            while let message = try receiving.receiver.next() { received.append(message) }
        }
        guard sent == received else {
            throw FuzzFailure("transport-messages: what arrives is not what was sent")
        }
    }

    private static func key(_ byte: UInt8) -> PrivateKey {
        guard let key = try? PrivateKey([UInt8](repeating: byte, count: 32)) else {
            preconditionFailure("a number in range is a key")
        }
        return key
    }

    /// The two ends of a finished handshake, its first bytes, and a first message.
    private static let connection:
        (
            initiator: TransportHandshake, responder: TransportHandshake, actOne: [UInt8],
            message: [UInt8]
        ) = {
            var responder = TransportHandshake.respond(local: key(1), ephemeral: key(2))
            var (initiator, actOne) = TransportHandshake.initiate(
                local: key(3), remote: key(1).publicKey, ephemeral: key(4))
            guard let actTwo = try? responder.receive(actOne),
                let actThree = try? initiator.receive(actTwo),
                (try? responder.receive(actThree)) != nil,
                var established = initiator.establish()
            else { preconditionFailure("the two ends speak one protocol") }
            var message: [UInt8] = []
            established.sender.append([0, 16, 0, 0], to: &message)
            return (initiator, responder, actOne, message)
        }()
}
