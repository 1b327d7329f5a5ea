import Glibc
import HTTP
import HTTPClient
import HTTPServer
import JSON
import NodeAPI
import NodeServer
import Synchronization

/// A node that answers every call with figures that a test can know, and remembers what it was asked.
final class TestNode: NodeService {
    private let current: Mutex<WalletState>
    private let requests = Mutex<[String]>([])
    let subscribers = Mutex<[Subscriber<TransactionMessage>]>([])
    let endedSubscriptions = Atomic<Int>(0)

    init(_ state: WalletState = .serverActive) { current = Mutex(state) }

    var state: WalletState { current.withLock { $0 } }
    var asked: [String] { requests.withLock { $0 } }

    func note(_ request: some APIMessage) {
        let text = String(decoding: request.json.serialized(), as: UTF8.self)
        requests.withLock { $0.append(text) }
    }

    /// Notes a request and answers it with nothing.
    func answer<Response: APIMessage>(_ request: some APIMessage, _ reply: Reply<Response>) {
        note(request)
        reply(Response())
    }

    /// Notes a request and ends its stream without an event.
    func end<Event: APIMessage>(_ request: some APIMessage, _ subscriber: Subscriber<Event>) {
        note(request)
        subscriber.finish()
    }

    /// Notes a request and ends its stream after an event of nothing.
    func tell<Event: APIMessage>(_ request: some APIMessage, _ subscriber: Subscriber<Event>) {
        note(request)
        tell(subscriber)
    }

    /// Ends a stream after an event of nothing.
    func tell<Event: APIMessage>(_ subscriber: Subscriber<Event>) {
        subscriber.send(Event())
        subscriber.finish()
    }

    func set(_ state: WalletState) { current.withLock { $0 = state } }

    static func transaction(_ number: Int) -> TransactionMessage {
        var transaction = TransactionMessage()
        transaction.txHash = String(repeating: "ab", count: 32)
        transaction.amount = -21_000_000_00000000
        transaction.numConfirmations = Int32(number)
        transaction.label = "\"é\""
        var output = OutputDetail()
        output.outputType = .witnessV1Taproot
        output.amount = 5
        transaction.outputDetails = [output]
        return transaction
    }

    func genSeed(_ request: GenSeedRequest, _ reply: Reply<GenSeedResponse>) {
        note(request)
        var response = GenSeedResponse()
        response.cipherSeedMnemonic = ["abandon", "about"]
        response.encipheredSeed = [0xff, 0xfe]
        reply(response)
    }

    func initWallet(_ request: InitWalletRequest, _ reply: Reply<Empty>) {
        note(request)
        guard request.walletPassword.count >= 8 else {
            return reply.fail(.invalidArgument, "password must have at least 8 characters")
        }
        set(.serverActive)
        reply(Empty())
    }

    func unlockWallet(_ request: UnlockWalletRequest, _ reply: Reply<Empty>) {
        note(request)
        set(.serverActive)
        reply(Empty())
    }

    func changePassword(_ request: ChangePasswordRequest, _ reply: Reply<Empty>) {
        note(request)
        set(.serverActive)
        reply(Empty())
    }

    func subscribeState(_ subscriber: Subscriber<StateResponse>) {
        var response = StateResponse()
        response.state = state
        subscriber.send(response)
        subscriber.finish()
    }

    func getInfo(_ reply: Reply<GetInfoResponse>) {
        var info = GetInfoResponse()
        info.version = "0.1.0-beta"
        info.blockHeight = 800_000
        info.bestHeaderTimestamp = 1_700_000_000
        var chain = ChainMessage()
        chain.chain = "bitcoin"
        chain.network = "regtest"
        info.chains = [chain]
        var feature = FeatureMessage()
        feature.name = "tlv-onion"
        feature.isKnown = true
        info.features = ["9": feature]
        reply(info)
    }

    func stop(_ reply: Reply<StopResponse>) { reply(StopResponse()) }

    func newAddress(_ request: NewAddressRequest, _ reply: Reply<NewAddressResponse>) {
        note(request)
        var response = NewAddressResponse()
        response.address = request.type.rawValue
        reply(response)
    }

    func nextAddress(_ request: AddrRequest, _ reply: Reply<AddrResponse>) {
        answer(request, reply)
    }

    func walletBalance(
        _ request: WalletBalanceRequest, _ reply: Reply<WalletBalanceResponse>
    ) {
        note(request)
        var response = WalletBalanceResponse()
        response.totalBalance = 2_100_000_000_000_000
        var account = WalletAccountBalance()
        account.confirmedBalance = 7
        response.accountBalance = ["default": account]
        reply(response)
    }

    func listUnspent(_ request: ListUnspentRequest, _ reply: Reply<ListUnspentResponse>) {
        note(request)
        var coin = Utxo()
        coin.addressType = .taprootPubkey
        coin.amountSat = 1
        var outpoint = OutPointMessage()
        outpoint.txidBytes = [1, 2, 3]
        outpoint.outputIndex = 4
        coin.outpoint = outpoint
        var response = ListUnspentResponse()
        response.utxos = [coin]
        reply(response)
    }

    func listAccounts(_ request: ListAccountsRequest, _ reply: Reply<ListAccountsResponse>) {
        answer(request, reply)
    }

    func listAddresses(_ request: ListAddressesRequest, _ reply: Reply<ListAddressesResponse>) {
        answer(request, reply)
    }

    func transactions(_ request: GetTransactionsRequest, _ reply: Reply<TransactionDetails>) {
        note(request)
        var response = TransactionDetails()
        response.transactions = [Self.transaction(3)]
        reply(response)
    }

    func transaction(_ request: GetTransactionRequest, _ reply: Reply<TransactionMessage>) {
        note(request)
        reply.fail(.notFound, "transaction not found")
    }

    func subscribeTransactions(
        _ request: GetTransactionsRequest, _ subscriber: Subscriber<TransactionMessage>
    ) {
        note(request)
        if request.account == "none" { return subscriber.finish(APIError(.notFound, "no account")) }
        subscriber.begin()
        subscriber.onEnd { [self] in endedSubscriptions.add(1, ordering: .relaxed) }
        for number in 0..<2 { subscriber.send(Self.transaction(number)) }
        subscribers.withLock { $0.append(subscriber) }
    }

    func sendCoins(_ request: SendCoinsRequest, _ reply: Reply<TxidResponse>) {
        note(request)
        var response = TxidResponse()
        response.txid = "id"
        reply(response)
    }

    func sendMany(_ request: SendManyRequest, _ reply: Reply<TxidResponse>) {
        answer(request, reply)
    }

    func estimateFee(_ request: EstimateFeeRequest, _ reply: Reply<EstimateFeeResponse>) {
        answer(request, reply)
    }

    func feeRate(_ request: FeeRateRequest, _ reply: Reply<FeeRateResponse>) {
        answer(request, reply)
    }

    func labelTransaction(_ request: LabelTransactionRequest, _ reply: Reply<StatusResponse>) {
        answer(request, reply)
    }

    func publishTransaction(
        _ request: PublishTransactionRequest, _ reply: Reply<PublishResponse>
    ) { answer(request, reply) }

    func bumpForceCloseFee(_ request: BumpForceCloseFeeRequest, _ reply: Reply<StatusResponse>) {
        answer(request, reply)
    }

    func importAccount(_ request: ImportAccountRequest, _ reply: Reply<Empty>) {
        answer(request, reply)
    }

    func bumpFee(_ request: BumpFeeRequest, _ reply: Reply<StatusResponse>) {
        answer(request, reply)
    }

    func leaseOutput(_ request: LeaseOutputRequest, _ reply: Reply<LeaseOutputResponse>) {
        answer(request, reply)
    }

    func releaseOutput(_ request: ReleaseOutputRequest, _ reply: Reply<StatusResponse>) {
        answer(request, reply)
    }

    func listLeases(_ reply: Reply<ListLeasesResponse>) { reply(ListLeasesResponse()) }

    func fundPSBT(_ request: FundPsbtRequest, _ reply: Reply<FundPsbtResponse>) {
        answer(request, reply)
    }

    func signPSBT(_ request: SignPsbtRequest, _ reply: Reply<SignPsbtResponse>) {
        answer(request, reply)
    }

    func finalizePSBT(_ request: FinalizePsbtRequest, _ reply: Reply<FinalizePsbtResponse>) {
        answer(request, reply)
    }
}

/// A server over a ``TestNode``, with its files in a directory that goes with it.
final class TestServer {
    let node: TestNode
    let server: NodeServer
    let directory: String
    let isPlain: Bool

    init(
        _ state: WalletState = .serverActive, isPlain: Bool = true, allowedOrigins: [String] = []
    ) throws {
        var template = Array("/tmp/salama-server-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw APIError(.internal, "mkdtemp") }
        directory = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        node = TestNode(state)
        self.isPlain = isPlain
        var configuration = NodeServerConfiguration(
            listen: [ListenAddress(host: "127.0.0.1", port: 0)], tlsDirectory: directory,
            macaroonDirectory: directory + "/data/chain/bitcoin/regtest")
        configuration.isPlain = isPlain
        configuration.allowedOrigins = allowedOrigins
        server = try NodeServer(configuration, service: node)
        if state == .serverActive { try server.macaroons.writeFiles() }
    }

    deinit {
        server.stop(grace: 0)
        // The directory holds four levels of known names: removing it needs no shell.
        let macaroons = directory + "/data/chain/bitcoin/regtest"
        for name in [
            "admin.macaroon", "readonly.macaroon", "invoice.macaroon", "macaroon-root-keys.json",
        ] {
            unlink("\(macaroons)/\(name)")
        }
        for name in ["tls.cert", "tls.key"] { unlink("\(directory)/\(name)") }
        for path in [
            "/data/chain/bitcoin/regtest", "/data/chain/bitcoin", "/data/chain", "/data", "",
        ] {
            rmdir(directory + path)
        }
    }

    func macaroon(_ permissions: [Permission] = Permission.admin) throws -> Macaroon {
        try server.macaroons.bake(permissions)
    }

    func client(
        _ macaroon: Macaroon? = nil,
        _ change: (inout HTTPClientConfiguration) -> Void = { _ in }
    ) throws -> HTTPClient {
        var configuration = HTTPClientConfiguration()
        configuration.timeout = 10
        if let macaroon { configuration.headers["Grpc-Metadata-macaroon"] = macaroon.hex }
        if !isPlain { configuration.trust = .certificateFile(directory + "/tls.cert") }
        change(&configuration)
        return try HTTPClient(
            HTTPURL(isSecure: !isPlain, host: "127.0.0.1", port: server.port), configuration)
    }
}

extension Macaroon {
    /// As clients send it.
    var hex: String { encoded().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

extension HTTPClient {
    /// The status and the text of an answer.
    func call(_ method: HTTPMethod, _ target: String, _ body: String = "") throws -> String {
        let answer = try request(method, target, body: Array(body.utf8))
        return "\(answer.status.code) " + String(decoding: answer.body, as: UTF8.self)
    }
}
