import Bitcoin
import TestSupport
import Testing

/// A row of `script_tests.json`: a script and what it gives under some flags.
struct ScriptCase {
    let scriptSig: Script
    let scriptPubKey: Script
    let witness: [[UInt8]]
    let amount: Satoshi
    let flags: ScriptFlags
    /// Bitcoin Core's name of the error, or `OK`.
    let expected: String

    init(_ row: JSONValue) throws {
        var fields = try #require(row.array)
        var (witness, amount): ([[UInt8]], Satoshi) = ([], .zero)
        var taprootOutput: XOnlyPublicKey?
        if let items = fields[0].array {
            fields.removeFirst()
            amount = Satoshi(Int64((try #require(items.last?.number) * 100_000_000).rounded()))
            (witness, taprootOutput) = try Self.witness(items.dropLast().map { try $0.text() })
        }
        scriptSig = try ScriptText.script(fields[0].text())
        if let taprootOutput {
            scriptPubKey = .payToTaproot(taprootOutput)
        } else {
            scriptPubKey = try ScriptText.script(fields[1].text())
        }
        let flags = try ScriptText.flags(fields[2].text())
        self.flags = flags.filled
        expected = try fields[3].text()
        (self.witness, self.amount) = (witness, amount)
    }

    /// The items, where a `#SCRIPT#` becomes the one leaf of a taproot output whose internal key has no known secret.
    private static func witness(
        _ items: [String]
    ) throws -> ([[UInt8]], output: XOnlyPublicKey?) {
        let marker = "#SCRIPT#"
        guard let text = items.first(where: { $0.hasPrefix(marker) }) else {
            return (try items.map { try Hex.decode($0) }, nil)
        }
        let leaf = TapLeaf(try ScriptText.script(String(text.dropFirst(marker.count))))
        let internalKey = try XOnlyPublicKey(
            Hex.decode("50929b74c1a04954b78b4b6035e97a5e078a5a0f28ec96d547bfee9ace803ac0"))
        let output = try Taproot.outputKey(internalKey, root: leaf.hash)
        let control = Taproot.controlBlock(
            internalKey: internalKey, isOdd: output.isOdd, path: [])
        let witness = try items.map { item in
            if item.hasPrefix(marker) { return leaf.script.bytes }
            return item == "#CONTROLBLOCK#" ? control : try Hex.decode(item)
        }
        return (witness, output.key)
    }

    /// What our verifier says, in the vocabulary of the file.
    func verdict(_ flags: ScriptFlags) -> String {
        let credit = Transaction(
            version: 1,
            inputs: [TransactionInput(previousOutput: .null, scriptSig: Script([0, 0]))],
            outputs: [TransactionOutput(amount: amount, scriptPubKey: scriptPubKey)])
        let spend = Transaction(
            version: 1,
            inputs: [
                TransactionInput(
                    previousOutput: OutPoint(credit.id, 0), scriptSig: scriptSig,
                    witness: witness)
            ],
            outputs: [TransactionOutput(amount: amount, scriptPubKey: Script())])
        do throws(ScriptError) {
            try ScriptVerifier(spend, spending: credit.outputs, flags: flags).verify(input: 0)
            return "OK"
        } catch {
            return error.name
        }
    }
}
