import Bitcoin
import LightningCrypto
import LightningWire
import Testing

/// The connection that a finished handshake leaves.
func established(_ handshake: TransportHandshake) throws -> EstablishedTransport {
    struct NotFinished: Error {}
    guard let transport = handshake.establish() else { throw NotFinished() }
    return transport
}

@Suite("Transport") struct TransportTests {
    @Test("each side learns the other's key, and messages pass both ways")
    func bothWays() throws {
        let (initiator, responder) = try TransportVectors.connect()
        var alice = try established(initiator)
        var bob = try established(responder)
        #expect(
            alice.remote == NodeID(try PrivateKey([UInt8](repeating: 0x21, count: 32)).publicKey))
        #expect(bob.remote == NodeID(try PrivateKey([UInt8](repeating: 0x11, count: 32)).publicKey))
        var bytes: [UInt8] = []
        bob.sender.append([1, 2, 3], to: &bytes)
        alice.receiver.append(bytes)
        #expect(try alice.receiver.next() == [1, 2, 3])
    }

    @Test("bytes may come one by one or several messages together, also behind the last act")
    func partialReads() throws {
        func key(_ byte: UInt8) throws -> PrivateKey {
            try PrivateKey([UInt8](repeating: byte, count: 32))
        }
        var responder = TransportHandshake.respond(local: try key(3), ephemeral: try key(4))
        var (initiator, actOne) = TransportHandshake.initiate(
            local: try key(1), remote: try key(3).publicKey, ephemeral: try key(2))
        var actTwo: [UInt8] = []
        for byte in actOne { actTwo += try responder.receive([byte]) }
        let actThree = try initiator.receive(actTwo)
        var alice = try established(initiator)
        var bytes = actThree
        alice.sender.append([], to: &bytes)
        alice.sender.append([UInt8](repeating: 7, count: 65535), to: &bytes)
        #expect(try responder.receive(bytes).isEmpty)
        var bob = try established(responder)
        #expect(try bob.receiver.next() == [])
        #expect(try bob.receiver.next() == [UInt8](repeating: 7, count: 65535))
        #expect(try bob.receiver.next() == nil)
        bytes = []
        alice.sender.append([9, 8], to: &bytes)
        for byte in bytes.dropLast() {
            bob.receiver.append([byte])
            #expect(try bob.receiver.next() == nil)
        }
        bob.receiver.append(bytes.suffix(1))
        #expect(try bob.receiver.next() == [9, 8])
        #expect(bob.receiver.bufferedCount == 0)
    }

    @Test("a flipped bit anywhere in a message is noticed")
    func flippedBits() throws {
        for index in 0..<(MessageSender.overhead + 4) {
            let (initiator, responder) = try TransportVectors.connect()
            var alice = try established(initiator)
            var bob = try established(responder)
            var bytes: [UInt8] = []
            alice.sender.append([1, 2, 3, 4], to: &bytes)
            bytes[index] ^= 1
            bob.receiver.append(bytes)
            let expected: TransportError = index < 18 ? .invalidLengthTag : .invalidMessageTag
            do {
                _ = try bob.receiver.next()
                Issue.record("bit \(index) was not noticed")
            } catch {
                #expect(error == expected)
            }
        }
    }

    @Test("a replayed message and a reflected one are refused")
    func replay() throws {
        let (initiator, responder) = try TransportVectors.connect()
        var alice = try established(initiator)
        var bob = try established(responder)
        var bytes: [UInt8] = []
        alice.sender.append([1], to: &bytes)
        alice.receiver.append(bytes)
        #expect(throws: TransportError.invalidLengthTag) { try alice.receiver.next() }
        bob.receiver.append(bytes + bytes)
        #expect(try bob.receiver.next() == [1])
        #expect(throws: TransportError.invalidLengthTag) { try bob.receiver.next() }
    }

    @Test("a handshake for another node's key is refused at the first act")
    func wrongResponder() throws {
        let keys = try (1...4).map { try PrivateKey([UInt8](repeating: $0, count: 32)) }
        var responder = TransportHandshake.respond(local: keys[0], ephemeral: keys[1])
        let (_, actOne) = TransportHandshake.initiate(
            local: keys[2], remote: keys[3].publicKey, ephemeral: keys[1])
        #expect(throws: TransportError.invalidTag(act: 1)) { try responder.receive(actOne) }
    }
}
