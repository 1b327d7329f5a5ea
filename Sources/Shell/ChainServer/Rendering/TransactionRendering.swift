import Bitcoin
import JSON
import RegtestChain

/// How much is told of a transaction.
struct TransactionDetail {
    /// The coins that it spends, where they are known.
    var spent: [Coin]?
    /// Whether those are listed.
    var showsSpent = false
    /// Whether the encoding is told too.
    var showsHex = true
}

extension JSONObject {
    /// A transaction as bitcoind decodes it.
    static func transaction(_ transaction: Transaction, _ detail: TransactionDetail) -> JSONObject {
        var object = JSONObject([
            ("txid", .id(transaction.id)), ("hash", .id(transaction.witnessID)),
            ("version", .integer(UInt32(bitPattern: transaction.version))),
            ("size", .integer(transaction.totalSize)),
            ("vsize", .integer(transaction.virtualSize)),
            ("weight", .integer(transaction.weight.value)),
            ("locktime", .integer(transaction.lockTime.value)),
        ])
        let inputs = transaction.inputs.enumerated().map { index, input in
            JSONValue.input(
                input, isCoinbase: transaction.isCoinbase,
                spending: detail.showsSpent ? detail.spent?[index] : nil)
        }
        object.append("vin", .array(inputs))
        let outputs = transaction.outputs.enumerated().map { index, output -> JSONValue in
            [
                "value": .amount(output.amount), "n": .integer(index),
                "scriptPubKey": .outputScript(output.scriptPubKey),
            ]
        }
        object.append("vout", .array(outputs))
        if let spent = detail.spent, !transaction.isCoinbase {
            let total = spent.reduce(Satoshi.zero) { $0 + $1.output.amount }
            let paid = transaction.outputs.reduce(Satoshi.zero) { $0 + $1.amount }
            object.append("fee", .amount(total - paid))
        }
        if detail.showsHex { object.append("hex", .string(Hex.encode(transaction.encoded))) }
        return object
    }
}

extension JSONValue {
    fileprivate static func input(
        _ input: TransactionInput, isCoinbase: Bool, spending coin: Coin?
    ) -> JSONValue {
        var object = JSONObject()
        if isCoinbase {
            object.append("coinbase", .string(input.scriptSig.hex))
        } else {
            object.append("txid", .id(input.previousOutput.transactionID))
            object.append("vout", .integer(input.previousOutput.index))
            object.append(
                "scriptSig",
                [
                    "asm": .string(input.scriptSig.text(marksSignatures: true)),
                    "hex": .string(input.scriptSig.hex),
                ])
        }
        if !input.witness.isEmpty {
            object.append("txinwitness", .array(input.witness.map { .string(Hex.encode($0)) }))
        }
        if let coin {
            object.append(
                "prevout",
                [
                    "generated": .bool(coin.isCoinbase), "height": .integer(coin.height.value),
                    "value": .amount(coin.output.amount),
                    "scriptPubKey": .outputScript(coin.output.scriptPubKey),
                ])
        }
        object.append("sequence", .integer(input.sequence.value))
        return .object(object)
    }
}
