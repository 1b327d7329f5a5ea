/// The output descriptor of an account's addresses, by which other wallets watch it (BIP 380 to 386).
public struct AccountDescriptor: Hashable, Sendable {
    /// What the addresses are.
    public let purpose: AccountPurpose
    /// Where the account's key comes from.
    public let origin: KeyOrigin
    /// The account's key.
    public let key: ExtendedPublicKey
    /// The side of the account; nil for both in one descriptor, as `<0;1>` (BIP 389).
    public let branch: AccountBranch?

    /// Describes the addresses of an account.
    public init(
        _ purpose: AccountPurpose, origin: KeyOrigin, key: ExtendedPublicKey,
        branch: AccountBranch?
    ) {
        self.purpose = purpose
        self.origin = origin
        self.key = key
        self.branch = branch
    }

    /// The text with its checksum. Hardened steps are marked with `h`, as bitcoind writes them.
    public func text(network: Network) throws(DescriptorError) -> String {
        let path = origin.path.steps.reduce("\(origin.fingerprint)") { text, step in
            "\(text)/\(step.index)\(step.isHardened ? "h" : "")"
        }
        let side = branch.map { "\($0.rawValue)" } ?? "<0;1>"
        let keys = "[\(path)]\(key.text(ExtendedKeyVersion(network)))/\(side)/*"
        let descriptor =
            switch purpose {
            case .legacy: "pkh(\(keys))"
            case .nestedSegwit: "sh(wpkh(\(keys)))"
            case .segwit: "wpkh(\(keys))"
            case .taproot: "tr(\(keys))"
            }
        return try DescriptorChecksum.append(to: descriptor)
    }
}
