import Bitcoin
import ChainBackend
import JSON
import Testing

/// A server that is no bitcoind, or a sick one: every answer is an error, and none reads as "not there".
struct BitcoindHostileTests {
    private let server: FakeServer
    private let backend: BitcoindBackend

    init() throws {
        server = try FakeServer()
        backend = try Self.backend(server)
    }

    /// A client of the server. Only where nothing comes does it matter how long it waits.
    private static func backend(
        _ server: FakeServer, timeout: Duration = .seconds(20)
    ) throws -> BitcoindBackend {
        var configuration = BitcoindConfiguration(
            network: .regtest, port: server.port,
            authentication: .password(user: "user", password: "password"))
        configuration.callTimeout = timeout
        return try BitcoindBackend(configuration)
    }

    private static let someHash = BlockHash(SHA256.hash([1]))
    private static let someTransaction = Transaction(
        inputs: [TransactionInput(previousOutput: OutPoint(TransactionID(.zero), 0))],
        outputs: [TransactionOutput(amount: Satoshi(1), scriptPubKey: Script())])

    /// Every call that there is.
    private static let calls: [(String, @Sendable (BitcoindBackend) throws -> Any?)] = [
        ("status", { try $0.status() }),
        ("blockHash", { try $0.blockHash(at: BlockHeight(1)) }),
        ("blockHashes", { try $0.blockHashes(from: BlockHeight(1), count: 2) }),
        ("header", { try $0.header(of: someHash) }),
        ("block", { try $0.block(someHash) }),
        (
            "unspentOutput",
            { try $0.unspentOutput(OutPoint(TransactionID(.zero), 0), includingMempool: true) }
        ),
        ("mempoolTransaction", { try $0.mempoolTransaction(TransactionID(.zero)) }),
        ("mempool", { try $0.mempool() }),
        ("broadcast", { try $0.broadcast(someTransaction) }),
        ("package", { try $0.broadcast(package: [someTransaction, someTransaction]) }),
        ("testAccept", { try $0.testAccept(someTransaction) }),
        ("estimateFee", { try $0.estimateFee(blocks: 6) }),
        ("minimumMempoolFee", { try $0.minimumMempoolFee() }),
    ]

    private func expectErrors(
        from reaction: FakeServer.Reaction, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        for (name, call) in Self.calls {
            // The call itself meets the reaction, not what is asked before the first one.
            server.react(.normal)
            _ = try backend.status()
            server.react(reaction)
            #expect(throws: ChainError.self, "\(name)", sourceLocation: sourceLocation) {
                _ = try call(backend)
            }
        }
    }

    @Test("a server that never answers is left after the time-out")
    func silence() throws {
        let backend = try Self.backend(server, timeout: .milliseconds(400))
        server.react(.silence)
        let start = ContinuousClock.now
        #expect {
            try backend.status()
        } throws: {
            if case ChainError.unavailable = $0 { true } else { false }
        }
        #expect(ContinuousClock.now - start < .seconds(20))
        // Clocks of the system differ by less than that.
        #expect(ContinuousClock.now - start >= .milliseconds(390))
    }

    @Test(
        "what is no answer is an error for every call",
        arguments: [
            FakeServer.Reaction.close, .raw(""), .raw("garbage\r\n\r\n"),
            .raw("HTTP/1.1 200 OK\r\n"),
            .raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"),
            .raw("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"),
            .raw("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n{}"),
            .raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
            .status(200, ""), .status(200, "garbage"), .status(200, "null"), .status(200, "[]"),
            .status(200, "{}"), .status(200, "[{}]"), .status(200, "[{},{},{},{}]"),
            .status(200, #"{"result":null}"#),
            .status(200, #"{"result":null,"error":null,"id":0}"#),
            .status(200, #"{"result":null,"error":{},"id":1}"#),
            .status(200, #"{"result":null,"error":"x","id":1}"#),
            .status(200, #"{"result":null,"error":{"code":"x","message":1},"id":1}"#),
            .status(200, #"{"error":null,"id":1}"#), .status(200, #"{"result":"","#),
            .status(200, String(repeating: "[", count: 100_000)),
            .status(200, "{\"result\":\"\u{0}\"}"),
            .status(500, ""), .status(404, ""), .status(403, ""), .status(302, ""),
            .status(400, "null"), .status(401, "null"),
        ])
    func garbage(_ reaction: FakeServer.Reaction) throws {
        try expectErrors(from: reaction)
    }

    @Test(
        "an answer without end is cut off at its limit or the time-out",
        arguments: [
            FakeServer.Reaction.endless(
                head: "HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n[",
                piece: String(repeating: " ", count: 65536)),
            .endless(
                head: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                piece: "10000\r\n" + String(repeating: " ", count: 65536) + "\r\n"),
            .endless(
                head: "HTTP/1.1 200 OK\r\n",
                piece: "A: " + String(repeating: "b", count: 1000) + "\r\n"),
        ])
    func endless(_ reaction: FakeServer.Reaction) throws {
        let backend = try Self.backend(server, timeout: .seconds(1))
        server.react(reaction)
        #expect(throws: ChainError.self) { try backend.status() }
    }

    @Test("a full queue of calls is waited for a little, and then told")
    func busy() {
        server.react(.status(503, "Work queue depth exceeded"))
        #expect(
            throws: ChainError.unavailable(reason: "bitcoind is busy: Work queue depth exceeded")
        ) { try backend.status() }
    }

    @Test("refused credentials are told")
    func unauthorized() {
        server.react(.status(401, ""))
        #expect(throws: ChainError.unauthorized) { try backend.status() }
    }

    @Test("a server that is starting is told from one that is away")
    func warmingUp() {
        for method in ["getnetworkinfo", "getblockchaininfo"] {
            server.answer(method, .error(-28, "Loading block index…"))
        }
        let expected = ChainError.warmingUp(reason: "Loading block index…")
        #expect(throws: expected) { try backend.status() }
        #expect(throws: expected) { try backend.blockHash(at: BlockHeight(0)) }
    }

    @Test("nothing is asked of a backend on another network")
    func wrongNetwork() throws {
        server.answer("getblockhash", .result(.string(FakeServer.tip)))
        var configuration = backend.testConfiguration(port: server.port)
        configuration.network = .mainnet
        let mainnet = try BitcoindBackend(configuration)
        let expected = ChainError.wrongNetwork(expected: .mainnet, actual: "regtest")
        #expect(throws: expected) { try mainnet.status() }
        #expect(throws: expected) { try mainnet.blockHash(at: BlockHeight(0)) }
        #expect(try backend.blockHash(at: BlockHeight(0)) != nil)
    }

    @Test("a bitcoind that is too old is refused, in words")
    func oldVersion() {
        server.answer(
            "getnetworkinfo", .result(["version": 270_100, "subversion": "/Satoshi:27.1.0/"]))
        let expected = ChainError.unsupportedVersion(
            270_100, minimum: 280_000, subversion: "/Satoshi:27.1.0/")
        #expect(throws: expected) { try backend.blockHash(at: BlockHeight(0)) }
        #expect(
            "\(expected)"
                == "its version 27.1.0 (/Satoshi:27.1.0/) is too old: 28.0.0 or newer is needed")
    }

    @Test(
        "a result of the wrong type or out of range is an invalid answer",
        arguments: [
            ("getblockhash", "blockHash", #"5"#), ("getblockhash", "blockHash", #""zz""#),
            ("getblockhash", "blockHash", #""00""#), ("getblockhash", "blockHash", "null"),
            ("gettxout", "unspentOutput", "7"), ("gettxout", "unspentOutput", "{}"),
            ("gettxout", "unspentOutput", #"{"confirmations":-1}"#),
            (
                "gettxout", "unspentOutput",
                #"{"confirmations":0,"value":1e-9,"scriptPubKey":{"hex":""},"coinbase":false}"#
            ),
            (
                "gettxout", "unspentOutput",
                #"{"confirmations":0,"value":1,"scriptPubKey":{"hex":"0"},"coinbase":false}"#
            ),
            (
                "gettxout", "unspentOutput",
                #"{"confirmations":0,"value":"1","scriptPubKey":{"hex":""},"coinbase":false}"#
            ),
            ("getblockheader", "header", "null"), ("getblockheader", "header", "{}"),
            (
                "getblockheader", "header",
                """
                {"version":1,"merkleroot":"\(FakeServer.tip)","time":1,"bits":"207fffff","nonce":2,
                 "height":0,"confirmations":1}
                """
            ),
            ("getblock", "block", #""""#), ("getblock", "block", #""00""#),
            ("getblock", "block", #""0""#), ("getblock", "block", "{}"),
            ("getrawmempool", "mempool", "{}"), ("getrawmempool", "mempool", #"["x"]"#),
            ("getrawmempool", "mempool", "[1]"),
            ("estimatesmartfee", "estimateFee", #"{"feerate":-1}"#),
            ("estimatesmartfee", "estimateFee", #"{"feerate":1e12}"#),
            ("estimatesmartfee", "estimateFee", #"{"feerate":"1"}"#),
            ("getmempoolinfo", "minimumMempoolFee", "{}"),
            ("testmempoolaccept", "testAccept", "[]"), ("testmempoolaccept", "testAccept", "[{}]"),
            ("submitpackage", "package", "{}"),
            ("submitpackage", "package", #"{"package_msg":1,"tx-results":{}}"#),
        ])
    func wrongTypes(_ method: String, _ call: String, _ result: String) throws {
        server.answer(method, .result(try JSONValue(parsing: result)))
        let body = try #require(Self.calls.first { $0.0 == call }?.1)
        #expect {
            _ = try body(backend)
        } throws: { error in
            if case ChainError.invalidAnswer(method: method, _) = error { true } else { false }
        }
    }

    @Test(
        "fee rates are read exactly and rounded up",
        arguments: [
            ("0.00001000", 250), ("0.00001001", 251), ("0.00000001", 1), ("1e-05", 250),
            ("0.00012345", 3087), ("0.00000100", 25),
        ])
    func feerates(_ text: String, _ rate: UInt32) throws {
        server.answer("estimatesmartfee", .result(["feerate": .number(text), "blocks": 2]))
        #expect(try backend.estimateFee(blocks: 2) == FeeratePerKw(rate))
        server.answer(
            "getmempoolinfo",
            .result(["mempoolminfee": .number(text), "minrelaytxfee": 0.as8Decimals]))
        #expect(try backend.minimumMempoolFee() == FeeratePerKw(rate))
        server.answer("estimatesmartfee", .result(["errors": ["Insufficient data"], "blocks": 0]))
        #expect(try backend.estimateFee(blocks: 2) == nil)
    }

    @Test(
        "rejections are told by their word, and what is there already is accepted",
        arguments: [
            (-26, "min relay fee not met, 0 < 100", "min relay fee not met"),
            (-25, "bad-txns-inputs-missingorspent", "bad-txns-inputs-missingorspent"),
            (-25, "missing-inputs", "bad-txns-inputs-missingorspent"),
            (-26, "dust", "dust"),
            (
                -22, "TX decode failed. Make sure the tx has at least one input.",
                "TX decode failed. Make sure the tx has at least one input."
            ),
            (-27, "Transaction outputs already in utxo set", nil),
            (-27, "Transaction already in block chain", nil),
            (-26, "txn-already-in-mempool", nil), (-25, "txn-already-known", nil),
            (-26, "txn-same-nonwitness-data-in-mempool", nil),
        ] as [(Int, String, String?)])
    func rejections(_ code: Int, _ message: String, _ reason: String?) throws {
        server.answer("sendrawtransaction", .error(code, message))
        server.answer("getrawtransaction", .error(-5, "No such mempool transaction"))
        let expected = reason.map { BroadcastResult.rejected(reason: $0) } ?? .accepted
        #expect(try backend.broadcast(Self.someTransaction) == expected)
    }

    @Test("a failure that is no judgement is an error, not a rejection")
    func brokenBroadcast() {
        server.answer("sendrawtransaction", .error(-32603, "disk full"))
        #expect(
            throws: ChainError.refused(
                method: "sendrawtransaction", code: -32603, message: "disk full")
        ) { try backend.broadcast(Self.someTransaction) }
    }
}

extension BitcoindBackend {
    fileprivate func testConfiguration(port: UInt16) -> BitcoindConfiguration {
        BitcoindConfiguration(
            network: .regtest, port: port,
            authentication: .password(user: "user", password: "password"))
    }
}

extension Int {
    fileprivate var as8Decimals: JSONValue { .number("\(self).00000000") }
}
