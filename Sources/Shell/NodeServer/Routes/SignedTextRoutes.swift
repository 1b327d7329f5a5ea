import NodeAPI

extension APIRoute {
    private static let ofAddresses = [Permission("onchain", "write")]

    static let signedTexts: [APIRoute] = [
        unary(
            .post, "/v1/signmessage", "/lnrpc.Lightning/SignMessage",
            [Permission("message", "write")]
        ) { (context, request: SignMessageRequest, reply) in
            context.service.signMessage(request, reply)
        },
        unary(
            .post, "/v1/verifymessage", "/lnrpc.Lightning/VerifyMessage",
            [Permission("message", "read")]
        ) { (context, request: VerifyMessageRequest, reply) in
            context.service.verifyMessage(request, reply)
        },
        unary(
            .post, "/v2/wallet/address/signmessage", "/walletrpc.WalletKit/SignMessageWithAddr",
            ofAddresses
        ) { (context, request: SignMessageWithAddrRequest, reply) in
            context.service.signMessage(request, reply)
        },
        unary(
            .post, "/v2/wallet/address/verifymessage",
            "/walletrpc.WalletKit/VerifyMessageWithAddr", ofAddresses
        ) { (context, request: VerifyMessageWithAddrRequest, reply) in
            context.service.verifyMessage(request, reply)
        },
    ]
}
