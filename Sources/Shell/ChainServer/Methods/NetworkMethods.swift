import Bitcoin
import ChainBackend
import JSON
import RegtestChain

extension ChainService {
    /// Methods that tell of the network, which has no other node, and of the process.
    static let networkMethods: [RPCMethod] = [
        RPCMethod(.network, "getnetworkinfo", "Tells of the software and its network.") {
            (service, _) throws(RPCError) in try service.getNetworkInfo()
        },
        RPCMethod(.network, "getpeerinfo", "Tells of the peers: there are none.") {
            (_, _) throws(RPCError) in []
        },
        RPCMethod(.network, "getconnectioncount", "The number of peers: none.") {
            (_, _) throws(RPCError) in 0
        },
        RPCMethod(
            .notifications, "getzmqnotifications", "Tells what is published over ZeroMQ, and where."
        ) { (service, _) throws(RPCError) in
            .array(
                service.notifications.withLock { $0 }.map { publication in
                    [
                        "type": .string("pub\(publication.topic)"),
                        "address": .string(publication.address),
                        "hwm": .integer(publication.highWaterMark),
                    ]
                })
        },
        RPCMethod(.control, "getrpcinfo", "Tells of the server of these methods.") {
            (_, _) throws(RPCError) in
            ["active_commands": [["method": "getrpcinfo", "duration": 0]], "logpath": ""]
        },
        RPCMethod(.control, "uptime", "The seconds since the start.") {
            (service, _) throws(RPCError) in
            .integer(SystemClock.secondsSince1970() - service.startTime)
        },
        RPCMethod(.control, "help command?", "Lists the methods, or tells of one.") {
            (_, arguments) throws(RPCError) in
            .string(help(try arguments.optionalString(0)))
        },
        RPCMethod(.control, "stop wait?", "Stops the process.") {
            (service, _) throws(RPCError) in
            service.stop()
            return "Bitcoin Core stopping"
        },
        RPCMethod(.utility, "getindexinfo index_name?", "Tells of the indexes.") {
            (service, arguments) throws(RPCError) in
            let wanted = try arguments.optionalString(0)
            let height = try service.withChain { chain, _ in chain.tip.height.value }
            let names = ["txindex", "basic block filter index"].filter {
                wanted == nil || wanted == $0
            }
            let state: JSONValue = ["synced": true, "best_block_height": .integer(height)]
            return .object(JSONObject(names.map { ($0, state) }))
        },
    ]

    /// The networks that bitcoind knows, none of which is used.
    private static let networks = JSONValue.array(
        ["ipv4", "ipv6", "onion", "i2p", "cjdns"].map { name in
            [
                "name": .string(name), "limited": true, "reachable": false, "proxy": "",
                "proxy_randomize_credentials": false,
            ]
        })

    private func getNetworkInfo() throws(RPCError) -> JSONValue {
        try withChain { chain, _ in
            [
                "version": .integer(EmbeddedChain.version),
                "subversion": .string(EmbeddedChain.subversion), "protocolversion": 70016,
                "localservices": "0000000000000409",
                "localservicesnames": ["NETWORK", "WITNESS", "NETWORK_LIMITED"],
                "localrelay": true, "timeoffset": 0, "networkactive": true, "connections": 0,
                "connections_in": 0, "connections_out": 0, "networks": ChainService.networks,
                "relayfee": .feerate(chain.policy.minimumRelayFeerate),
                "incrementalfee": .feerate(chain.policy.incrementalFeerate),
                "localaddresses": [], "warnings": [],
            ]
        }
    }
}
