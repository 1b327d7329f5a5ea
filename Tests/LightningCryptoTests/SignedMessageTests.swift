import Bitcoin
import LightningCrypto
import LightningWire
import TestSupport
import Testing

/// Messages signed by nodes of other implementations, and what is refused.
@Suite("Signed messages") struct SignedMessageTests {
    static let key = try? PrivateKey([UInt8](repeating: 7, count: 32))

    @Test("signatures of other implementations' nodes name their node")
    func otherNodes() throws {
        for item in try OwnVectors("signedmessages.json").cases("nodes", count: 3) {
            let signer = try SignedMessage.signer(
                of: Array(item.text("message").utf8), signature: item.text("signature"))
            #expect("\(signer)" == (try item.text("node")))
        }
    }

    @Test("signing is deterministic, and the same as by other implementations")
    func deterministic() throws {
        for item in try OwnVectors("signedmessages.json").cases("signed", count: 1) {
            let key = try PrivateKey(Hex.decode(item.text("key")))
            let message = Array(try item.text("message").utf8)
            let signature = SignedMessage.sign(message, key: key)
            #expect(signature == (try item.text("signature")))
            #expect(
                try SignedMessage.signer(of: message, signature: signature)
                    == NodeID(key.publicKey))
        }
    }

    @Test("another message, or the message hashed once, is another node's")
    func otherMessage() throws {
        let key = try #require(Self.key)
        let signature = SignedMessage.sign([1, 2, 3], key: key)
        #expect(signature.count == 104)
        #expect(
            try SignedMessage.signer(of: [1, 2, 4], signature: signature) != NodeID(key.publicKey))
        let single = SignedMessage.sign([1, 2, 3], key: key, isSingleHash: true)
        #expect(
            try SignedMessage.signer(of: [1, 2, 3], signature: single) != NodeID(key.publicKey))
    }

    @Test("what is not a signature is refused with the reason")
    func refused() throws {
        let key = try #require(Self.key)
        let signature = SignedMessage.sign([], key: key)
        func error(_ text: String) -> SignedMessageError? {
            do throws(SignedMessageError) {
                _ = try SignedMessage.signer(of: [], signature: text)
                return nil
            } catch {
                return error
            }
        }
        #expect(error(signature) == nil)
        #expect(error("") == .wrongLength(expected: 65, actual: 0))
        #expect(error(signature + "yyyyyyyy") == .wrongLength(expected: 65, actual: 70))
        #expect(error(String(signature.dropLast())) == .invalidPadding(characters: 103))
        #expect(error(signature + "y") == .invalidPadding(characters: 105))
        #expect(error("l" + signature.dropFirst()) == .invalidCharacter(0x6c, position: 0))
        #expect(error(signature.uppercased()) != nil)
        #expect(error("yy" + signature.dropFirst(2)) == .unknownHeader(0))
        // r above the group's order.
        let absurd = "d9" + String(repeating: "9", count: 51) + signature.dropFirst(53)
        #expect(error(absurd) == .noSigner(.invalidSignature))
    }
}
