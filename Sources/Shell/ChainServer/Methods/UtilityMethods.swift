import Bitcoin
import JSON

extension ChainService {
    /// Methods that need no chain.
    static let utilityMethods: [RPCMethod] = [
        RPCMethod(.utility, "validateaddress address", "Tells of an address.") {
            (_, arguments) throws(RPCError) in validate(address: try arguments.string(0))
        },
        RPCMethod(
            .control, "echo arg0? arg1? arg2? arg3? arg4? arg5? arg6? arg7? arg8? arg9?",
            "Gives its arguments back."
        ) { (_, arguments) throws(RPCError) in
            var echoed: [JSONValue] = []
            for index in 0..<10 { echoed.append(arguments[index] ?? .null) }
            while let last = echoed.last, last.isNull { echoed.removeLast() }
            return .array(echoed)
        },
    ]

    private static func validate(address text: String) -> JSONValue {
        do throws(AddressError) {
            let address = try Address(text, network: .regtest)
            let script = address.script
            var object = JSONObject([
                ("isvalid", true), ("address", .string(address.description)),
                ("scriptPubKey", .string(script.hex)),
            ])
            switch script.template {
            case .payToScriptHash, .payToWitnessScriptHash, .payToTaproot, .payToAnchor:
                object.append("isscript", true)
            case .payToPublicKey, .payToPublicKeyHash, .payToWitnessPublicKeyHash, .futureWitness,
                .nullData, .bareMultisig, .nonStandard:
                object.append("isscript", false)
            }
            object.append("iswitness", .bool(script.witnessProgram != nil))
            if let (version, program) = script.witnessProgram {
                object.append("witness_version", .integer(version))
                object.append("witness_program", .string(Hex.encode(program)))
            }
            return .object(object)
        } catch {
            return ["isvalid": false, "error_locations": [], "error": .string("\(error)")]
        }
    }
}
