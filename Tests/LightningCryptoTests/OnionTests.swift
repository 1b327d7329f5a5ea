import Bitcoin
import LightningCrypto
import LightningWire
import TestSupport
import Testing

/// Keys and routes for tests of onions.
enum OnionFixture {
    static func key(_ byte: UInt8) -> PrivateKey {
        try! PrivateKey([UInt8](repeating: byte, count: 32))
    }

    static let associatedData = [UInt8](repeating: 0x42, count: 32)

    /// Node `i` has the key of the byte `i + 1`.
    static func hops(_ payloads: [[UInt8]]) -> [OnionHop] {
        payloads.enumerated().map {
            OnionHop(key: key(UInt8($0.offset + 1)).publicKey, payload: $0.element)
        }
    }

    static func build(
        _ payloads: [[UInt8]], capacity: Int = OnionPacket.paymentCapacity
    ) throws(OnionBuildError) -> BuiltOnion {
        try OnionPacket.build(
            hops(payloads), sessionKey: key(0x77), associatedData: associatedData,
            capacity: capacity)
    }

    /// Changes the first bytes of the first hop's layer, and makes its code right again: what a malicious origin can do.
    static func forge(_ built: BuiltOnion, from old: [UInt8], to new: [UInt8]) throws -> OnionPacket
    {
        var bytes = built.packet.bytes
        for (index, pair) in zip(old, new).enumerated() {
            bytes[34 + index] ^= pair.0 ^ pair.1
        }
        let mu = HMAC.sha256(key: Array("mu".utf8), built.sharedSecrets[0].hash.bytes)
        let end = bytes.count - 32
        let code = HMAC.sha256(key: mu.bytes, Array(bytes[34..<end]) + associatedData)
        bytes.replaceSubrange(end..., with: code.bytes)
        return try OnionPacket(bytes)
    }
}

@Suite("Onions") struct OnionTests {
    @Test("every hop of a route of any length finds its payload", arguments: [1, 2, 3, 10, 20, 27])
    func routes(count: Int) throws {
        var generator = SeededGenerator(seed: UInt64(count))
        let payloads = (0..<count).map { _ in
            generator.bytes(Int.random(in: 2...(1300 / count - 35), using: &generator))
        }
        let built = try OnionFixture.build(payloads)
        #expect(built.packet.bytes.count == OnionPacket.paymentSize)
        var packet: OnionPacket? = built.packet
        for (index, payload) in payloads.enumerated() {
            let peeled = try #require(packet).peel(
                with: OnionFixture.key(UInt8(index + 1)),
                associatedData: OnionFixture.associatedData)
            #expect(peeled.payload == payload)
            #expect(peeled.sharedSecret == built.sharedSecrets[index])
            #expect(peeled.next?.bytes.count ?? OnionPacket.paymentSize == OnionPacket.paymentSize)
            packet = peeled.next
        }
        #expect(packet == nil)
    }

    @Test("payloads may fill the packet to the last byte, and no further")
    func fullPacket() throws {
        // Three bytes of length and 32 of code are the layer's own.
        let full = [UInt8](repeating: 7, count: 1300 - 35)
        let built = try OnionFixture.build([full])
        let peeled = try built.packet.peel(
            with: OnionFixture.key(1), associatedData: OnionFixture.associatedData)
        #expect(peeled.payload == full && peeled.next == nil)
        #expect(throws: OnionBuildError.payloadsTooLong(count: 1301, limit: 1300)) {
            try OnionFixture.build([full + [7]])
        }
        let large = [UInt8](repeating: 7, count: 30000)
        let message = try OnionFixture.build(
            [large, [1, 2]], capacity: OnionPacket.largeMessageCapacity)
        let first = try message.packet.peel(
            with: OnionFixture.key(1), associatedData: OnionFixture.associatedData)
        #expect(message.packet.bytes.count == 32834 && first.payload == large)
    }

    @Test("an onion without hops or with a payload of a reserved length is not built")
    func wrongPayloads() {
        #expect(throws: OnionBuildError.noHops) { try OnionFixture.build([]) }
        #expect(throws: OnionBuildError.payloadTooShort(hop: 1, count: 1)) {
            try OnionFixture.build([[1, 2], [1]])
        }
    }

    @Test("a packet that was changed anywhere is refused")
    func changedPackets() throws {
        let bytes = try OnionFixture.build([[1, 2, 3], [4, 5, 6]]).packet.bytes
        for position in stride(from: 34, to: bytes.count, by: 13) {
            var changed = bytes
            changed[position] ^= 1 << (position % 8)
            #expect(throws: OnionError.wrongHMAC) { try Self.peel(changed) }
        }
        #expect(throws: OnionError.wrongHMAC) {
            try OnionPacket(bytes).peel(with: OnionFixture.key(1), associatedData: [])
        }
        #expect(throws: OnionError.wrongHMAC) {
            try OnionPacket(bytes).peel(
                with: OnionFixture.key(2), associatedData: OnionFixture.associatedData)
        }
    }

    static func peel(_ bytes: [UInt8]) throws -> PeeledOnion {
        try OnionPacket(bytes).peel(
            with: OnionFixture.key(1), associatedData: OnionFixture.associatedData)
    }

    @Test("another version, a key off the curve and a packet too short are told apart")
    func unreadable() throws {
        let bytes = try OnionFixture.build([[1, 2, 3]]).packet.bytes
        #expect(throws: OnionError.unknownVersion(1)) { try Self.peel([1] + bytes.dropFirst()) }
        var badKey = bytes
        badKey.replaceSubrange(2..<34, with: repeatElement(0xff, count: 32))
        #expect(throws: OnionError.invalidKey) { try Self.peel(badKey) }
        badKey[1] = 4
        #expect(throws: OnionError.invalidKey) { try Self.peel(badKey) }
        #expect(throws: OnionError.wrongSize(expected: 101, actual: 100)) {
            try OnionPacket([UInt8](repeating: 0, count: 100))
        }
    }

    @Test(
        "a length that is reserved, malformed or past the end is refused although its code is right",
        arguments: [
            [0], [1], [0xfd, 0, 5], [0xfd, 0xff, 0xff], [0xfe, 0, 1, 0, 0],
            [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0xfd, 0x04, 0xf2],
        ] as [[UInt8]])
    func lengths(prefix: [UInt8]) throws {
        let old: [UInt8] = [20] + (1...20)
        let built = try OnionFixture.build([Array(1...20)])
        let packet = try OnionFixture.forge(built, from: old, to: prefix)
        #expect(throws: OnionError.malformedLength(built.sharedSecrets[0])) {
            try packet.peel(
                with: OnionFixture.key(1), associatedData: OnionFixture.associatedData)
        }
    }

    @Test("the greatest length that leaves room for a code is read")
    func greatestLength() throws {
        let old: [UInt8] = [20] + (1...20)
        let built = try OnionFixture.build([Array(1...20)])
        let packet = try OnionFixture.forge(built, from: old, to: [0xfd, 0x04, 0xf1])
        let peeled = try packet.peel(
            with: OnionFixture.key(1), associatedData: OnionFixture.associatedData)
        #expect(peeled.payload.count == 1265)
    }

    @Test("a key that can only multiply points peels like one that multiplies itself")
    func remoteKey() throws {
        struct Remote: OnionNodeKey {
            let key: PrivateKey
            func sharedSecret(with point: PublicKey) -> Hash256 { key.sharedSecret(with: point) }
        }
        let key = OnionFixture.key(1)
        let path = try PathSecret(pathKey: Point(OnionFixture.key(9).publicKey), key: key)
        let hop = OnionHop(
            key: try key.publicKey.multiplying(by: path.keyFactor), payload: [1, 2, 3])
        let packet = try OnionPacket.build(
            [hop], sessionKey: OnionFixture.key(5), associatedData: []
        ).packet
        let local = try packet.peel(with: key, associatedData: [], inside: path)
        #expect(try packet.peel(with: Remote(key: key), associatedData: [], inside: path) == local)
        #expect(local.payload == [1, 2, 3])
    }
}
