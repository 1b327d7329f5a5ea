/// An output script in the form that people exchange, with the network that it is for.
public struct Address: Hashable, Sendable {
    /// The forms of script that have an address.
    public enum Kind: Hashable, Sendable {
        /// P2PKH, in base58check.
        case publicKeyHash(Hash160)
        /// P2SH, in base58check.
        case scriptHash(Hash160)
        /// A witness program of any version, in bech32 or bech32m.
        case witness(version: UInt8, program: [UInt8])
    }

    /// What the address stands for.
    public let kind: Kind
    /// The network that it was read for; the test networks share their forms.
    public let network: Network

    /// The address of `script`; nil where scripts of its form have none.
    public init?(script: Script, network: Network) {
        self.network = network
        switch script.template {
        case .payToPublicKeyHash(let hash): kind = .publicKeyHash(hash)
        case .payToScriptHash(let hash): kind = .scriptHash(hash)
        case .payToWitnessPublicKeyHash, .payToWitnessScriptHash, .payToTaproot, .payToAnchor,
            .futureWitness:
            guard let (version, program) = script.witnessProgram else { return nil }
            kind = .witness(version: version, program: program)
        case .payToPublicKey, .nullData, .bareMultisig, .nonStandard: return nil
        }
    }

    /// Reads an address, which has to be one of `network`.
    public init(_ text: some StringProtocol, network: Network) throws(AddressError) {
        self.network = network
        if Address.looksLikeBech32(text) {
            kind = try Address.decodeBech32(text, network: network)
        } else {
            kind = try Address.decodeBase58(text, network: network)
        }
    }

    /// The output script that pays to the address.
    public var script: Script {
        switch kind {
        case .publicKeyHash(let hash): .payToPublicKeyHash(hash)
        case .scriptHash(let hash): .payToScriptHash(hash)
        case .witness(let version, let program):
            Script([version == 0 ? 0 : 0x50 + version, UInt8(program.count)] + program)
        }
    }
}

extension Address: CustomStringConvertible {
    /// The text that people exchange.
    public var description: String {
        switch kind {
        case .publicKeyHash(let hash):
            Base58Check.encode([network.publicKeyHashVersion] + hash.bytes)
        case .scriptHash(let hash): Base58Check.encode([network.scriptHashVersion] + hash.bytes)
        case .witness(let version, let program):
            Bech32.encode(
                prefix: network.bech32Prefix, values: [version] + Bech32.values(of: program),
                variant: Address.variant(version: version))
        }
    }
}

extension Address {
    private static func variant(version: UInt8) -> Bech32.Variant {
        version == 0 ? .bech32 : .bech32m
    }

    /// Whether the text has a known prefix, or cannot be base58 for a reason that only bech32 can name.
    private static func looksLikeBech32(_ text: some StringProtocol) -> Bool {
        let lower = text.lowercased()
        if Network.allCases.contains(where: { lower.hasPrefix($0.bech32Prefix + "1") }) {
            return true
        }
        return (try? Bech32(decoding: text)) != nil
    }

    private static func decodeBech32(
        _ text: some StringProtocol, network: Network
    ) throws(AddressError) -> Kind {
        let decoded: Bech32
        let program: [UInt8]
        do {
            decoded = try Bech32(decoding: text)
            program = try Bech32.bytes(of: decoded.values.dropFirst())
        } catch {
            throw .bech32(error)
        }
        let networks = Network.allCases.filter { $0.bech32Prefix == decoded.prefix }
        guard !networks.isEmpty else { throw .unknownPrefix(decoded.prefix) }
        guard networks.contains(network) else {
            throw .wrongNetwork(expected: network, actual: networks)
        }
        guard let version = decoded.values.first else { throw .missingWitnessVersion }
        guard version <= 16 else { throw .invalidWitnessVersion(version) }
        guard decoded.variant == variant(version: version) else {
            throw .wrongChecksum(
                version: version, expected: variant(version: version), actual: decoded.variant)
        }
        let isAllowed =
            version == 0
            ? program.count == 20 || program.count == 32 : (2...40).contains(program.count)
        guard isAllowed else {
            throw .invalidProgramLength(version: version, actual: program.count)
        }
        return .witness(version: version, program: program)
    }

    private static func decodeBase58(
        _ text: some StringProtocol, network: Network
    ) throws(AddressError) -> Kind {
        let payload: [UInt8]
        do {
            payload = try Base58Check.decode(text)
        } catch {
            throw .base58(error)
        }
        guard let version = payload.first else {
            throw .invalidPayloadLength(expected: 21, actual: 0)
        }
        let networks = Network.allCases.filter {
            version == $0.publicKeyHashVersion || version == $0.scriptHashVersion
        }
        guard !networks.isEmpty else { throw .unknownVersion(version) }
        guard let hash = try? Hash160(payload.dropFirst()) else {
            throw .invalidPayloadLength(expected: 21, actual: payload.count)
        }
        guard networks.contains(network) else {
            throw .wrongNetwork(expected: network, actual: networks)
        }
        return version == network.publicKeyHashVersion ? .publicKeyHash(hash) : .scriptHash(hash)
    }
}
