import Bitcoin

/// An output of some type together with the way to spend it.
public struct SpendableOutput {
    /// What unlocks an output.
    public typealias Unlocking = (scriptSig: Script, witness: [[UInt8]])

    /// The output.
    public let output: TransactionOutput
    /// What the input's sequence number must be.
    public var sequence: InputSequence = .lockTimeOnly
    /// What the transaction's lock time must be, where that matters.
    public var lockTime: LockTime?
    /// Makes what unlocks it.
    public let unlock: (InputSigner) throws -> Unlocking

    /// An output of `amount` locked by `script`.
    public init(
        _ script: Script, amount: Satoshi = Satoshi(100_000),
        unlock: @escaping (InputSigner) throws -> Unlocking
    ) {
        output = TransactionOutput(amount: amount, scriptPubKey: script)
        self.unlock = unlock
    }
}

/// Makes the signatures of one input.
public struct InputSigner {
    let transaction: Transaction
    let input: Int
    let amount: Satoshi
    /// The type of signature hash that is asked for.
    public let type: SighashType
    let cache: SignatureHashCache

    /// A signature from before segwit over `code`.
    public func legacy(_ key: PrivateKey, _ code: Script) -> [UInt8] {
        let hash = SignatureHash.legacy(
            transaction, input: input, scriptCode: code, type: type)
        return key.sign(hash).der + [type.byte]
    }

    /// A signature of segwit version 0 over `code`.
    public func segwitV0(_ key: PrivateKey, _ code: Script) -> [UInt8] {
        let hash = SignatureHash.segwitV0(
            transaction, input: input, scriptCode: code, amount: amount, type: type,
            cache: cache)
        return key.sign(hash).der + [type.byte]
    }

    /// A signature of taproot or tapscript.
    public func taproot(
        _ key: PrivateKey, annex: [UInt8]? = nil, tapscript: SignatureHash.Tapscript? = nil,
        isDefault: Bool = false
    ) throws -> [UInt8] {
        let type = isDefault ? .default : type
        guard
            let hash = SignatureHash.taproot(
                transaction, input: input, type: type, annex: annex, tapscript: tapscript,
                cache: cache)
        else { throw UnsignableType() }
        return key.signSchnorr(hash) + (isDefault ? [] : [type.byte])
    }

    /// The type asks for an output that is not there.
    public struct UnsignableType: Error {}
}

extension Transaction {
    /// A signed transaction that spends `coins`, each input with a type of signature hash of its own.
    public static func spending(
        _ coins: [SpendableOutput], outputs: [TransactionOutput], types: [SighashType],
        version: Int32 = 2
    ) throws -> Transaction {
        var transaction = Transaction(
            version: version,
            inputs: coins.indices.map { index in
                let id = TransactionID(SHA256.hash([UInt8(index), 0x5a]))
                return TransactionInput(
                    previousOutput: OutPoint(id, UInt32(index)), sequence: coins[index].sequence)
            },
            outputs: outputs,
            lockTime: coins.compactMap(\.lockTime).max { $0.value < $1.value } ?? .none)
        let cache = SignatureHashCache(transaction, spending: coins.map(\.output))
        let unsigned = transaction
        for (index, coin) in coins.enumerated() {
            let signer = InputSigner(
                transaction: unsigned, input: index, amount: coin.output.amount,
                type: types[index], cache: cache)
            let unlocking = try coin.unlock(signer)
            transaction.inputs[index].scriptSig = unlocking.scriptSig
            transaction.inputs[index].witness = unlocking.witness
        }
        return transaction
    }
}
