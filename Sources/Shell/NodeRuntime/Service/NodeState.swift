/// How far the node's start has come; the raw values are lnd's names.
public enum NodeState: String, Sendable, CaseIterable {
    /// The node has no wallet yet.
    case nonExisting = "NON_EXISTING"
    /// The wallet waits for its password.
    case locked = "LOCKED"
    /// The password was right; the node's state is being read.
    case unlocked = "UNLOCKED"
    /// Requests are answered; the wallet has yet to catch up with the chain.
    case rpcActive = "RPC_ACTIVE"
    /// The wallet has caught up with the chain.
    case serverActive = "SERVER_ACTIVE"
    /// The process is starting.
    case waitingToStart = "WAITING_TO_START"
}

/// Why the wallet cannot be made, opened or given another password.
public enum WalletLockError: Error, Sendable, Equatable {
    /// There is a wallet already.
    case exists
    /// There is none yet.
    case missing
    /// It is open already.
    case open
    /// The password is not the wallet's.
    case wrongPassword
    /// A password has at least so many bytes.
    case passwordTooShort(minimum: Int)
    /// What is needed for it does not answer or is damaged; `reason` says what, for a person.
    case failed(reason: String)
}

extension WalletLockError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .exists: "the node has a wallet already: unlock it"
        case .missing: "the node has no wallet yet: create one"
        case .open: "the wallet is already unlocked"
        case .wrongPassword: "invalid passphrase for master public key: the password is wrong"
        case .passwordTooShort(let minimum): "password must have at least \(minimum) characters"
        case .failed(let reason): reason
        }
    }
}
