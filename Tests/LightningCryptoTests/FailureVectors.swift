import Bitcoin
import LightningCrypto
import LightningWire
import TestSupport
import Testing

/// Failures on their way back, with and without attribution data.
@Suite("Failures of BOLT 4") struct FailureVectors {
    static let file = VectorFile("bolt/bolt04-onion-error-test.json")

    @Test(
        "the packet of the last hop arrives at the origin as the specification says",
        .enabled(if: file.isPresent, "shared/vectors is not there"))
    func all() throws {
        let json = try Self.file.json()
        let generate = try #require(json["generate"])
        let secrets = try generate.list("hops").map {
            OnionSharedSecret(try Hash256($0.hex("hop_shared_secret")))
        }
        #expect(secrets.count == 5)
        let message = try FailureMessage(decoding: generate.hex("failure_message"))
        #expect(message == FailureMessage(.temporaryNodeFailure))
        var failure = ReturnedFailure.create(message, secret: secrets[4], holdTime: nil)
        for secret in secrets[..<4].reversed() {
            failure = failure.forwarded(secret: secret, holdTime: nil)
        }
        let isBuilt = try failure.reason == json.hex("errorpacket")
        #expect(isBuilt)
        let decrypted = failure.decrypt(sharedSecrets: secrets)
        #expect(decrypted.source == .hop(4, message))
        #expect(decrypted.holdTimes.isEmpty && decrypted.firstUnattributed == nil)
        Self.file.record(
            cases: 2, run: 2,
            passed: (isBuilt ? 1 : 0) + (decrypted.source == .hop(4, message) ? 1 : 0))
    }

    /// The shared secrets of the specification's route, hop 0 first.
    static let secrets = [
        "53eb63ea8a3fec3b3cd433b85cd62a4b145e1dda09391b348c4e1cd36a03ea66",
        "a6519e98832a0b179f62123b3567c106db99ee37bef036e783263602f3488fae",
        "3a6b412548762f0dbccce5c7ae7bb8147d1caf9b5471c34120b30bc9c04891cc",
        "21e13c2d7cfe7e18836df50872466117a295783ab8aab0e7ecc8c725503ad02d",
        "b5756b9b542727dbafc6765a49488b023a725d631af688fc031217e90770c328",
    ].map { OnionSharedSecret(try! Hash256(hex: $0)) }

    /// The failure of the text's example: a record of 300 bytes follows the data.
    static let message = FailureMessage(
        .incorrectOrUnknownPaymentDetails(amount: MilliSatoshi(100), height: BlockHeight(800_000)),
        extra: [0xfd, 0x84, 0xd1, 0xfd, 0x01, 0x2c] + [UInt8](repeating: 128, count: 300))

    static func digest(_ bytes: [UInt8]) -> String { SHA256.hash(bytes).hex }

    static func bytes(_ data: AttributionData?) throws -> [UInt8] {
        var writer = ByteWriter()
        let data = try #require(data)
        for time in data.holdTimes { writer.writeBigEndian(time) }
        for code in data.truncatedHMACs { writer.writeBigEndian(code.value) }
        return writer.bytes
    }

    @Test("packets and attribution data are those of the text, hop by hop")
    func attribution() throws {
        // The SHA-256 of what "Returning Errors" shows for nodes 4 to 0. The text lists hold times of 1 to 5 from the
        // first hop on, but its data were made with 1 to 5 from the last.
        let packets = [
            "af9de55ab5c9355f9a438f96035a3d45be936b06d2383419457430db3d80db3b",
            "929b5202b7cddf44137ab09c9c9cce0b58d9d4d48d85d020a0dc1784527e56d3",
            "d7023647b46913b9c2ddc4f60178b1ced9e87cdb07fb16d25f0778f1d1d11efb",
            "325918ac1a2c14568c50ad5493b60cec6b05b66278121f48a47a0de6cf675f2e",
            "0709ced8da7a15dae982a2c0edfe44fefa1a2aab5db8e207f63890455799ec07",
        ]
        let attributions = [
            "25ff586eab24fa8d3ea4170629269da6d89482b084a2dddf6569bb8695c691d0",
            "c4aad28856fa0e3a7b4a016ca993628fa1be20853ac923317c8847f8ce721806",
            "5706b3765997d4716e76daf8853e552765e92114fc435716638b33fbc8c42d1c",
            "013c69b6b2abc0453348483f8cb81aafb991fb1846b9c4523c2d18522a18abe3",
            "7fe8cee92a9d62492c9ef65d54f363f41563be0050c6bce084fbb0034405646b",
        ]
        var failure = ReturnedFailure.create(
            Self.message, secret: Self.secrets[4], holdTime: 1, paddedLength: 1024)
        for step in 0..<5 {
            #expect(Self.digest(failure.reason) == packets[step])
            #expect(Self.digest(try Self.bytes(failure.attribution)) == attributions[step])
            guard step < 4 else { break }
            failure = failure.forwarded(
                secret: Self.secrets[3 - step], holdTime: UInt32(2 + step))
        }
        let decrypted = failure.decrypt(sharedSecrets: Self.secrets)
        #expect(decrypted.source == .hop(4, Self.message))
        #expect(decrypted.holdTimes == [5, 4, 3, 2, 1])
        #expect(decrypted.firstUnattributed == nil)
        #expect(Self.message.records?.map(\.type) == [34001])
    }

    @Test("hold times of a payment that succeeded are those of the text, hop by hop")
    func fulfilment() throws {
        // The SHA-256 of what "Returning success" shows for nodes 4 to 0.
        let expected = [
            "03fafa645fbc1fd1d623b7900b21e4968b85c02847c623fc667dd66d2718f3f2",
            "559e20750750c4cf807f0d5fdd95077412509c2274466e60560acc63af91741c",
            "b4dc73f0964f4b693c50c171e184ad65b66e02f9f13f3ead33e3b813b3ae7f23",
            "407543c483b29ec88a2cbc9039ef73cd4127e6e537fb297192695fd6cfacd571",
            "7c8edc31d5900c0c8df5393c534cf54fa88d3fd91a6d0760f7353b98feae0587",
        ]
        var data: AttributionData?
        for step in 0..<5 {
            let next = AttributionData.fulfilled(
                downstream: data, secret: Self.secrets[4 - step], holdTime: UInt32(1 + step))
            #expect(Self.digest(try Self.bytes(next)) == expected[step])
            data = next
        }
        #expect(data?.holdTimes(sharedSecrets: Self.secrets) == [5, 4, 3, 2, 1])
    }
}
