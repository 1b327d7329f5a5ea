/// A Bitcoin network: each has a chain, address forms and rules of its own.
public enum Network: String, CaseIterable, Sendable {
    case mainnet
    case testnet3 = "testnet"
    case testnet4
    case signet
    case regtest
}
