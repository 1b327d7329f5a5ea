import Bitcoin
import LightningNode
import LightningWallet
import NodeAPI
import NodeRuntime

/// The node's refusals in the words of the interface.
extension APIError {
    init(_ failure: NodeFailure) {
        switch failure {
        case .wallet(let error): self.init(error)
        case .spend(let error): self.init(error)
        case .channel(let error): self.init(error)
        case .invoice(let error): self.init(error)
        case .payment(let error): self.init(error)
        case .backup(.keysInUse(let funding)):
            self.init(.failedPrecondition, BackupError.keysInUse(funding).description)
        case .backup(let error): self.init(.invalidArgument, "invalid channel backup: \(error)")
        case .unavailable(let reason): self.init(.unavailable, reason)
        case .stopping: self.init(.unavailable, "the node is stopping")
        }
    }

    init(_ error: WalletLockError) {
        switch error {
        case .exists: self.init(.unknown, "wallet already exists")
        case .missing: self.init(.unknown, "wallet not found")
        case .open: self = .walletUnlocked
        case .wrongPassword, .passwordTooShort, .failed: self.init(.unknown, error.description)
        }
    }

    private init(_ error: WalletError) {
        switch error {
        case .unknownTransaction(let id):
            self.init(.notFound, "the wallet has no transaction \(id)")
        case .unknownCoin(let coin): self.init(.notFound, "the wallet has no coin \(coin)")
        case .unknownLease(let coin): self.init(.notFound, "no such lease on \(coin)")
        case .coinLeased(let coin, let expiry):
            self.init(.unknown, "output already locked: \(coin) is leased until \(expiry)")
        case .notUnconfirmed(let id):
            self.init(.failedPrecondition, "transaction \(id) does not wait to be mined")
        case .alreadySpent(let coin, let id):
            self.init(.failedPrecondition, "\(coin) is spent by transaction \(id)")
        case .notOurs(let id):
            self.init(.invalidArgument, "transaction \(id) neither pays nor spends from the wallet")
        case .foreignScript:
            self.init(.notFound, "the address is none of this wallet's: it has no key to sign with")
        case .labelTooLong(let count):
            self.init(
                .invalidArgument, "a label has at most \(Wallet.longestLabel) bytes, not \(count)")
        default: self.init(.unknown, "\(error)")
        }
    }

    private init(_ error: SpendError) {
        switch error {
        case .insufficientFunds(let available, let needed):
            self.init(
                .unknown,
                "insufficient funds available to construct transaction: \(available) can be spent,"
                    + " \(needed) are needed")
        case .noOutputs: self.init(.invalidArgument, "there is nothing to pay")
        case .dustOutput(_, let amount, let limit):
            self.init(
                .invalidArgument,
                "transaction output is dust: \(amount) is below the \(limit) that nodes relay")
        case .invalidAmount(_, let amount):
            self.init(.invalidArgument, "\(amount) is no amount that can be paid")
        case .feeRateTooLow(let rate, let minimum):
            self.init(
                .invalidArgument,
                "a fee rate of \(rate.perVbyte) is below the least, \(minimum.perVbyte)")
        case .feeRateTooHigh(let rate, let maximum):
            self.init(
                .invalidArgument,
                "a fee rate of \(rate.perVbyte) is above the most, \(maximum.perVbyte)")
        case .feeTooHigh(let fee, let maximum):
            self.init(.invalidArgument, "a fee of \(fee) is above the most, \(maximum)")
        case .feeRateNotHigher(let rate, let current):
            self.init(
                .invalidArgument,
                "a fee rate of \(rate.perVbyte) is not above the present \(current.perVbyte)")
        case .unspendableCoin(let coin, let reason):
            self.init(.failedPrecondition, "coin \(coin) cannot be spent: \(reason.text)")
        case .notUnconfirmed(let id):
            self.init(.failedPrecondition, "transaction \(id) does not wait to be mined")
        case .rescanInProgress(let next, let tip):
            self.init(
                .failedPrecondition,
                "the chain is being searched for coins (block \(next) of \(tip)): try again later")
        case .noSuchOutput(let index, let count):
            self.init(
                .invalidArgument, "there is no output \(index): the transaction has \(count)")
        case .duplicateCoin(let coin): self.init(.invalidArgument, "coin \(coin) is there twice")
        case .psbt(let error): self.init(.invalidArgument, "the PSBT does not do: \(error)")
        case .wallet(let error): self.init(error)
        case .reserveNotMet(let left, let reserve):
            self.init(
                .failedPrecondition,
                "reserved wallet balance invalidated: \(left) would be left of the \(reserve) that"
                    + " are kept back for closing channels")
        case .notReplaceable, .tooManyReplaced, .tooLarge:
            self.init(.failedPrecondition, "\(error)")
        default: self.init(.unknown, "\(error)")
        }
    }
}

extension FeeratePerKw {
    /// The rate in the unit that people give it in, as in `2.5 sat/vB`.
    fileprivate var perVbyte: String {
        let (whole, rest) = satoshiPerKilovirtualByte.quotientAndRemainder(dividingBy: 1_000)
        guard rest > 0 else { return "\(whole) sat/vB" }
        var digits = String(String(1_000 + rest).dropFirst())
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(whole).\(digits) sat/vB"
    }
}

extension UnspendableReason {
    fileprivate var text: String {
        switch self {
        case .unknown: "the wallet does not have it, or it is spent"
        case .immature: "a miner's reward needs 100 blocks on top of it"
        case .leased(let end): "it is leased until \(dateText(Int64(clamping: end))) UTC"
        case .notLeased: "no lease keeps it"
        case .tooFewConfirmations(let count):
            "it has \(count) confirmations, and more are asked for (min_confs)"
        case .foreignUnconfirmed:
            "others made the transaction that pays it, and no block holds that yet"
        }
    }
}
