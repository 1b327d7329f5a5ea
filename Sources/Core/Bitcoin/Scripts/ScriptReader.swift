/// One step of a script: an operation, and the bytes that it pushes.
public struct ScriptInstruction: Sendable, Equatable {
    /// The byte of the operation.
    public let code: UInt8
    /// Where that byte stands in the script.
    public let offset: Int
    /// What the codes 0 to 78 push; empty for others.
    public let data: ArraySlice<UInt8>

    /// The operation; nil for a push of 1 to 75 bytes, and for a code that has no name.
    @inlinable public var opcode: Opcode? { Opcode(rawValue: code) }

    /// Whether the operation only pushes, as Bitcoin Core counts it: all codes up to ``Opcode/push16``.
    @inlinable public var isPush: Bool { code <= 0x60 }

    /// Whether the operation pushes bytes that stand in the script: all codes up to ``Opcode/pushData4``.
    @inlinable public var isDataPush: Bool { code <= 0x4e }

    /// The number that the operation pushes, where that is one from 0 to 16 without data.
    public var smallNumber: Int? { opcode?.smallNumber }

    /// Whether no shorter operation pushes the same bytes (BIP 62, rule 3).
    var isMinimalPush: Bool {
        switch data.count {
        case 0: code == Opcode.push0.rawValue
        case 1 where (1...16).contains(data[data.startIndex]): false
        case 1 where data[data.startIndex] == 0x81: false
        case ...75: Int(code) == data.count
        case ...255: code == Opcode.pushData1.rawValue
        case ...65535: code == Opcode.pushData2.rawValue
        default: true
        }
    }
}

/// Reads a script instruction by instruction.
public struct ScriptReader: Sendable {
    @usableFromInline let bytes: [UInt8]
    /// The offset of the next instruction.
    public private(set) var offset: Int

    /// Starts at the first instruction, or at that which begins at `offset`.
    public init(_ script: Script, from offset: Int = 0) {
        bytes = script.bytes
        self.offset = offset
    }

    /// The next instruction; nil at the end of the script.
    ///
    /// Throws ``ScriptError/badOpcode`` where a push has fewer bytes left than it says.
    public mutating func next() throws(ScriptError) -> ScriptInstruction? {
        guard offset < bytes.count else { return nil }
        let start = offset
        let code = bytes[start]
        var position = start + 1
        guard code <= 0x4e else {
            offset = position
            return ScriptInstruction(code: code, offset: start, data: [])
        }
        var count = Int(code)
        if code > 75 {
            let width = 1 << Int(code - 0x4c)
            guard bytes.count - position >= width else { throw .badOpcode }
            count = 0
            for index in 0..<width { count |= Int(bytes[position + index]) << (8 * index) }
            position += width
        }
        guard bytes.count - position >= count else { throw .badOpcode }
        offset = position + count
        return ScriptInstruction(
            code: code, offset: start, data: bytes[position..<position + count])
    }
}

extension Script {
    /// All instructions.
    ///
    /// Throws ``ScriptError/badOpcode`` where a push has fewer bytes left than it says.
    public func instructions() throws(ScriptError) -> [ScriptInstruction] {
        var reader = ScriptReader(self)
        var all: [ScriptInstruction] = []
        while let instruction = try reader.next() { all.append(instruction) }
        return all
    }

    /// Whether the script is well-formed and only pushes.
    public var isPushOnly: Bool {
        var reader = ScriptReader(self)
        do throws(ScriptError) {
            while let instruction = try reader.next() {
                guard instruction.isPush else { return false }
            }
        } catch {
            return false
        }
        return true
    }

    /// The most bytes that consensus lets a script before taproot have.
    public static let maximumSize = 10_000

    /// The most bytes that an item on the stack may have.
    public static let maximumItemSize = 520
}
