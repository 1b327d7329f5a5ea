import JSON

/// The codes of gRPC's statuses, which lnd's REST interface passes on.
public enum APICode: Int, Sendable, CaseIterable {
    case canceled = 1
    case unknown = 2
    case invalidArgument = 3
    case deadlineExceeded = 4
    case notFound = 5
    case alreadyExists = 6
    case permissionDenied = 7
    case resourceExhausted = 8
    case failedPrecondition = 9
    case aborted = 10
    case outOfRange = 11
    case unimplemented = 12
    case `internal` = 13
    case unavailable = 14
    case dataLoss = 15
    case unauthenticated = 16

    /// The HTTP status that goes with the code.
    public var httpStatus: Int {
        switch self {
        case .canceled: 499
        case .invalidArgument, .failedPrecondition, .outOfRange: 400
        case .unauthenticated: 401
        case .permissionDenied: 403
        case .notFound: 404
        case .alreadyExists, .aborted: 409
        case .resourceExhausted: 429
        case .unknown, .internal, .dataLoss: 500
        case .unimplemented: 501
        case .unavailable: 503
        case .deadlineExceeded: 504
        }
    }
}

/// Why a call failed, in lnd's form.
public struct APIError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public let code: APICode
    /// What happened and, where it helps, what to do.
    public let message: String

    /// A failure of that kind.
    public init(_ code: APICode, _ message: String) {
        self.code = code
        self.message = message
    }

    /// `{"code": ..., "message": ..., "details": []}`
    public var json: JSONValue {
        ["code": .integer(code.rawValue), "message": .string(message), "details": []]
    }

    /// The failure that `json` tells of, whether flat or within `error`; nil where it tells of none.
    public init?(json: JSONValue) {
        let value = json["error"]?.object.map { JSONValue.object($0) } ?? json
        guard let message = value["message"]?.string ?? value["error"]?.string else { return nil }
        self.init(value["code"]?.integer().flatMap(APICode.init) ?? .unknown, message)
    }

    public var description: String { message }

    /// lnd: another instance waits for the wallet to be made.
    public static let noWallet = APIError(
        .unknown, "wallet not created, create one to enable full RPC access")
    /// lnd: the wallet is there and locked.
    public static let walletLocked = APIError(
        .unknown, "wallet locked, unlock it to enable full RPC access")
    /// lnd: the unlocker is asked after the wallet was unlocked.
    public static let walletUnlocked = APIError(
        .unknown, "wallet already unlocked, WalletUnlocker service is no longer available")
    /// lnd: the wallet is open and the node not yet ready.
    public static let starting = APIError(
        .unknown,
        "the RPC server is in the process of starting up, but not yet ready to accept calls")
    /// lnd: the daemon has only begun to start.
    public static let waitingToStart = APIError(
        .unknown, "waiting to start, RPC services not available")
}
