/// The tapscripts that can be satisfied with signatures alone.
enum TapscriptTemplate {
    /// `key OP_CHECKSIG`, and as many `key OP_CHECKSIGADD` as there are further keys, then `required OP_NUMEQUAL`.
    case keys(required: Int, [XOnlyPublicKey], leaf: Hash256)

    /// Recognises `leaf`; nil where it is another script.
    init?(_ leaf: TapLeaf) {
        guard leaf.version == TapLeaf.tapscript, let all = try? leaf.script.instructions() else {
            return nil
        }
        var keys: [XOnlyPublicKey] = []
        var rest = all[...]
        while rest.count >= 2, let first = rest.first, first.code == 32 {
            let check: Opcode = keys.isEmpty ? .checkSig : .checkSigAdd
            guard rest[rest.startIndex + 1].opcode == check,
                let key = try? XOnlyPublicKey(Array(first.data))
            else { return nil }
            keys.append(key)
            rest = rest.dropFirst(2)
        }
        if keys.count == 1, rest.isEmpty {
            self = .keys(required: 1, keys, leaf: leaf.hash)
        } else if rest.count == 2, let required = rest.first?.smallNumber,
            rest.last?.opcode == .numEqual, (1...max(1, keys.count)).contains(required)
        {
            self = .keys(required: required, keys, leaf: leaf.hash)
        } else {
            return nil
        }
    }

    /// The signatures in the order of the stack, empty ones for keys that do not sign; nil where there are too few.
    func stack(_ signatures: [TaprootScriptKey: [UInt8]]) -> [[UInt8]]? {
        switch self {
        case .keys(let required, let keys, let leaf):
            var missing = required
            var items: [[UInt8]] = []
            for key in keys {
                let signature = signatures[TaprootScriptKey(key, leaf: leaf)]
                if missing > 0, let signature {
                    items.append(signature)
                    missing -= 1
                } else {
                    items.append([])
                }
            }
            // The first key is checked first, so its signature is on top.
            return missing == 0 ? items.reversed() : nil
        }
    }
}
