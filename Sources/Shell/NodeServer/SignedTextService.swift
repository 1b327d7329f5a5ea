import NodeAPI

/// Signatures of texts with the node's keys, as ``NodeService`` describes calls.
public protocol SignedTextService: Sendable {
    /// Signs with the node's key: the same text always gives the same signature.
    func signMessage(_ request: SignMessageRequest, _ reply: Reply<SignMessageResponse>)
    /// Tells which node signed.
    func verifyMessage(_ request: VerifyMessageRequest, _ reply: Reply<VerifyMessageResponse>)
    /// Signs with the key of an address of the wallet.
    func signMessage(
        _ request: SignMessageWithAddrRequest, _ reply: Reply<SignMessageWithAddrResponse>)
    /// Tells whether the key of an address signed.
    func verifyMessage(
        _ request: VerifyMessageWithAddrRequest, _ reply: Reply<VerifyMessageWithAddrResponse>)
}
