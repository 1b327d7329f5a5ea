import Bitcoin
import FoundationEssentials
import HTTP
import JSON
import TestSupport
import Testing

/// Nodes in a line, each a process, with a channel between neighbours that the left one paid for.
final class PaymentNetwork: @unchecked Sendable {
    let chain: ChainProcess
    let nodes: [NodeProcess]
    private let folders: [TemporaryFolder]
    static let capacity: Int64 = 5_000_000

    init(_ count: Int) throws {
        var folders = [try TemporaryFolder()]
        chain = try ChainProcess(.salama, folder: folders[0].path)
        var nodes: [NodeProcess] = []
        for index in 0..<count {
            let folder = try TemporaryFolder()
            folders.append(folder)
            nodes.append(
                try NodeProcess(
                    folder: folder.path, chain: chain, alias: "node\(index)",
                    peerPort: ChainProcess.freePort(), options: ["--accept-keysend"]))
        }
        self.nodes = nodes
        self.folders = folders
        for node in nodes { try chain.mine(1, to: node.newAddress()) }
        try mine(100)
        for (left, right) in zip(nodes, nodes.dropFirst()) { try openChannel(left, right) }
        try eventually("the graph") {
            // Each node needs the terms of both sides of each channel to pay over it.
            try nodes.allSatisfy { node in
                let edges = try node.get("/v1/graph")["edges"]?.array ?? []
                return edges.count == count - 1
                    && edges.allSatisfy { edge in
                        ["node1_policy", "node2_policy"].allSatisfy { edge[$0]?.object != nil }
                    }
            }
        }
    }

    func mine(_ count: Int) throws {
        try chain.mine(count, to: Payee(0).address)
        for node in nodes { try node.waitForTip(chain) }
    }

    func connect(_ left: NodeProcess, _ right: NodeProcess) throws {
        let address: JSONValue = [
            "pubkey": .string(try right.key()), "host": .string("127.0.0.1:\(right.peerPort)"),
        ]
        let connected = try left.exchange(.post, "/v1/peers", ["addr": address, "perm": true])
        // The other side may have connected already.
        #expect([200, 409].contains(connected.status), "\(connected.body)")
    }

    private func openChannel(_ left: NodeProcess, _ right: NodeProcess) throws {
        let key = try right.key()
        try connect(left, right)
        let opened = try left.exchange(
            .post, "/v1/channels",
            [
                "node_pubkey_string": .string(key),
                "local_funding_amount": .string("\(Self.capacity)"), "sat_per_vbyte": "2",
            ])
        #expect(opened.status == 200, "\(opened.body)")
        try eventually("the funding") { try chain.call("getrawmempool").array?.isEmpty == false }
        try mine(6)
        for node in [left, right] {
            try eventually("the channel") {
                let channels = try node.get("/v1/channels?active_only=true")["channels"]?.array
                return channels?.isEmpty == false
                    && channels?.allSatisfy { $0["active"]?.bool == true } == true
            }
        }
    }

    deinit { for node in nodes { node.process.end(with: 9) } }
}

extension NodeProcess {
    /// The node's public key in hexadecimal.
    func key() throws -> String { try get("/v1/getinfo")["identity_pubkey"]?.string ?? "" }

    /// A new invoice: its text and its payment hash in base 64.
    func invoice(_ fields: JSONValue) throws -> (text: String, hash: String) {
        let made = try post("/v1/invoices", fields)
        return (made["payment_request"]?.string ?? "", made["r_hash"]?.string ?? "")
    }

    /// Pays as LNbits does, and reads the whole body as one JSON value.
    func pay(_ fields: JSONValue) throws -> JSONValue {
        var body = fields.object ?? JSONObject()
        for (name, value) in [
            ("timeout_seconds", 30 as JSONValue), ("no_inflight_updates", true),
            ("fee_limit_sat", "100"),
        ] where body[name] == nil { body[name] = value }
        let answer = try exchange(.post, "/v2/router/send", .object(body))
        return try JSONValue(parsing: Array(answer.body.utf8))
    }

    /// What is on this node's side of its channels, in millisatoshis.
    func localBalance() throws -> Int64 {
        try get("/v1/balance/channels")["local_balance"]?["msat"]?.string.flatMap { Int64($0) }
            ?? -1
    }
}
