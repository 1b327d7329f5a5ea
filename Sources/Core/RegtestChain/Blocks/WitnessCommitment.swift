import Bitcoin

/// The commitment of a block to the witnesses of its transactions (BIP 141).
enum WitnessCommitment {
    private static let marker: [UInt8] = [0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed]

    /// The output script for `block`, whose coinbase reveals 32 zero bytes.
    static func script(for block: Block) -> Script {
        Script(marker + commitment(block, nonce: [UInt8](repeating: 0, count: 32)).bytes)
    }

    /// Throws unless the coinbase commits to the witnesses, or there are none.
    static func check(_ block: Block) throws(BlockRejection) {
        guard let committed = find(in: block.transactions[0]) else {
            guard !block.transactions.contains(where: \.hasWitness) else {
                throw .unexpectedWitness
            }
            return
        }
        let witness = block.transactions[0].inputs[0].witness
        guard witness.count == 1, witness[0].count == 32 else { throw .badWitnessNonce }
        guard commitment(block, nonce: witness[0]).bytes == committed else {
            throw .wrongWitnessCommitment
        }
    }

    /// The 32 committed bytes. Where more than one output has the form, the last counts.
    private static func find(in coinbase: Transaction) -> [UInt8]? {
        coinbase.outputs.last { output in
            let script = output.scriptPubKey.bytes
            return script.count >= 38 && script.starts(with: marker)
        }.map { Array($0.scriptPubKey.bytes[6..<38]) }
    }

    private static func commitment(_ block: Block, nonce: [UInt8]) -> Hash256 {
        SHA256.doubleHash(block.computeWitnessMerkleRoot().bytes + nonce)
    }
}
