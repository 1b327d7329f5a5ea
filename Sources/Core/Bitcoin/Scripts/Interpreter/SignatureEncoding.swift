import CSecp256k1

/// The forms that flags demand of signatures and keys.
enum SignatureEncoding {
    /// Throws unless an ECDSA signature, with the byte of its type, has the form that `flags` demand. An empty one has:
    /// it is how a signature is left out.
    static func check(_ signature: [UInt8], _ flags: ScriptFlags) throws(ScriptError) {
        guard let type = signature.last else { return }
        if !flags.isDisjoint(with: [.derSignatures, .lowS, .strictEncoding]),
            !isStrictDER(signature)
        {
            throw .signatureDER
        }
        if flags.contains(.lowS), !isLowS(signature) { throw .signatureHighS }
        if flags.contains(.strictEncoding), !SighashType(UInt32(type)).isDefinedForECDSA {
            throw .signatureHashType
        }
    }

    /// Throws unless a key has the form that `flags` demand.
    static func check(
        key: [UInt8], _ version: ScriptInterpreter.Version, _ flags: ScriptFlags
    ) throws(ScriptError) {
        if flags.contains(.strictEncoding), !isCompressed(key), !isUncompressed(key) {
            throw .publicKeyType
        }
        if version == .witnessV0, flags.contains(.witnessPublicKeyType), !isCompressed(key) {
            throw .witnessPublicKeyType
        }
    }

    /// Whether the length of a key is the one that its first byte announces; hybrid keys (6, 7) count.
    static func hasKeyLength(_ key: [UInt8]) -> Bool {
        switch key.first {
        case 2, 3: key.count == 33
        case 4, 6, 7: key.count == 65
        default: false
        }
    }

    private static func isCompressed(_ key: [UInt8]) -> Bool {
        key.count == 33 && (key[0] == 2 || key[0] == 3)
    }

    private static func isUncompressed(_ key: [UInt8]) -> Bool {
        key.count == 65 && key[0] == 4
    }

    private static func isLowS(_ signature: [UInt8]) -> Bool {
        guard var parsed = LaxDER.parse(signature.dropLast()) else { return false }
        return secp256k1_ecdsa_signature_normalize(Secp256k1.context, nil, &parsed) == 0
    }

    /// Whether `signature`, with the byte of its type, has the form
    /// `0x30 length 0x02 length r 0x02 length s type` with the shortest positive r and s (BIP 66).
    static func isStrictDER(_ signature: [UInt8]) -> Bool {
        guard (9...73).contains(signature.count), signature[0] == 0x30,
            Int(signature[1]) == signature.count - 3
        else { return false }
        let rLength = Int(signature[3])
        guard 5 + rLength < signature.count else { return false }
        let sLength = Int(signature[5 + rLength])
        guard rLength + sLength + 7 == signature.count else { return false }
        return isInteger(signature[2..<4 + rLength])
            && isInteger(signature[(4 + rLength)..<6 + rLength + sLength])
    }

    /// Whether `element`, with its tag and length, is the shortest form of a number that is not negative.
    private static func isInteger(_ element: ArraySlice<UInt8>) -> Bool {
        let number = element.dropFirst(2)
        guard element.first == 0x02, let first = number.first, first & 0x80 == 0 else {
            return false
        }
        return number.count == 1 || first != 0 || number[number.startIndex + 1] & 0x80 != 0
    }
}

/// The reading of signatures that consensus had before BIP 66, which blocks from then still need.
enum LaxDER {
    /// The signature, without the byte of its type; nil where even the lax form is broken.
    ///
    /// Lengths may be in a longer form than needed, numbers may have any count of leading zeros, a number is never
    /// negative, and bytes may follow. A number that is too large gives a signature that never holds.
    static func parse(_ bytes: ArraySlice<UInt8>) -> secp256k1_ecdsa_signature? {
        var reader = Reader(bytes: bytes, position: bytes.startIndex)
        guard reader.take(0x30), reader.skipSequenceLength(),
            let r = reader.readInteger(), let s = reader.readInteger()
        else { return nil }
        var compact = [UInt8](repeating: 0, count: 64)
        var signature = secp256k1_ecdsa_signature()
        if place(r, endingAt: 32, in: &compact), place(s, endingAt: 64, in: &compact),
            secp256k1_ecdsa_signature_parse_compact(Secp256k1.context, &signature, compact) == 1
        {
            return signature
        }
        let zero = [UInt8](repeating: 0, count: 64)
        _ = secp256k1_ecdsa_signature_parse_compact(Secp256k1.context, &signature, zero)
        return signature
    }

    private static func place(
        _ number: ArraySlice<UInt8>, endingAt end: Int, in compact: inout [UInt8]
    ) -> Bool {
        let digits = number.drop { $0 == 0 }
        guard digits.count <= 32 else { return false }
        compact.replaceSubrange(end - digits.count..<end, with: digits)
        return true
    }

    private struct Reader {
        let bytes: ArraySlice<UInt8>
        var position: Int

        var remaining: Int { bytes.endIndex - position }

        mutating func readByte() -> UInt8? {
            guard remaining > 0 else { return nil }
            defer { position += 1 }
            return bytes[position]
        }

        mutating func take(_ tag: UInt8) -> Bool { readByte() == tag }

        /// Passes over the length of the whole, which is not checked.
        mutating func skipSequenceLength() -> Bool {
            guard let first = readByte() else { return false }
            guard first & 0x80 != 0 else { return true }
            let width = Int(first & 0x7f)
            guard width <= remaining else { return false }
            position += width
            return true
        }

        mutating func readInteger() -> ArraySlice<UInt8>? {
            guard take(0x02), let length = readLength(), length <= remaining else { return nil }
            defer { position += length }
            return bytes[position..<position + length]
        }

        private mutating func readLength() -> Int? {
            guard let first = readByte() else { return nil }
            guard first & 0x80 != 0 else { return Int(first) }
            var width = Int(first & 0x7f)
            guard width <= remaining else { return nil }
            while width > 0, bytes[position] == 0 {
                position += 1
                width -= 1
            }
            // A length of four bytes or more is past any script.
            guard width < 4 else { return nil }
            var length = 0
            for _ in 0..<width { length = length << 8 | Int(readByte() ?? 0) }
            return length
        }
    }
}
