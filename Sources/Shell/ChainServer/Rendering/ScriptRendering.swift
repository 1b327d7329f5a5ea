import Bitcoin
import JSON

extension JSONValue {
    /// An amount in bitcoin, with eight decimals.
    static func amount(_ amount: Satoshi) -> JSONValue { .number(amount.bitcoinText) }

    /// A fee rate in bitcoin per 1,000 virtual bytes.
    static func feerate(_ rate: FeeratePerKvB) -> JSONValue {
        .number(Satoshi(rate.value).bitcoinText)
    }

    /// An identifier as it is printed.
    static func id(_ id: some HashIdentifier) -> JSONValue { .string(id.description) }

    /// An output script as bitcoind describes it.
    static func outputScript(_ script: Script, hex: Bool = true) -> JSONValue {
        var object = JSONObject([
            ("asm", .string(script.text())), ("desc", .string(script.descriptor)),
        ])
        if hex { object.append("hex", .string(script.hex)) }
        if let address = Address(script: script, network: .regtest) {
            object.append("address", .string(address.description))
        }
        object.append("type", .string(script.template.bitcoindName))
        return .object(object)
    }
}

extension Script {
    /// The output descriptor (BIP 380) that says the most without knowing any key's origin.
    var descriptor: String {
        let body: String
        switch template {
        case .payToPublicKey(let key) where (try? PublicKey(key)) != nil:
            body = "pk(\(Hex.encode(key)))"
        case .bareMultisig(let required, let keys)
        where keys.allSatisfy({ (try? PublicKey($0)) != nil }):
            body = "multi(\(required),\(keys.map { Hex.encode($0) }.joined(separator: ",")))"
        case .payToTaproot(let key) where (try? XOnlyPublicKey(key)) != nil:
            body = "rawtr(\(key.hex))"
        case .payToPublicKey, .bareMultisig, .payToTaproot, .payToPublicKeyHash, .payToScriptHash,
            .payToWitnessPublicKeyHash, .payToWitnessScriptHash, .payToAnchor, .futureWitness,
            .nullData, .nonStandard:
            if let address = Address(script: self, network: .regtest) {
                body = "addr(\(address))"
            } else {
                body = "raw(\(hex))"
            }
        }
        return "\(body)#\(DescriptorChecksum.compute(body) ?? "")"
    }
}

extension ScriptTemplate {
    /// The name of the form in bitcoind's answers.
    var bitcoindName: String {
        switch self {
        case .payToPublicKey: "pubkey"
        case .payToPublicKeyHash: "pubkeyhash"
        case .payToScriptHash: "scripthash"
        case .payToWitnessPublicKeyHash: "witness_v0_keyhash"
        case .payToWitnessScriptHash: "witness_v0_scripthash"
        case .payToTaproot: "witness_v1_taproot"
        case .payToAnchor: "anchor"
        case .futureWitness: "witness_unknown"
        case .nullData: "nulldata"
        case .bareMultisig: "multisig"
        case .nonStandard: "nonstandard"
        }
    }
}

/// The eight characters behind an output descriptor (BIP 380).
enum DescriptorChecksum {
    private static let inputs = Array(
        ("0123456789()[],'/*abcdefgh@:$%{}" + "IJKLMNOPQRSTUVWXYZ&+-.;<=>?!^_|~"
            + "ijklmnopqrstuvwxyzABCDEFGH`#\"\\ ").utf8)
    private static let outputs = Array("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
    private static let generator: [UInt64] = [
        0xf5_dee5_1989, 0xa9_fdca_3312, 0x1b_ab10_e32d, 0x37_06b1_677a, 0x64_4d62_6ffd,
    ]

    /// The checksum of a descriptor; nil where it holds a character that none may.
    static func compute(_ text: String) -> String? {
        var state: UInt64 = 1
        func feed(_ value: UInt64) {
            let top = state >> 35
            state = (state & 0x7_ffff_ffff) << 5 ^ value
            for bit in 0..<5 where top >> UInt64(bit) & 1 == 1 { state ^= generator[bit] }
        }
        var classes: UInt64 = 0
        var count = 0
        for character in text.utf8 {
            guard let position = inputs.firstIndex(of: character) else { return nil }
            feed(UInt64(position & 31))
            classes = classes * 3 + UInt64(position >> 5)
            count += 1
            if count == 3 {
                feed(classes)
                (classes, count) = (0, 0)
            }
        }
        if count > 0 { feed(classes) }
        for _ in 0..<8 { feed(0) }
        state ^= 1
        let characters = (0..<8).map { outputs[Int(state >> UInt64(5 * (7 - $0)) & 31)] }
        return String(decoding: characters, as: UTF8.self)
    }
}
