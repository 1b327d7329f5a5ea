import HTTP
import NodeAPI

/// lnd's client of watchtowers, as a node answers that has none: programs ask for it, and are told so.
extension APIRoute {
    private static let read = [Permission("offchain", "read")]
    private static let write = [Permission("offchain", "write")]
    private static let path = "/v2/watchtower/client"
    private static let lndName = "/wtclientrpc.WatchtowerClient/"

    static let watchtowers: [APIRoute] = [
        tower(.get, path, "ListTowers", read), tower(.post, path, "AddTower", write),
        tower(.delete, path + "/{pubkey}", "RemoveTower", write),
        tower(.get, path + "/info/{pubkey}", "GetTowerInfo", read),
        tower(.get, path + "/stats", "Stats", read), tower(.get, path + "/policy", "Policy", read),
    ]

    private static func tower(
        _ method: HTTPMethod, _ path: String, _ name: String, _ permissions: [Permission]
    ) -> APIRoute {
        unary(method, path, lndName + name, permissions) {
            (context, request: WatchtowerRequest, reply: Reply<Empty>) in
            context.service.askWatchtower(request, reply)
        }
    }
}
