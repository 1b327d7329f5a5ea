import Bitcoin
import Testing

@Suite("Primitives") struct PrimitiveTests {
    static let genesis =
        "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c0101000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000"

    @Test("the genesis block decodes, hashes to its name and encodes back")
    func genesisBlock() throws {
        let bytes = try Hex.decode(Self.genesis)
        let block = try Block(decoding: bytes)
        #expect(
            block.hash.description
                == "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f")
        #expect(block.computeMerkleRoot().root == block.header.merkleRoot)
        #expect(block.encoded == bytes)
        #expect(block.transactions[0].isCoinbase)
    }

    @Test("bytes after a value are refused and a cut value is reported with its sizes")
    func trailingAndTruncated() throws {
        let bytes = try Hex.decode(Self.genesis)
        #expect(throws: DecodeError.trailingBytes(count: 1)) { try Block(decoding: bytes + [0]) }
        #expect(throws: DecodeError.truncated(needed: 4, available: 3)) {
            try Block(decoding: Array(bytes.dropLast()))
        }
    }

    @Test("hashes give the published figures")
    func hashes() {
        #expect(
            SHA256.hash(Array("abc".utf8)).hex
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            Hex.encode(RIPEMD160.hash(Array("abc".utf8)))
                == "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc")
        #expect(
            Hex.encode(SHA1.hash(Array("abc".utf8))) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(
            HMAC.sha256(key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8)).hex
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test("signatures verify with their key and message and with no other")
    func signatures() throws {
        let key = try PrivateKey([UInt8](repeating: 7, count: 32))
        let other = try PrivateKey([UInt8](repeating: 8, count: 32))
        let hash = SHA256.hash([1, 2, 3])
        let signature = key.sign(hash)
        #expect(key.publicKey.verify(signature, hash))
        #expect(!other.publicKey.verify(signature, hash))
        #expect(!key.publicKey.verify(signature, .zero))
        #expect(try ECDSASignature(der: signature.der) == signature)
        #expect(signature.der.count <= 70)
        let schnorr = key.signSchnorr(hash)
        #expect(key.publicKey.xOnly.key.verify(schnorr, hash))
        #expect(!other.publicKey.xOnly.key.verify(schnorr, hash))
        #expect(try key.signRecoverably(hash).recover(hash) == key.publicKey)
        #expect(key.sharedSecret(with: other.publicKey) == other.sharedSecret(with: key.publicKey))
        #expect(try key.adding(hash).publicKey == key.publicKey.adding(hash))
        #expect(try key.publicKey.adding(other.publicKey) == key.adding(other).publicKey)
        #expect(key.negated.publicKey == key.publicKey.negated)
    }

    @Test("compact sizes must be in their shortest form")
    func compactSizes() {
        for bytes: [UInt8] in [[0xfd, 0xfc, 0], [0xfe, 0xff, 0xff, 0, 0]] {
            #expect(throws: DecodeError.self) {
                var reader = ByteReader(bytes.span.bytes)
                _ = try reader.readCompactSize()
            }
        }
    }
}
