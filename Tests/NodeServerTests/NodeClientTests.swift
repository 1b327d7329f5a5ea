import HTTP
import HTTPClient
import NodeAPI
import NodeServer
import Testing

struct NodeClientTests {
    private func client(_ server: TestServer, _ macaroon: String?) throws -> NodeClient {
        try NodeClient(
            HTTPURL(isSecure: false, host: "127.0.0.1", port: server.server.port),
            trust: .system, macaroon: macaroon)
    }

    @Test("requests arrive as they were sent, in bodies and in queries")
    func requests() throws {
        let server = try TestServer()
        let client = try client(server, server.macaroon().hex)
        var fee = EstimateFeeRequest()
        fee.amountByAddress = ["bcrt1q": 1000, "b&c": 2]
        fee.targetConf = 6
        fee.spendUnconfirmed = true
        _ = try client.call(
            .get, "/v1/transactions/fee", fee, returning: EstimateFeeResponse.self)
        var send = SendCoinsRequest()
        send.addr = "a"
        send.amount = 5
        let sent = try client.call(.post, "/v1/transactions", send, returning: TxidResponse.self)
        #expect(sent.txid == "id")
        #expect(
            server.node.asked
                == [fee.json, send.json].map { String(decoding: $0.serialized(), as: UTF8.self) })
    }

    @Test("refusals keep their code and words")
    func refusals() throws {
        let server = try TestServer()
        #expect(
            throws: NodeClientError.refused(
                APIError(.unauthenticated, "expected 1 macaroon, got 0"))
        ) {
            try client(server, nil).call(.get, "/v1/getinfo", returning: GetInfoResponse.self)
        }
    }

    @Test("events are handed over until the handler has enough")
    func events() throws {
        let server = try TestServer()
        var events: [TransactionMessage] = []
        try client(server, server.macaroon().hex).subscribe(.get, "/v1/transactions/subscribe") {
            (event: TransactionMessage) in
            events.append(event)
            return events.count < 2
        }
        #expect(events == [TestNode.transaction(0), TestNode.transaction(1)])
    }
}
