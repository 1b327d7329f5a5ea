/// The parts that version 2 lets others still change (BIP 370).
public struct PSBTModifiable: OptionSet, Hashable, Sendable {
    /// The flags as they stand in the format.
    public let rawValue: UInt8

    /// Flags from their form in the format.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Inputs may be added and removed.
    public static let inputs = PSBTModifiable(rawValue: 1)
    /// Outputs may be added and removed.
    public static let outputs = PSBTModifiable(rawValue: 2)
    /// There is a signature that ties an input to the output at its position.
    public static let hasSighashSingle = PSBTModifiable(rawValue: 4)
}

extension PSBT {
    /// A PSBT of version 0 around `transaction`, whose scripts and witnesses are left out.
    public init(_ transaction: Transaction) {
        self.init()
        var unsigned = transaction
        for index in unsigned.inputs.indices {
            unsigned.inputs[index].scriptSig = Script()
            unsigned.inputs[index].witness = []
        }
        var writer = ByteWriter(capacity: unsigned.baseSize)
        unsigned.writeWithoutWitness(to: &writer)
        global.set(PSBTGlobalType.unsignedTransaction, writer.bytes)
        inputs = unsigned.inputs.map { _ in PSBTInput() }
        outputs = unsigned.outputs.map { _ in PSBTOutput() }
    }

    /// The same PSBT in `version`; nothing that both versions have is lost.
    ///
    /// Throws ``PSBTError/incompatibleLockTimes`` where version 2 leaves no lock time to choose.
    public func converted(to version: Version) throws(PSBTError) -> PSBT {
        guard version != self.version else { return self }
        let transaction = try unsignedTransaction()
        return version == .v0 ? toVersion0(transaction) : toVersion2(transaction)
    }

    private func toVersion0(_ transaction: Transaction) -> PSBT {
        var result = self
        let globals: [PSBTGlobalType] = [
            .transactionVersion, .fallbackLockTime, .inputCount, .outputCount, .modifiable,
            .version,
        ]
        for type in globals { result.global.set(type, nil) }
        let unsigned = PSBT(transaction).global.value(PSBTGlobalType.unsignedTransaction)
        result.global.set(PSBTGlobalType.unsignedTransaction, unsigned)
        for index in inputs.indices {
            for type in PSBTInputType.allCases where type.isVersion2Only {
                result.inputs[index].map.set(type, nil)
            }
        }
        for index in outputs.indices {
            for type in PSBTOutputType.allCases where type.isVersion2Only {
                result.outputs[index].map.set(type, nil)
            }
        }
        return result
    }

    private func toVersion2(_ transaction: Transaction) -> PSBT {
        var result = self
        result.global.set(PSBTGlobalType.unsignedTransaction, nil)
        result.global.set(PSBTGlobalType.version, PSBTMap.bytes(Version.v2.rawValue))
        result.global.set(
            PSBTGlobalType.transactionVersion,
            PSBTMap.bytes(UInt32(bitPattern: transaction.version)))
        result.global.set(
            PSBTGlobalType.fallbackLockTime, PSBTMap.bytes(transaction.lockTime.value))
        result.global.set(PSBTGlobalType.inputCount, PSBTMap.bytes(count: inputs.count))
        result.global.set(PSBTGlobalType.outputCount, PSBTMap.bytes(count: outputs.count))
        for (index, input) in transaction.inputs.enumerated() {
            result.inputs[index].previousTransactionID = input.previousOutput.transactionID
            result.inputs[index].outputIndex = input.previousOutput.index
            result.inputs[index].sequence = input.sequence
        }
        for (index, output) in transaction.outputs.enumerated() {
            result.outputs[index].amount = output.amount
            result.outputs[index].script = output.scriptPubKey
        }
        return result
    }
}

extension PSBT {
    /// The transaction without scripts and witnesses.
    ///
    /// Throws ``PSBTError/incompatibleLockTimes`` where version 2 leaves no lock time to choose.
    public func unsignedTransaction() throws(PSBTError) -> Transaction {
        switch version {
        case .v0: return try versionZeroTransaction()
        case .v2: return try versionTwoTransaction()
        }
    }

    /// The lock time of the transaction (BIP 370, "Determining Lock Time").
    public func lockTime() throws(PSBTError) -> LockTime {
        guard version == .v2 else { return try versionZeroTransaction().lockTime }
        let bound = inputs.filter { $0.requiredTimeLock != nil || $0.requiredHeightLock != nil }
        guard !bound.isEmpty else {
            return LockTime(global.number(PSBTGlobalType.fallbackLockTime) ?? 0)
        }
        let heights = bound.compactMap(\.requiredHeightLock)
        if heights.count == bound.count, let height = heights.max() { return LockTime(height) }
        let times = bound.compactMap(\.requiredTimeLock)
        if times.count == bound.count, let time = times.max() { return LockTime(time) }
        throw .incompatibleLockTimes
    }

    /// What may still be changed; version 0 has no such field.
    public var modifiable: PSBTModifiable? {
        get {
            global.value(PSBTGlobalType.modifiable).flatMap(\.first)
                .map { PSBTModifiable(rawValue: $0) }
        }
        set { global.set(PSBTGlobalType.modifiable, newValue.map { [$0.rawValue] }) }
    }

    func versionZeroTransaction() throws(PSBTError) -> Transaction {
        let type = PSBTGlobalType.unsignedTransaction
        guard let bytes = global.value(type) else {
            throw .missingField(.global, type: type.rawValue)
        }
        do {
            return try Transaction(decodingWithoutWitness: bytes)
        } catch {
            throw .malformed(error)
        }
    }

    private func versionTwoTransaction() throws(PSBTError) -> Transaction {
        let versionType = PSBTGlobalType.transactionVersion
        guard let number = global.number(versionType) else {
            throw .missingField(.global, type: versionType.rawValue)
        }
        var transaction = Transaction(
            version: Int32(bitPattern: number), inputs: [], outputs: [], lockTime: try lockTime())
        for (index, input) in inputs.enumerated() {
            guard let id = input.previousTransactionID, let position = input.outputIndex else {
                throw .missingField(
                    .input(index), type: PSBTInputType.previousTransactionID.rawValue)
            }
            transaction.inputs.append(
                TransactionInput(
                    previousOutput: OutPoint(id, position), sequence: input.sequence ?? .final))
        }
        for (index, output) in outputs.enumerated() {
            guard let amount = output.amount, let script = output.script else {
                throw .missingField(.output(index), type: PSBTOutputType.amount.rawValue)
            }
            transaction.outputs.append(TransactionOutput(amount: amount, scriptPubKey: script))
        }
        return transaction
    }
}
