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
        // The body holds hexadecimal digits and an address: characters that a descriptor may have.
        return (try? DescriptorChecksum.append(to: body)) ?? body
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
