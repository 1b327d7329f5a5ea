/// A script under construction, step by step: `ScriptBuilder().op(.hash160).push(hash).op(.equal).script`.
public struct ScriptBuilder: Sendable {
    /// What has been built so far.
    public private(set) var script: Script

    /// Starts after `script`.
    public init(_ script: Script = Script()) { self.script = script }

    /// Appends operations.
    public consuming func op(_ opcodes: Opcode...) -> ScriptBuilder {
        for opcode in opcodes { script.bytes.append(opcode.rawValue) }
        return self
    }

    /// Appends the shortest push of `data`; an empty one, or one byte of 1 to 16 or 129, takes no data at all (BIP 62).
    public consuming func push(_ data: [UInt8]) -> ScriptBuilder {
        if data.count == 1, case 1...16 = data[0] {
            script.bytes.append(Opcode.push1.rawValue + data[0] - 1)
        } else if data == [0x81] {
            script.bytes.append(Opcode.push1Negate.rawValue)
        } else {
            script.appendDataPush(data)
        }
        return self
    }

    /// Appends the shortest push of `number`.
    public consuming func push(_ number: Int64) -> ScriptBuilder {
        push(ScriptNumber.encode(number))
    }

    /// Appends the push of a hash's 32 bytes.
    public consuming func push(_ hash: Hash256) -> ScriptBuilder {
        push(hash.bytes)
    }

    /// Appends the push of a hash's 20 bytes.
    public consuming func push(_ hash: Hash160) -> ScriptBuilder {
        push(hash.bytes)
    }

    /// Appends the push of a key in its compressed form.
    public consuming func push(_ key: PublicKey) -> ScriptBuilder {
        push(key.compressed)
    }

    /// Appends the push of a key's x coordinate.
    public consuming func push(_ key: XOnlyPublicKey) -> ScriptBuilder {
        push(key.x)
    }
}

extension Script {
    /// Appends the shortest push whose operand stands in the script, also where a number's operation would be shorter.
    mutating func appendDataPush(_ data: [UInt8]) {
        switch data.count {
        case ...75: bytes.append(UInt8(data.count))
        case ...0xff: bytes += [Opcode.pushData1.rawValue, UInt8(data.count)]
        case ...0xffff:
            bytes += [
                Opcode.pushData2.rawValue, UInt8(data.count & 0xff), UInt8(data.count >> 8),
            ]
        default:
            bytes.append(Opcode.pushData4.rawValue)
            withUnsafeBytes(of: UInt32(data.count).littleEndian) { bytes.append(contentsOf: $0) }
        }
        bytes += data
    }
}
