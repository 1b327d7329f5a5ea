import NodeAPI

extension APIRoute {
    private static let read = [Permission("info", "read")]

    static let network: [APIRoute] = [
        graph("/v1/graph", "/lnrpc.Lightning/DescribeGraph", read) {
            $0.service.describeGraph($1, $2)
        },
        unary(.get, "/v1/graph/node/{pub_key}", "/lnrpc.Lightning/GetNodeInfo", read) {
            $0.service.nodeInfo($1, $2)
        },
        unary(.get, "/v1/graph/edge/{chan_id}", "/lnrpc.Lightning/GetChanInfo", read) {
            $0.service.channelInfo($1, $2)
        },
        unary(.get, "/v1/graph/edge", "/lnrpc.Lightning/GetChanInfo", read) {
            $0.service.channelInfo($1, $2)
        },
        unary(.get, "/v1/graph/info", "/lnrpc.Lightning/GetNetworkInfo", read) {
            (context, _: Empty, reply) in context.service.networkInfo(reply)
        },
        unary(.get, "/v1/graph/routes/{pub_key}/{amt}", "/lnrpc.Lightning/QueryRoutes", read) {
            $0.service.queryRoutes($1, $2)
        },
        unary(.post, "/v1/graph/routes/{pub_key}/{amt}", "/lnrpc.Lightning/QueryRoutes", read) {
            $0.service.queryRoutes($1, $2)
        },
        stream(.get, "/v1/graph/subscribe", "/lnrpc.Lightning/SubscribeChannelGraph", read) {
            (context, _: Empty, subscriber) in context.service.subscribeGraph(subscriber)
        },
    ]
}
