import Bitcoin
import LightningCrypto
import LightningWire
import TestSupport
import Testing

@Suite("Failures") struct FailureTests {
    static let hash = SHA256.hash([1])

    /// One of each kind, with its code in BOLT 4.
    static let failures: [(Failure, UInt16)] = [
        (.temporaryNodeFailure, 0x2002), (.permanentNodeFailure, 0x6002),
        (.requiredNodeFeatureMissing, 0x6003), (.invalidOnionVersion(onionHash: hash), 0xc004),
        (.invalidOnionHMAC(onionHash: hash), 0xc005), (.invalidOnionKey(onionHash: hash), 0xc006),
        (.temporaryChannelFailure(channelUpdate: [1, 2]), 0x1007),
        (.permanentChannelFailure, 0x4008), (.requiredChannelFeatureMissing, 0x4009),
        (.unknownNextPeer, 0x400a), (.amountBelowMinimum(amount: MilliSatoshi(5)), 0x100b),
        (.feeInsufficient(amount: MilliSatoshi(6), channelUpdate: [3]), 0x100c),
        (.incorrectCltvExpiry(BlockHeight(7)), 0x100d), (.expiryTooSoon(), 0x100e),
        (
            .incorrectOrUnknownPaymentDetails(amount: MilliSatoshi(8), height: BlockHeight(9)),
            0x400f
        ), (.finalIncorrectCltvExpiry(BlockHeight(10)), 18),
        (.finalIncorrectHTLCAmount(MilliSatoshi(11)), 19), (.channelDisabled(), 0x1014),
        (.expiryTooFar, 21), (.invalidOnionPayload(type: 70000, offset: 12), 0x4016),
        (.mppTimeout, 23), (.invalidOnionBlinding(onionHash: hash), 0xc018),
        (.unknown(FailureCode(rawValue: 0x4fff), data: [1, 2, 3]), 0x4fff),
    ]

    @Test("every failure is written with its code and read again, and is not read from less")
    func codes() throws {
        #expect(Self.failures.count == 23)
        for (failure, code) in Self.failures {
            let bytes = FailureMessage(failure).encoded
            #expect(bytes.prefix(2) == [UInt8(code >> 8), UInt8(code & 0xff)])
            #expect(try FailureMessage(decoding: bytes) == FailureMessage(failure))
            if bytes.count > 2, code != 0x4fff {
                #expect(throws: DecodeError.self) {
                    try FailureMessage(decoding: Array(bytes.dropLast()))
                }
                let longer = try FailureMessage(decoding: bytes + [9])
                #expect(longer.failure == failure && longer.extra == [9])
            }
        }
        #expect(throws: DecodeError.self) { try FailureMessage(decoding: [1]) }
    }

    @Test("the flags of a code are told")
    func flags() {
        #expect(FailureCode.invalidOnionHMAC.isBadOnion && FailureCode.invalidOnionHMAC.isPermanent)
        #expect(FailureCode.permanentNodeFailure.isNode && !FailureCode.expiryTooFar.isPermanent)
        #expect(FailureCode.feeInsufficient.isUpdate && !FailureCode.mppTimeout.isUpdate)
    }

    static func secrets(_ count: Int) -> [OnionSharedSecret] {
        (0..<count).map { OnionSharedSecret(SHA256.hash([UInt8($0)])) }
    }

    /// The failure of hop `source` as the origin gets it; hop `i` held the HTLC for `10 * i + 1`.
    static func failure(
        _ message: FailureMessage, from source: Int, _ secrets: [OnionSharedSecret]
    ) -> ReturnedFailure {
        var failure = ReturnedFailure.create(
            message, secret: secrets[source], holdTime: UInt32(10 * source + 1))
        for index in (0..<source).reversed() {
            failure = failure.forwarded(secret: secrets[index], holdTime: UInt32(10 * index + 1))
        }
        return failure
    }

    @Test("the origin finds the hop that failed, and how long each hop held", arguments: 0..<20)
    func everyHop(source: Int) throws {
        let secrets = Self.secrets(20)
        let message = FailureMessage(.temporaryChannelFailure())
        let failure = Self.failure(message, from: source, secrets)
        // Message and padding are 256 bytes, whatever the message says.
        #expect(failure.reason.count == 32 + 2 + 256 + 2)
        let decrypted = failure.decrypt(sharedSecrets: secrets)
        #expect(decrypted.source == .hop(source, message))
        #expect(decrypted.holdTimes == (0...source).map { UInt32(10 * $0 + 1) })
        #expect(decrypted.firstUnattributed == nil)
    }

    @Test("the origin finds a hop beyond those that attribution can hold", arguments: [20, 26])
    func longRoutes(source: Int) throws {
        let secrets = Self.secrets(27)
        let message = FailureMessage(.unknownNextPeer)
        let decrypted = Self.failure(message, from: source, secrets)
            .decrypt(sharedSecrets: secrets)
        #expect(decrypted.source == .hop(source, message))
    }

    @Test("a hop that changes a failure is found by the attribution data", arguments: 0..<5)
    func tampering(culprit: Int) throws {
        let secrets = Self.secrets(6)
        var failure = ReturnedFailure.create(
            FailureMessage(.mppTimeout), secret: secrets[5], holdTime: 1)
        for index in (0..<5).reversed() {
            failure = failure.forwarded(secret: secrets[index], holdTime: 1)
            if index == culprit { failure.reason[100] ^= 1 }
        }
        let decrypted = failure.decrypt(sharedSecrets: secrets)
        #expect(decrypted.source == .unknown)
        // What a hop hands on after its code was made does not fit that code.
        #expect(decrypted.firstUnattributed == culprit)
        #expect(decrypted.holdTimes.count == culprit)
    }

    @Test("a hop that lies about another's hold time is found too")
    func changedHoldTimes() throws {
        let secrets = Self.secrets(4)
        var failure = Self.failure(FailureMessage(.mppTimeout), from: 3, secrets)
        failure.attribution?.holdTimes[2] ^= 1
        let decrypted = failure.decrypt(sharedSecrets: secrets)
        #expect(decrypted.source == .hop(3, FailureMessage(.mppTimeout)))
        #expect(decrypted.firstUnattributed == 0)
    }

    @Test("a node without attribution starts it anew for those before it")
    func partialSupport() throws {
        let secrets = Self.secrets(4)
        var failure = ReturnedFailure.create(
            FailureMessage(.mppTimeout), secret: secrets[3], holdTime: nil)
        failure = failure.forwarded(secret: secrets[2], holdTime: nil)
        failure = failure.forwarded(secret: secrets[1], holdTime: 8)
        failure = failure.forwarded(secret: secrets[0], holdTime: 9)
        let decrypted = failure.decrypt(sharedSecrets: secrets)
        #expect(decrypted.source == .hop(3, FailureMessage(.mppTimeout)))
        #expect(decrypted.holdTimes == [9, 8])
        #expect(decrypted.firstUnattributed == 2)
    }

    @Test("what is no failure, or far too long or short for one, does no harm")
    func hostileReasons() throws {
        let secrets = Self.secrets(3)
        var generator = SeededGenerator(seed: 5)
        for length in [0, 1, 31, 32, 33, 292, 20000, 65000] {
            let reason = generator.bytes(length)
            let wrapped = ReturnedFailure(reason: reason).forwarded(secret: secrets[0], holdTime: 1)
            #expect(wrapped.reason.count == length)
            #expect(wrapped.decrypt(sharedSecrets: secrets).source == .unknown)
            #expect(wrapped.decrypt(sharedSecrets: []).source == .unknown)
        }
    }

    @Test("a hop whose authentic packet holds no failure is named")
    func malformedMessage() throws {
        let secrets = Self.secrets(3)
        // A length past the end, under a right code.
        let body: [UInt8] = [0xff, 0xff] + [UInt8](repeating: 0, count: 258)
        let um = HMAC.sha256(key: Array("um".utf8), secrets[1].hash.bytes)
        let plain = HMAC.sha256(key: um.bytes, body).bytes + body
        // Forwarding encrypts as the erring node does.
        let failure = ReturnedFailure(reason: plain).forwarded(secret: secrets[1], holdTime: nil)
            .forwarded(secret: secrets[0], holdTime: nil)
        #expect(failure.decrypt(sharedSecrets: secrets).source == .malformed(1))
    }

    @Test("a long failure travels whole")
    func longMessage() throws {
        let secrets = Self.secrets(3)
        let message = FailureMessage(
            .unknown(FailureCode(rawValue: 0x4abc), data: [UInt8](repeating: 3, count: 9000)))
        let decrypted = Self.failure(message, from: 2, secrets).decrypt(sharedSecrets: secrets)
        #expect(decrypted.source == .hop(2, message))
    }

    @Test("hold times of a fulfilled HTLC are trusted up to the first wrong code")
    func fulfilled() throws {
        let secrets = Self.secrets(20)
        var data: AttributionData?
        for index in (0..<20).reversed() {
            data = .fulfilled(downstream: data, secret: secrets[index], holdTime: UInt32(index))
            if index == 7 { data?.holdTimes[1] ^= 1 }
        }
        #expect(data?.holdTimes(sharedSecrets: secrets) == (0..<7).map { UInt32($0) })
    }
}
