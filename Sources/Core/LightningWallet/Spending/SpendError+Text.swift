import Bitcoin

/// What users are told of transactions that the wallet does not build.
extension SpendError: CustomStringConvertible {
    public var description: String { requestText ?? meansText }

    private var requestText: String? {
        switch self {
        case .noOutputs: "there is nothing to pay"
        case .invalidAmount(let output, let amount):
            "output \(output): \(amount) is no amount that can be paid"
        case .invalidReserve(let reserve): "\(reserve) is no amount that can be kept back"
        case .dustOutput(let output, let amount, let limit):
            "output \(output): \(amount) is below the \(limit) that nodes relay"
        case .feeRateTooLow(let rate, let minimum): "a fee rate of \(rate) is below \(minimum)"
        case .feeRateTooHigh(let rate, let maximum): "a fee rate of \(rate) is above \(maximum)"
        case .feeTooHigh(let fee, let maximum): "a fee of \(fee) is above \(maximum)"
        case .duplicateCoin(let coin): "coin \(coin) is there twice"
        case .noSuchOutput(let index, let count):
            "there is no output \(index): the transaction has \(count)"
        case .unspendableCoin(let coin, _): "coin \(coin) cannot be spent"
        default: nil
        }
    }

    private var meansText: String {
        switch self {
        case .insufficientFunds(let available, let needed):
            "\(available) can be spent, \(needed) are needed"
        case .reserveNotMet(let left, let reserve):
            "\(left) would be left of the \(reserve) that are kept back for closing channels"
        case .tooLarge(let weight, let maximum):
            "the transaction would weigh \(weight.value) units, more than the \(maximum.value) that"
                + " nodes relay: send less at a time, or from fewer coins"
        case .rescanInProgress(let next, let tip):
            "the chain is being searched for coins (block \(next) of \(tip)): try again later"
        case .notUnconfirmed(let id): "transaction \(id) does not wait to be mined"
        case .notReplaceable(let id):
            "transaction \(id) cannot be replaced: others made it, or channels need it as it is"
        case .tooManyReplaced(let count):
            "\(count) transactions would be replaced, and nodes allow 100"
        case .feeRateNotHigher(let rate, let current):
            "a fee rate of \(rate) is not above the present \(current)"
        case .wallet(let error): "\(error)"
        case .psbt(let error): "\(error)"
        case .invalidSignature(let input, let error):
            "the signature of input \(input) does not hold (\(error)): nothing was sent"
        default: "the transaction cannot be built"
        }
    }
}
