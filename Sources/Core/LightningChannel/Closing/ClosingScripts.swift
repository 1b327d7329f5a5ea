import Bitcoin
import LightningWire

/// The scripts to which a mutual close may pay one side.
public struct ClosingScripts: Hashable, Sendable {
    /// `option_shutdown_anysegwit` was negotiated.
    public var anySegwit: Bool
    /// `option_simple_close` was negotiated.
    public var simpleClose: Bool

    /// The scripts that these features allow.
    public init(anySegwit: Bool, simpleClose: Bool) {
        self.anySegwit = anySegwit
        self.simpleClose = simpleClose
    }

    /// Whether `script` has one of the forms that BOLT 2 lists for `shutdown`.
    public func allow(_ script: Script) -> Bool {
        if let (version, program) = script.witnessProgram {
            return version == 0 ? program.count == 20 || program.count == 32 : anySegwit
        }
        return simpleClose && script.bytes.first == Opcode.return.rawValue
            && Self.isOnePush(script.bytes.dropFirst())
    }

    /// BOLT 2: "`6` to `75` inclusive followed by exactly that many bytes"; "`76` followed by `76` to `80` followed by
    /// exactly that many bytes"
    private static func isOnePush(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first else { return false }
        switch first {
        case 6...75: return bytes.count == 1 + Int(first)
        case 76:
            guard let length = bytes.dropFirst().first else { return false }
            return (76...80).contains(length) && bytes.count == 2 + Int(length)
        default: return false
        }
    }
}
