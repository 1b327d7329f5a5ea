/// An error with a code of bitcoind's, as the caller of a method gets it.
public struct RPCError: Error, Sendable, Equatable {
    /// What kind of error it is; see the constants.
    public let code: Int
    /// What went wrong, for people.
    public let message: String

    /// An error of that code.
    public init(_ code: Int, _ message: String) {
        self.code = code
        self.message = message
    }

    static let invalidRequest = -32600
    static let methodNotFound = -32601
    static let parseError = -32700
    /// Anything that has no code of its own, and a call with the wrong number of arguments.
    static let miscellaneous = -1
    static let typeError = -3
    static let invalidAddressOrKey = -5
    static let invalidParameter = -8
    static let deserialization = -22
    static let transactionError = -25
    static let transactionRejected = -26
    static let alreadyInChain = -27
    static let insufficientFunds = -6
}
