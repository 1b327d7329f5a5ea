/// Carries one HTTP request to bitcoind and its answer back, over connections that it keeps.
protocol BitcoindTransport: Sendable {
    /// Sends the request and waits for the whole answer, whatever its status is.
    func send(_ request: BitcoindRequest) throws(BitcoindTransportError) -> BitcoindReply
}

/// A request to bitcoind's HTTP server.
struct BitcoindRequest: Sendable {
    /// The path, which for JSON-RPC is `/`.
    var path = "/"
    /// The value of the header `Authorization`; nil for the REST interface, which has no secrets.
    var authorization: String?
    /// What to post; nil to get.
    var body: [UInt8]?
    /// How much may come back, and when.
    var bounds: BitcoindBounds
}

/// How large an answer may be, and how long it may take.
enum BitcoindBounds: Sendable {
    /// Most answers: at most a full block as digits, 8 MB.
    case ordinary
    /// What a tip is asked for: a few bytes, and known at once or not at all.
    case brief
    /// Lists of the mempool and batches of transactions: a million identifiers have 67 MB.
    case large

    /// The most bytes.
    var size: Int {
        switch self {
        case .ordinary: 9 << 20
        case .brief: 1 << 16
        case .large: 68 << 20
        }
    }

    /// The time from start to end, where ordinary answers have `timeout`.
    func time(_ timeout: Duration) -> Duration {
        switch self {
        case .ordinary, .large: timeout
        case .brief: min(timeout, .seconds(10))
        }
    }
}

/// An answer of bitcoind's HTTP server.
struct BitcoindReply: Sendable {
    var status: Int
    var body: [UInt8]
}

/// Why there is no answer.
enum BitcoindTransportError: Error, Equatable {
    /// No connection, or it broke.
    case unreachable(reason: String)
    /// The whole answer was not there in time.
    case timedOut(reason: String)
    /// What came is no HTTP, or too much of it.
    case malformed(detail: String)
}
