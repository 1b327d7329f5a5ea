import Bitcoin

/// Reads what Bitcoin Core's vector files use.
enum ScriptText {
    enum Failure: Error {
        case unknownWord(String)
        case unknownFlag(String)
    }

    /// A script from words: numbers, `0x` and raw bytes, `'text'` to push, and operations without `OP_`.
    static func script(_ text: String) throws -> Script {
        var bytes: [UInt8] = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            bytes += try instruction(word)
        }
        return Script(bytes)
    }

    private static func instruction(_ word: Substring) throws -> [UInt8] {
        if let number = Int64(word) { return ScriptBuilder().push(number).script.bytes }
        if word.hasPrefix("0x") { return try Hex.decode(word.dropFirst(2)) }
        if word.count >= 2, word.hasPrefix("'"), word.hasSuffix("'") {
            return directPush(Array(word.dropFirst().dropLast().utf8))
        }
        let name = word.hasPrefix("OP_") ? String(word) : "OP_" + word
        guard let opcode = Opcode(name: name) else { throw Failure.unknownWord(String(word)) }
        return [opcode.rawValue]
    }

    /// Unlike the builder's push, never in the form of a number.
    static func directPush(_ data: [UInt8]) -> [UInt8] {
        switch data.count {
        case ...75: [UInt8(data.count)] + data
        case ...255: [0x4c, UInt8(data.count)] + data
        default: [0x4d, UInt8(data.count & 255), UInt8(data.count >> 8)] + data
        }
    }

    /// Flags from their names, separated by commas.
    static func flags(_ text: String) throws -> ScriptFlags {
        guard text != "NONE" else { return [] }
        return try text.split(separator: ",").reduce(into: []) { flags, name in
            guard let known = ScriptFlags.named.first(where: { $0.name == name }) else {
                throw Failure.unknownFlag(String(name))
            }
            flags.insert(known.flag)
        }
    }
}

extension ScriptFlags {
    static let every = ScriptFlags(rawValue: ScriptFlags.named.reduce(0) { $0 | $1.flag.rawValue })

    /// Less what needs a flag that is not there.
    var trimmed: ScriptFlags {
        var flags = self
        if !flags.contains(.p2sh) { flags.remove(.witness) }
        if !flags.contains(.witness) { flags.remove(.cleanStack) }
        return flags
    }

    /// With what the flags that are there need.
    var filled: ScriptFlags {
        var flags = self
        if flags.contains(.cleanStack) { flags.insert(.witness) }
        if flags.contains(.witness) { flags.insert(.p2sh) }
        return flags
    }

    /// Each set that lacks one of the flags.
    var lackingOne: Set<ScriptFlags> {
        Set(ScriptFlags.named.map { subtracting($0.flag).trimmed }.filter { $0 != self })
    }
}
