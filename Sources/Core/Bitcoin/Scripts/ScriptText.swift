extension Script {
    /// The script as people read it: operations by name, data in hexadecimal digits, short data as numbers.
    ///
    /// `marksSignatures` writes the type of hash behind what looks like a signature, as in `[ALL]`.
    public func text(marksSignatures: Bool = false) -> String {
        var words: [String] = []
        var reader = ScriptReader(self)
        do throws(ScriptError) {
            while let instruction = try reader.next() {
                words.append(Script.word(for: instruction, marksSignatures: marksSignatures))
            }
        } catch {
            words.append("[error]")
        }
        return words.joined(separator: " ")
    }

    private static func word(for instruction: ScriptInstruction, marksSignatures: Bool) -> String {
        guard instruction.isDataPush, instruction.code != 0 else {
            if let number = instruction.smallNumber { return "\(number)" }
            if instruction.opcode == .push1Negate { return "-1" }
            return instruction.opcode?.name ?? "OP_UNKNOWN"
        }
        let data = Array(instruction.data)
        if data.count <= 4 { return "\(number(of: data))" }
        if marksSignatures, let type = data.last, let name = hashTypes[type],
            (try? ECDSASignature(der: Array(data.dropLast()))) != nil
        {
            return Hex.encode(data.dropLast()) + "[\(name)]"
        }
        return Hex.encode(data)
    }

    /// The number that up to four bytes stand for, shortest form or not.
    private static func number(of data: [UInt8]) -> Int64 {
        guard let last = data.last else { return 0 }
        var magnitude: Int64 = 0
        for (index, byte) in data.enumerated() { magnitude |= Int64(byte) << (8 * Int64(index)) }
        guard last & 0x80 != 0 else { return magnitude }
        return -(magnitude & ~(0x80 << (8 * Int64(data.count - 1))))
    }

    private static let hashTypes: [UInt8: String] = [
        1: "ALL", 2: "NONE", 3: "SINGLE", 0x81: "ALL|ANYONECANPAY", 0x82: "NONE|ANYONECANPAY",
        0x83: "SINGLE|ANYONECANPAY",
    ]
}
