import Bitcoin

/// What users are told of what the wallet does not do.
extension WalletError: CustomStringConvertible {
    public var description: String { chainText ?? coinText }

    private var chainText: String? {
        switch self {
        case .blockNotNext(let expected, let actual):
            "block \(actual) came where \(expected) was to come"
        case .blockNotOnTip(let expected, let actual):
            "a block builds on \(actual), and the last one was \(expected)"
        case .notTip(_, let actual): "block \(actual) is not the last one"
        case .reorganisationTooDeep(let final):
            "the chain was reorganised below block \(final), which counts as final: the wallet has to"
                + " be scanned again from before it"
        case .staleScan: "blocks were scanned without all that the wallet watches"
        case .rescanOutOfOrder(_, let actual): "block \(actual) is not the next to be scanned again"
        case .inconsistentChain(let id, let spender):
            "the chain holds transactions \(id) and \(spender), which spend the same"
        case .damagedRecord(let table, let key, let error):
            "the record \(Hex.encode(key)) of \(table) in the database is damaged: \(error)"
        case .missingRecord(let table): "the database has no record of \(table)"
        default: nil
        }
    }

    private var coinText: String {
        switch self {
        case .unknownAccount(let kind): "the wallet has no keys of kind \(kind)"
        case .foreignScript: "the address is none of this wallet's"
        case .addressesExhausted: "all addresses of the account are used up"
        case .derivation(let error): "a key cannot be derived: \(error)"
        case .key(let error): "\(error)"
        case .impossibleTransaction(let id): "transaction \(id) cannot be"
        case .unknownTransaction(let id): "the wallet has no transaction \(id)"
        case .notUnconfirmed(let id): "transaction \(id) does not wait to be mined"
        case .unknownCoin(let coin): "the wallet has no coin \(coin)"
        case .coinLeased(let coin, _): "coin \(coin) is leased"
        case .unknownLease(let coin): "coin \(coin) is not leased under that name"
        case .leaseExpired: "the lease ends before it begins"
        case .labelTooLong(let count): "a label of \(count) bytes is too long"
        case .notOurs(let id): "transaction \(id) neither pays nor spends from the wallet"
        case .alreadySpent(let coin, let id): "coin \(coin) is spent by transaction \(id)"
        default: "the wallet cannot do that"
        }
    }
}
