/// The hashes that signatures sign.
public enum SignatureHash {}

// MARK: - Before segwit

extension SignatureHash {
    /// What an input's signature before segwit signs.
    ///
    /// `scriptCode` is the script that is executed, from the last OP_CODESEPARATOR on; those that are left in it are
    /// passed over. ``SighashType/single`` without an output at that position gives the number 1, as the first
    /// implementation did, and a signature over it is valid anywhere.
    public static func legacy(
        _ transaction: Transaction, input index: Int, scriptCode: Script, type: SighashType
    ) -> Hash256 {
        if type.coversOneOutput, index >= transaction.outputs.count { return one }
        var writer = ByteWriter(capacity: transaction.baseSize + scriptCode.bytes.count + 4)
        writer.writeLittleEndian(transaction.version)
        if type.isAnyoneCanPay {
            writer.writeCompactSize(1)
            write(transaction.inputs[index], script: scriptCode, to: &writer)
        } else {
            let coversSequences = !type.coversNoOutput && !type.coversOneOutput
            writer.writeCompactSize(transaction.inputs.count)
            for (position, input) in transaction.inputs.enumerated() {
                if position == index {
                    write(input, script: scriptCode, to: &writer)
                } else {
                    input.previousOutput.write(to: &writer)
                    writer.writeByte(0)
                    writer.writeLittleEndian(coversSequences ? input.sequence.value : 0)
                }
            }
        }
        if type.coversNoOutput {
            writer.writeCompactSize(0)
        } else if type.coversOneOutput {
            writer.writeCompactSize(index + 1)
            for _ in 0..<index { TransactionOutput.blank.write(to: &writer) }
            transaction.outputs[index].write(to: &writer)
        } else {
            writer.writeCompactSize(transaction.outputs.count)
            for output in transaction.outputs { output.write(to: &writer) }
        }
        writer.writeLittleEndian(transaction.lockTime.value)
        writer.writeLittleEndian(type.value)
        return SHA256.doubleHash(writer.bytes)
    }

    private static let one = Hash256(unsafeFilling: { $0[0] = 1 })

    private static func write(
        _ input: TransactionInput, script: Script, to writer: inout ByteWriter
    ) {
        input.previousOutput.write(to: &writer)
        script.withoutCodeSeparators.write(to: &writer)
        writer.writeLittleEndian(input.sequence.value)
    }
}

extension TransactionOutput {
    /// What stands in the place of an output that ``SighashType/single`` does not cover.
    fileprivate static let blank = TransactionOutput(amount: Satoshi(-1), scriptPubKey: Script())
}

extension Script {
    /// The script without its OP_CODESEPARATORs; from the first malformed instruction on all bytes stay.
    var withoutCodeSeparators: Script {
        guard bytes.contains(Opcode.codeSeparator.rawValue) else { return self }
        var reader = ScriptReader(self)
        var result = Script()
        while let instruction = try? reader.next() {
            guard instruction.code != Opcode.codeSeparator.rawValue else { continue }
            result.bytes += bytes[instruction.offset..<reader.offset]
        }
        result.bytes += bytes[reader.offset...]
        return result
    }
}

// MARK: - Segwit version 0

extension SignatureHash {
    /// What an input's signature for a witness program of version 0 signs (BIP 143).
    ///
    /// `scriptCode` is the witness script from the last executed OP_CODESEPARATOR on, or for a key hash the script of
    /// pay-to-public-key-hash. `amount` is that of the output spent. `cache` is that of the transaction; without it,
    /// one is made for this hash alone.
    public static func segwitV0(
        _ transaction: Transaction, input index: Int, scriptCode: Script, amount: Satoshi,
        type: SighashType, cache: SignatureHashCache? = nil
    ) -> Hash256 {
        let cache = cache ?? SignatureHashCache(transaction)
        let input = transaction.inputs[index]
        let coversAllOutputs = !type.coversNoOutput && !type.coversOneOutput
        var writer = ByteWriter(capacity: 165 + scriptCode.bytes.count)
        writer.writeLittleEndian(transaction.version)
        writer.write(type.isAnyoneCanPay ? .zero : cache.doublePreviousOutputs)
        writer.write(
            type.isAnyoneCanPay || !coversAllOutputs ? .zero : cache.doubleSequences)
        input.previousOutput.write(to: &writer)
        scriptCode.write(to: &writer)
        writer.writeLittleEndian(amount.value)
        writer.writeLittleEndian(input.sequence.value)
        if coversAllOutputs {
            writer.write(cache.doubleOutputs)
        } else if type.coversOneOutput, index < transaction.outputs.count {
            writer.write(SHA256.doubleHash(transaction.outputs[index].encoded))
        } else {
            writer.write(.zero)
        }
        writer.writeLittleEndian(transaction.lockTime.value)
        writer.writeLittleEndian(type.value)
        return SHA256.doubleHash(writer.bytes)
    }
}

// MARK: - Taproot

extension SignatureHash {
    /// The part of a tapscript that its signatures cover (BIP 342).
    public struct Tapscript: Sendable {
        /// The hash of the leaf.
        public let leaf: Hash256
        /// The position, counted in instructions, of the last executed OP_CODESEPARATOR.
        public let codeSeparator: UInt32?

        /// Names the leaf that is executed.
        public init(leaf: Hash256, codeSeparator: UInt32? = nil) {
            self.leaf = leaf
            self.codeSeparator = codeSeparator
        }
    }

    /// What an input's signature for taproot signs (BIP 341), by its key or, where `tapscript` is given, by a script.
    ///
    /// `annex` is the last item of the witness where it is an annex, with its first byte 0x50. `cache` must have been
    /// made with the spent outputs. Returns nil where `type` is not defined, or is ``SighashType/single`` without an
    /// output at that position.
    public static func taproot(
        _ transaction: Transaction, input index: Int, type: SighashType, annex: [UInt8]? = nil,
        tapscript: Tapscript? = nil, cache: SignatureHashCache
    ) -> Hash256? {
        taproot(
            transaction, input: index, type: type,
            annexHash: annex.map(SignatureHash.annexHash), tapscript: tapscript, cache: cache)
    }

    /// The hash of an annex, which is the same for all signatures of its input.
    static func annexHash(_ annex: [UInt8]) -> Hash256 {
        var writer = ByteWriter(capacity: annex.count + 5)
        writer.writeVariableBytes(annex)
        return SHA256.hash(writer.bytes)
    }

    static func taproot(
        _ transaction: Transaction, input index: Int, type: SighashType, annexHash: Hash256?,
        tapscript: Tapscript?, cache: SignatureHashCache
    ) -> Hash256? {
        guard let spent = cache.spent else {
            preconditionFailure("the cache was made with the spent outputs")
        }
        guard type.isDefinedForTaproot else { return nil }
        if type.coversOneOutput, index >= transaction.outputs.count { return nil }

        var writer = ByteWriter(capacity: 320)
        writer.writeByte(0)  // the epoch
        writer.writeByte(type.byte)
        writer.writeLittleEndian(transaction.version)
        writer.writeLittleEndian(transaction.lockTime.value)
        if !type.isAnyoneCanPay {
            writer.write(cache.previousOutputs)
            writer.write(spent.amounts)
            writer.write(spent.scripts)
            writer.write(cache.sequences)
        }
        if !type.coversNoOutput, !type.coversOneOutput { writer.write(cache.outputs) }
        writer.writeByte((tapscript == nil ? 0 : 2) + (annexHash == nil ? 0 : 1))
        if type.isAnyoneCanPay {
            transaction.inputs[index].previousOutput.write(to: &writer)
            spent.outputs[index].write(to: &writer)
            writer.writeLittleEndian(transaction.inputs[index].sequence.value)
        } else {
            writer.writeLittleEndian(UInt32(index))
        }
        if let annexHash { writer.write(annexHash) }
        if type.coversOneOutput { writer.write(SHA256.hash(transaction.outputs[index].encoded)) }
        if let tapscript {
            writer.write(tapscript.leaf)
            writer.writeByte(0)  // the version of keys
            writer.writeLittleEndian(tapscript.codeSeparator ?? .max)
        }
        var hasher = sighashTag
        hasher.update(writer.bytes)
        return hasher.finalize()
    }

    private static let sighashTag = SHA256(tag: "TapSighash")
}
