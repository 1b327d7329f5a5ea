extension TransactionOutput: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        amount = Satoshi(try reader.readLittleEndian())
        scriptPubKey = try Script(from: &reader)
    }

    public func write(to writer: inout ByteWriter) {
        writer.writeLittleEndian(amount.value)
        scriptPubKey.write(to: &writer)
    }
}

extension TransactionInput {
    init(fromBase reader: inout ByteReader) throws(DecodeError) {
        previousOutput = try OutPoint(from: &reader)
        scriptSig = try Script(from: &reader)
        sequence = InputSequence(try reader.readLittleEndian())
        witness = []
    }

    func writeBase(to writer: inout ByteWriter) {
        previousOutput.write(to: &writer)
        scriptSig.write(to: &writer)
        writer.writeLittleEndian(sequence.value)
    }
}

/// The encoding of BIP 144: with marker and flag exactly where an input has a witness.
extension Transaction: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        version = try reader.readLittleEndian()
        var flags: UInt8 = 0
        inputs = try Transaction.readInputs(from: &reader)
        if inputs.isEmpty {
            // An empty list of inputs is the marker of BIP 144; the flag follows.
            flags = try reader.readByte()
            if flags == 0 {
                outputs = []
            } else {
                inputs = try Transaction.readInputs(from: &reader)
                outputs = try Transaction.readOutputs(from: &reader)
            }
        } else {
            outputs = try Transaction.readOutputs(from: &reader)
        }
        if flags & 1 != 0 {
            flags ^= 1
            for index in inputs.indices {
                inputs[index].witness = try Transaction.readWitness(from: &reader)
            }
            guard inputs.contains(where: { !$0.witness.isEmpty }) else {
                throw .invalidValue(field: "superfluous witness")
            }
        }
        guard flags == 0 else { throw .invalidValue(field: "transaction flags") }
        lockTime = LockTime(try reader.readLittleEndian())
    }

    public func write(to writer: inout ByteWriter) {
        guard hasWitness else { return writeWithoutWitness(to: &writer) }
        writer.writeLittleEndian(version)
        writer.writeByte(0)
        writer.writeByte(1)
        writeInputsAndOutputs(to: &writer)
        for input in inputs {
            writer.writeCompactSize(input.witness.count)
            for item in input.witness {
                writer.writeVariableBytes(item)
            }
        }
        writer.writeLittleEndian(lockTime.value)
    }

    /// Appends the encoding that the transaction identifier is the hash of.
    public func writeWithoutWitness(to writer: inout ByteWriter) {
        writer.writeLittleEndian(version)
        writeInputsAndOutputs(to: &writer)
        writer.writeLittleEndian(lockTime.value)
    }

    /// Reads the encoding from before BIP 144, in which an empty list of inputs is one and marks nothing.
    public init(withoutWitnessFrom reader: inout ByteReader) throws(DecodeError) {
        version = try reader.readLittleEndian()
        inputs = try Transaction.readInputs(from: &reader)
        outputs = try Transaction.readOutputs(from: &reader)
        lockTime = LockTime(try reader.readLittleEndian())
    }

    /// Parses hexadecimal digits.
    public init(hex: some StringProtocol) throws(DecodeError) {
        try self.init(decoding: Hex.decode(hex))
    }

    private func writeInputsAndOutputs(to writer: inout ByteWriter) {
        writer.writeCompactSize(inputs.count)
        for input in inputs { input.writeBase(to: &writer) }
        writer.writeCompactSize(outputs.count)
        for output in outputs { output.write(to: &writer) }
    }

    // A count may claim more than the input holds: memory is only reserved for what can be there.
    private static func readInputs(
        from reader: inout ByteReader
    ) throws(DecodeError) -> [TransactionInput] {
        let count = try reader.readCompactSize(field: "inputs")
        var inputs: [TransactionInput] = []
        inputs.reserveCapacity(min(count, reader.remaining / 41))
        for _ in 0..<count { inputs.append(try TransactionInput(fromBase: &reader)) }
        return inputs
    }

    private static func readOutputs(
        from reader: inout ByteReader
    ) throws(DecodeError) -> [TransactionOutput] {
        let count = try reader.readCompactSize(field: "outputs")
        var outputs: [TransactionOutput] = []
        outputs.reserveCapacity(min(count, reader.remaining / 9))
        for _ in 0..<count { outputs.append(try TransactionOutput(from: &reader)) }
        return outputs
    }

    private static func readWitness(
        from reader: inout ByteReader
    ) throws(DecodeError) -> [[UInt8]] {
        let count = try reader.readCompactSize(field: "witness items")
        var items: [[UInt8]] = []
        items.reserveCapacity(min(count, reader.remaining))
        for _ in 0..<count { items.append(try reader.readVariableBytes(field: "witness item")) }
        return items
    }
}
