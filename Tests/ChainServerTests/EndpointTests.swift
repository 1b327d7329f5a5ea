import Bitcoin
import ChainBackend
import ChainServer
import JSON
import RegtestChain
import Testing

@Suite("JSON-RPC") struct EndpointTests {
    private let endpoint: RPCEndpoint

    init() {
        let clock = ServiceClock()
        endpoint = RPCEndpoint(
            ChainService(
                EmbeddedChain(clock: clock.now), clock: clock,
                faucet: Faucet(seed: SecretBytes([UInt8](repeating: 2, count: 32)))))
    }

    @Test(
        "requests of each version get bitcoind's answer and status",
        arguments: [
            (#"{"method":"getblockcount","id":1}"#, 200, #"{"result":0,"error":null,"id":1}"#),
            (
                #"{"jsonrpc":"2.0","method":"getblockcount","id":"a"}"#, 200,
                #"{"jsonrpc":"2.0","result":0,"id":"a"}"#
            ),
            (#"{"jsonrpc":"2.0","method":"getblockcount"}"#, 204, ""),
            (
                #"{"method":"foo","id":1}"#, 404,
                #"{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":1}"#
            ),
            (
                #"{"jsonrpc":"2.0","method":"foo","id":1}"#, 200,
                #"{"jsonrpc":"2.0","error":{"code":-32601,"message":"Method not found"},"id":1}"#
            ),
            (
                "xx", 500,
                #"{"result":null,"error":{"code":-32700,"message":"Parse error"},"id":null}"#
            ),
            (
                #"{"method":5}"#, 400,
                #"{"result":null,"error":{"code":-32600,"message":"Method must be a string"}}"#
            ),
            (
                #"{"method":"getblockhash","params":[99],"id":1}"#, 500,
                #"{"result":null,"error":{"code":-8,"message":"Block height out of range"},"id":1}"#
            ),
            (
                #"{"method":"getblockhash","params":{"height":0},"id":1}"#, 200,
                #"{"result":"0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206","error":null,"id":1}"#
            ),
            (
                #"{"method":"getblockhash","params":{"foo":1},"id":1}"#, 500,
                #"{"result":null,"error":{"code":-8,"message":"Unknown named parameter foo"},"id":1}"#
            ),
            (
                #"[{"method":"getblockcount","id":1},{"method":"foo","id":2}]"#, 200,
                #"[{"result":0,"error":null,"id":1},{"result":null,"error":{"code":-32601,"message":"Method not found"},"id":2}]"#
            ),
            ("[]", 200, "[]"),
        ] as [(String, Int, String)])
    func answers(request: String, status: Int, body: String) {
        let answer = endpoint.answer(Array(request.utf8))
        #expect(answer.status == status)
        #expect(String(decoding: answer.body, as: UTF8.self) == (body.isEmpty ? "" : body + "\n"))
    }

    @Test("the faucet pays from what it mines, and sees what it has left")
    func faucet() throws {
        let address = try result("getnewaddress", "[]").string ?? ""
        #expect(address.hasPrefix("bcrt1q"))
        _ = try result("generatetoaddress", "[101,\"\(address)\"]")
        #expect(try result("getbalance", "[]").number == "50.00000000")
        let id =
            try result(
                "sendtoaddress", "[\"bcrt1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqdku202\",1.5]"
            ).string ?? ""
        let entry = try result("getmempoolentry", "[\"\(id)\"]")
        #expect(entry["fees"]?["base"]?.number != nil)
        let left = try result("getbalance", "[]").number ?? ""
        #expect(left.hasPrefix("48.4999"))
    }

    @Test("a method tells how it is called where the count of arguments is wrong")
    func wrongCount() {
        let answer = endpoint.answer(Array(#"{"method":"getblockhash","params":[],"id":1}"#.utf8))
        #expect(answer.status == 500)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("getblockhash height"))
    }

    private func result(_ method: String, _ parameters: String) throws -> JSONValue {
        let request = "{\"method\":\"\(method)\",\"params\":\(parameters),\"id\":1}"
        let answer = try JSONValue(parsing: endpoint.answer(Array(request.utf8)).body)
        #expect(answer["error"] == .null)
        return answer["result"] ?? .null
    }
}
