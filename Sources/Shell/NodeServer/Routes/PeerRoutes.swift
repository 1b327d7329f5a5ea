import NodeAPI

extension APIRoute {
    private static let read = [Permission("peers", "read")]
    private static let write = [Permission("peers", "write")]

    static let peers: [APIRoute] = [
        unary(.get, "/v1/peers", "/lnrpc.Lightning/ListPeers", read) {
            $0.service.listPeers($1, $2)
        },
        unary(.post, "/v1/peers", "/lnrpc.Lightning/ConnectPeer", write) {
            $0.service.connectPeer($1, $2)
        },
        unary(.delete, "/v1/peers/{pub_key}", "/lnrpc.Lightning/DisconnectPeer", write) {
            $0.service.disconnectPeer($1, $2)
        },
        stream(.get, "/v1/peers/subscribe", "/lnrpc.Lightning/SubscribePeerEvents", read) {
            (context, _: Empty, subscriber) in context.service.subscribePeers(subscriber)
        },
        unary(
            .post, "/v1/custommessage", "/lnrpc.Lightning/SendCustomMessage",
            [Permission("offchain", "write")]
        ) { $0.service.sendCustomMessage($1, $2) },
        stream(
            .get, "/v1/custommessage/subscribe", "/lnrpc.Lightning/SubscribeCustomMessages",
            [Permission("offchain", "read")]
        ) { (context, _: Empty, subscriber) in context.service.subscribeCustomMessages(subscriber)
        },
    ]
}
