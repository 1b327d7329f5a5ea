/// An input of a transaction.
public struct TransactionInput: Hashable, Sendable {
    /// The output that it spends.
    public var previousOutput: OutPoint
    /// The script that unlocks outputs from before segwit; empty for native segwit.
    public var scriptSig: Script
    /// Relative lock and replacement signal.
    public var sequence: InputSequence
    /// The items that unlock segwit outputs (BIP 141); empty for others.
    public var witness: [[UInt8]]

    /// An input that is not signed yet unless a script or witness is given.
    public init(
        previousOutput: OutPoint, scriptSig: Script = Script(),
        sequence: InputSequence = .final, witness: [[UInt8]] = []
    ) {
        self.previousOutput = previousOutput
        self.scriptSig = scriptSig
        self.sequence = sequence
        self.witness = witness
    }
}

/// An output of a transaction.
public struct TransactionOutput: Hashable, Sendable {
    /// The amount that it holds.
    public var amount: Satoshi
    /// The condition for spending it.
    public var scriptPubKey: Script

    /// An output of `amount` locked by `scriptPubKey`.
    public init(amount: Satoshi, scriptPubKey: Script) {
        self.amount = amount
        self.scriptPubKey = scriptPubKey
    }
}

/// A Bitcoin transaction.
public struct Transaction: Hashable, Sendable {
    /// 1 has no relative locks, 2 has them (BIP 68), 3 is topologically restricted (BIP 431).
    public var version: Int32
    /// What it spends; consensus asks for one at least.
    public var inputs: [TransactionInput]
    /// What it creates; consensus asks for one at least.
    public var outputs: [TransactionOutput]
    /// The earliest height or time at which a block may hold it.
    public var lockTime: LockTime

    /// A transaction of these parts, valid or not.
    public init(
        version: Int32 = 2, inputs: [TransactionInput], outputs: [TransactionOutput],
        lockTime: LockTime = .none
    ) {
        self.version = version
        self.inputs = inputs
        self.outputs = outputs
        self.lockTime = lockTime
    }

    /// Whether any input has a witness.
    public var hasWitness: Bool { inputs.contains { !$0.witness.isEmpty } }

    /// Whether sequence numbers are relative locks: the version, taken without its sign, is at least 2 (BIP 68).
    public var hasRelativeLocks: Bool { UInt32(bitPattern: version) >= 2 }

    /// Whether this is the transaction that pays a miner: one input that spends nothing.
    public var isCoinbase: Bool { inputs.count == 1 && inputs[0].previousOutput == .null }

    /// Whether each output's amount, and the sum of all, is one that consensus allows: what comes from outside may claim any.
    public var hasPossibleAmounts: Bool { Satoshi.sum(outputs.lazy.map(\.amount)) != nil }

    /// The double hash of the encoding without witnesses. Computed at each call: keep it where it is needed often.
    public var id: TransactionID {
        var writer = ByteWriter(capacity: 512)
        writeWithoutWitness(to: &writer)
        return TransactionID(SHA256.doubleHash(writer.bytes))
    }

    /// The double hash of the encoding with witnesses (BIP 141).
    public var witnessID: WitnessTransactionID {
        WitnessTransactionID(SHA256.doubleHash(encoded))
    }

    /// The size in weight units (BIP 141).
    public var weight: Weight {
        let base = baseSize
        return Weight(UInt64(base * 4 + witnessSize))
    }

    /// The size for fees in virtual bytes: a quarter of the weight, rounded up.
    public var virtualSize: UInt64 { weight.virtualSize }

    /// The number of bytes of the encoding with witnesses.
    public var totalSize: Int { baseSize + witnessSize }

    /// The number of bytes of the encoding without witnesses.
    public var baseSize: Int {
        var size = 8
        size += ByteWriter.compactSizeLength(inputs.count)
        for input in inputs {
            let script = input.scriptSig.bytes.count
            size += 40 + ByteWriter.compactSizeLength(script) + script
        }
        size += ByteWriter.compactSizeLength(outputs.count)
        for output in outputs {
            let script = output.scriptPubKey.bytes.count
            size += 8 + ByteWriter.compactSizeLength(script) + script
        }
        return size
    }

    /// The number of bytes that the items of one witness take, with their count and lengths.
    static func size(ofWitness items: [[UInt8]]) -> Int {
        items.reduce(ByteWriter.compactSizeLength(items.count)) {
            $0 + ByteWriter.compactSizeLength($1.count) + $1.count
        }
    }

    private var witnessSize: Int {
        guard hasWitness else { return 0 }
        return inputs.reduce(2) { $0 + Transaction.size(ofWitness: $1.witness) }
    }
}
