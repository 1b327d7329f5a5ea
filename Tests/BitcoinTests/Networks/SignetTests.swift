import Bitcoin
import TestSupport
import Testing

@Suite("Signet") struct SignetTests {
    let block: Block
    let hash: String

    init() throws {
        let content = try OwnVectors("signet.json").content
        block = try Block(decoding: Hex.decode(content.text("block")))
        hash = try content.text("hash")
    }

    @Test("the first block of the public signet is signed and follows the genesis block")
    func firstBlock() throws {
        #expect(block.hash.description == hash)
        #expect(block.header.previousBlock == Network.signet.genesisHash)
        #expect(block.header.hasProofOfWork(on: .signet))
        #expect(block.computeMerkleRoot().root == block.header.merkleRoot)
        try SignetSolution.check(block)
    }

    @Test("a changed block, another challenge or a damaged solution is refused")
    func refused() throws {
        var wrong = block
        wrong.header.time += 1
        #expect(throws: SignetError.self) { try SignetSolution.check(wrong) }
        wrong = block
        wrong.header.nonce += 1
        try SignetSolution.check(wrong)
        #expect(throws: SignetError.self) {
            try SignetSolution.check(block, challenge: ScriptBuilder().op(.push0).script)
        }
        wrong = block
        wrong.transactions[0].outputs.removeLast()
        #expect(throws: SignetError.noWitnessCommitment) { try SignetSolution.check(wrong) }
        wrong = block
        var commitment = Script(
            Array(block.transactions[0].outputs[1].scriptPubKey.bytes.prefix(38)))
        wrong.transactions[0].outputs[1].scriptPubKey = commitment
        #expect(throws: SignetError.self) { try SignetSolution.check(wrong) }
        try SignetSolution.check(wrong, challenge: ScriptBuilder().op(.push1).script)
        commitment = ScriptBuilder(commitment).push(SignetSolution.marker + [9]).script
        wrong.transactions[0].outputs[1].scriptPubKey = commitment
        #expect(throws: SignetError.malformedSolution(.truncated(needed: 9, available: 0))) {
            try SignetSolution.check(wrong)
        }
    }
}
