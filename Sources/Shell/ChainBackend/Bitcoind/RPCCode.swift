/// The error codes of bitcoind's JSON-RPC that have a meaning here.
enum RPCCode {
    /// `RPC_MISC_ERROR`: among others, a block that is not stored.
    static let misc = -1
    /// `RPC_INVALID_ADDRESS_OR_KEY`: no such block or transaction.
    static let invalidAddressOrKey = -5
    /// `RPC_INVALID_PARAMETER`: among others, a height above the tip.
    static let invalidParameter = -8
    /// `RPC_DESERIALIZATION_ERROR`: no transaction at all, or one that cannot be.
    static let deserialization = -22
    /// `RPC_VERIFY_ERROR`: among others, inputs that are missing or spent.
    static let verify = -25
    /// `RPC_VERIFY_REJECTED`: against consensus or policy.
    static let verifyRejected = -26
    /// `RPC_VERIFY_ALREADY_IN_UTXO_SET`: mined.
    static let verifyAlreadyMined = -27

    /// Whether the code says that a transaction was judged and not taken.
    static func isRejection(_ code: Int) -> Bool {
        [deserialization, verify, verifyRejected].contains(code)
    }
}
