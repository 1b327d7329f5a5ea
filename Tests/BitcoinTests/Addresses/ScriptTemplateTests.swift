import Bitcoin
import Testing

@Suite("Output script templates") struct ScriptTemplateTests {
    let key: PublicKey
    let other: PublicKey

    init() throws {
        key = try PrivateKey([UInt8](repeating: 7, count: 32)).publicKey
        other = try PrivateKey([UInt8](repeating: 8, count: 32)).publicKey
    }

    @Test("every script that is built is recognised as what it is")
    func buildAndRecognise() throws {
        let hash = Hash160(hashing: key.compressed)
        let long = SHA256.hash([1])
        #expect(Script.payToPublicKey(key).template == .payToPublicKey(key.compressed))
        #expect(
            Script.payToPublicKey(key, compressed: false).template
                == .payToPublicKey(key.uncompressed))
        #expect(Script.payToPublicKeyHash(of: key).template == .payToPublicKeyHash(hash))
        #expect(Script.payToScriptHash(hash).template == .payToScriptHash(hash))
        #expect(
            Script.payToWitnessPublicKeyHash(of: key).template == .payToWitnessPublicKeyHash(hash))
        #expect(Script.payToWitnessScriptHash(long).template == .payToWitnessScriptHash(long))
        #expect(
            Script.payToTaproot(key.xOnly.key).template == .payToTaproot(key.xOnly.key.x))
        #expect(Script.payToAnchor.template == .payToAnchor)
        #expect(Script.payToAnchor.hex == "51024e73")
        #expect(
            try Script.witness(version: 16, program: [1, 2]).template
                == .futureWitness(version: 16, program: [1, 2]))
        #expect(
            try Script.multisig(required: 1, [key, other]).template
                == .bareMultisig(required: 1, keys: [key.compressed, other.compressed]))
        for count in [0, 1, 75, 76, 255, 256, 70_000] {
            let script = Script.nullData([UInt8](repeating: 5, count: count))
            #expect(script.template == .nullData(Array(script.bytes.dropFirst())))
            #expect(script.isUnspendable)
        }
    }

    @Test(
        "what is nearly a standard script is none",
        arguments: [
            "", "51", "76a914000000000000000000000000000000000000000088",
            "0013000000000000000000000000000000000000ff", "00024e73",
            "6a02ff", "6a61", "a9140000000000000000000000000000000000000000ac",
            "2105000000000000000000000000000000000000000000000000000000000000000000ac",
            "5150ae", "5151ae", "6050",
        ])
    func nearlyStandard(_ hex: String) throws {
        let script = try Script(hex: hex)
        #expect(script.template == .nonStandard)
        #expect(Address(script: script, network: .mainnet) == nil)
    }

    @Test("a multisig needs as many keys as it says, and a threshold that they can meet")
    func multisigBounds() throws {
        #expect(throws: DecodeError.self) { try Script.multisig(required: 3, [key, other]) }
        #expect(throws: DecodeError.self) { try Script.multisig(required: 0, [key]) }
        #expect(throws: DecodeError.self) { try Script.multisig(required: 1, []) }
        var script = try Script.multisig(required: 2, [key, other])
        script.bytes[script.bytes.count - 2] = 0x53
        #expect(script.template == .nonStandard)
        script = try Script.multisig(required: 2, [key, other])
        script.bytes[0] = 0x53
        #expect(script.template == .nonStandard)
    }

    @Test("a witness program has a version up to 16 and 2 to 40 bytes")
    func witnessBounds() {
        #expect(throws: DecodeError.self) { try Script.witness(version: 17, program: [1, 2]) }
        #expect(throws: DecodeError.self) { try Script.witness(version: 1, program: [1]) }
        #expect(throws: DecodeError.self) {
            try Script.witness(version: 1, program: [UInt8](repeating: 0, count: 41))
        }
    }
}
