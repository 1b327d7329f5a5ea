/// Why a block of a signet is not signed as its challenge demands.
public enum SignetError: Error, Equatable, Sendable {
    /// The coinbase has no output that commits to the witnesses, which would hold the solution.
    case noWitnessCommitment
    /// The solution is not a script and a witness.
    case malformedSolution(DecodeError)
    /// The solution does not satisfy the challenge.
    case refused(ScriptError)
}

/// The signature of a block of a signet (BIP 325).
public enum SignetSolution {
    /// Checks that `block` is signed as `challenge` demands. The genesis block is not signed.
    public static func check(
        _ block: Block, challenge: Script = Network.defaultSignetChallenge
    ) throws(SignetError) {
        let (spend, output) = try transactions(of: block, challenge: challenge)
        let verifier = ScriptVerifier(
            spend, spending: [output], flags: [.p2sh, .witness, .derSignatures, .nullDummy])
        do {
            try verifier.verify(input: 0)
        } catch {
            throw .refused(error)
        }
    }

    /// The transaction that stands for the signature, and the output that it spends: what a signer signs.
    public static func transactions(
        of block: Block, challenge: Script
    ) throws(SignetError) -> (spend: Transaction, output: TransactionOutput) {
        guard let coinbase = block.transactions.first,
            let index = coinbase.outputs.lastIndex(where: \.isWitnessCommitment)
        else { throw .noWitnessCommitment }
        let (solution, cleared) = take(from: coinbase.outputs[index].scriptPubKey)
        var unsigned = block
        unsigned.transactions[0].outputs[index].scriptPubKey = cleared
        let output = TransactionOutput(amount: .zero, scriptPubKey: challenge)
        let commitment = Transaction(
            version: 0,
            inputs: [
                TransactionInput(
                    previousOutput: .null,
                    scriptSig: ScriptBuilder().op(.push0).push(signedData(of: unsigned)).script,
                    sequence: InputSequence(0))
            ],
            outputs: [output])
        var input = TransactionInput(
            previousOutput: OutPoint(commitment.id, 0), sequence: InputSequence(0))
        if let solution { try fill(&input, with: solution) }
        let spend = Transaction(
            version: 0, inputs: [input],
            outputs: [
                TransactionOutput(
                    amount: .zero, scriptPubKey: ScriptBuilder().op(.return).script)
            ])
        return (spend, output)
    }

    /// What stands before a solution in its push.
    public static let marker: [UInt8] = [0xec, 0xc7, 0xda, 0xa2]

    private static func signedData(of block: Block) -> [UInt8] {
        var writer = ByteWriter(capacity: 72)
        writer.writeLittleEndian(block.header.version)
        block.header.previousBlock.write(to: &writer)
        writer.write(block.computeMerkleRoot().root)
        writer.writeLittleEndian(block.header.time)
        return writer.bytes
    }

    /// The solution in a commitment, and the commitment without it.
    private static func take(from script: Script) -> (solution: [UInt8]?, cleared: Script) {
        var reader = ScriptReader(script)
        var cleared = Script()
        var solution: [UInt8]?
        while let instruction = try? reader.next() {
            let data = Array(instruction.data)
            if data.isEmpty {
                cleared.bytes.append(instruction.code)
            } else if solution == nil, data.count > marker.count, data.starts(with: marker) {
                solution = Array(data.dropFirst(marker.count))
                cleared.appendDataPush(marker)
            } else {
                cleared.appendDataPush(data)
            }
        }
        return (solution, solution == nil ? script : cleared)
    }

    private static func fill(
        _ input: inout TransactionInput, with solution: [UInt8]
    ) throws(SignetError) {
        var reader = ByteReader(solution.span.bytes)
        do {
            input.scriptSig = try Script(from: &reader)
            input.witness = try PSBTMap.witness(reader.readRemainingBytes())
        } catch {
            throw .malformedSolution(error)
        }
    }
}

extension TransactionOutput {
    /// Whether the output commits to the witnesses of a block (BIP 141).
    fileprivate var isWitnessCommitment: Bool {
        scriptPubKey.bytes.count >= 38
            && scriptPubKey.bytes.starts(with: [0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed])
    }
}
