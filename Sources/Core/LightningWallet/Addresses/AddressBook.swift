import Bitcoin

/// The wallet's scripts: who of them is whose key. A value without secrets, which workers take a copy of.
struct AddressBook: Equatable, Sendable {
    /// One branch of one account.
    struct BranchID: Hashable, Comparable, Sendable {
        let account: AccountKind
        let branch: AccountBranch

        static func < (left: BranchID, right: BranchID) -> Bool {
            (left.account, left.branch.rawValue) < (right.account, right.branch.rawValue)
        }
    }

    private(set) var branches: [BranchID: AddressBranch] = [:]
    private var paths: [Script: WalletKeyPath] = [:]
    /// A part of each script, so that most outputs of a block cost one look-up of a word.
    private var fingerprints: Set<UInt64> = []
    private let lookahead: UInt32

    /// The book of `accounts`, whose branches continue where `counters` has them.
    init(
        accounts: [AccountKind: ExtendedPublicKey], counters: [BranchID: AddressCounters],
        lookahead: UInt32
    ) throws(WalletError) {
        self.lookahead = lookahead
        for (account, key) in accounts {
            for branch in AccountBranch.allCases {
                let id = BranchID(account: account, branch: branch)
                let counter = counters[id] ?? AddressCounters()
                branches[id] = AddressBranch(
                    key: try Self.branchKey(key, branch), next: counter.next, used: counter.used)
                extend(id)
            }
        }
    }

    /// The key path that `script` is locked to; nil where it is not the wallet's.
    func path(of script: Script) -> WalletKeyPath? {
        guard let fingerprint = Self.fingerprint(script), fingerprints.contains(fingerprint) else {
            return nil
        }
        return paths[script]
    }

    /// The script of a key.
    func script(at path: WalletKeyPath) throws(WalletError) -> Script {
        guard let branch = branches[BranchID(account: path.account, branch: path.branch)] else {
            throw .unknownAccount(path.account)
        }
        return try Self.script(path, below: branch.key)
    }

    /// The public key at a path.
    func publicKey(at path: WalletKeyPath) throws(WalletError) -> PublicKey {
        guard let branch = branches[BranchID(account: path.account, branch: path.branch)] else {
            throw .unknownAccount(path.account)
        }
        return try Self.child(path.index, of: branch.key).key
    }

    /// Hands out the next address of a branch.
    mutating func take(
        _ account: AccountKind, _ branch: AccountBranch
    ) throws(WalletError) -> WalletKeyPath {
        let path = try next(account, branch)
        let id = BranchID(account: account, branch: branch)
        branches[id]?.take(path.index)
        extend(id)
        return path
    }

    /// The next address of a branch, without handing it out.
    func next(
        _ account: AccountKind, _ branch: AccountBranch
    ) throws(WalletError) -> WalletKeyPath {
        guard let state = branches[BranchID(account: account, branch: branch)] else {
            throw .unknownAccount(account)
        }
        for index in state.next..<(1 << 31) {
            let path = WalletKeyPath(account, branch, index)
            // BIP 32: where a number has no key, which nobody will ever see, the next one counts.
            if (try? Self.script(path, below: state.key)) != nil { return path }
        }
        throw .addressesExhausted
    }

    /// The last address of a branch that was handed out and not paid yet; nil where there is none.
    func lastUnused(_ account: AccountKind, _ branch: AccountBranch) -> WalletKeyPath? {
        guard let state = branches[BranchID(account: account, branch: branch)],
            state.hasUnusedAddress
        else { return nil }
        return WalletKeyPath(account, branch, state.next - 1)
    }

    /// Notes the payments that `outputs` make; returns the branches for which that is news.
    ///
    /// A payment to a late address makes known addresses that outputs before it may pay.
    mutating func noteUses(by outputs: [TransactionOutput]) -> Set<BranchID> {
        var changed: Set<BranchID> = []
        var isNews = true
        while isNews {
            isNews = false
            for output in outputs {
                guard let path = path(of: output.scriptPubKey) else { continue }
                let id = BranchID(account: path.account, branch: path.branch)
                guard branches[id]?.noteUse(of: path.index) == true else { continue }
                extend(id)
                changed.insert(id)
                isNews = true
            }
        }
        return changed
    }

    private mutating func extend(_ id: BranchID) {
        guard let key = branches[id]?.key, let range = branches[id]?.extend(by: lookahead) else {
            return
        }
        for index in range {
            let path = WalletKeyPath(id.account, id.branch, index)
            guard let script = try? Self.script(path, below: key) else { continue }
            paths[script] = path
            if let fingerprint = Self.fingerprint(script) { fingerprints.insert(fingerprint) }
        }
    }
}

extension AddressBook {
    private static func branchKey(
        _ account: ExtendedPublicKey, _ branch: AccountBranch
    ) throws(WalletError) -> ExtendedPublicKey {
        try child(branch.rawValue, of: account)
    }

    private static func script(
        _ path: WalletKeyPath, below branch: ExtendedPublicKey
    ) throws(WalletError) -> Script {
        let key = try child(path.index, of: branch).key
        do {
            return try path.account.purpose.outputScript(key)
        } catch {
            throw .key(error)
        }
    }

    private static func child(
        _ index: UInt32, of key: ExtendedPublicKey
    ) throws(WalletError) -> ExtendedPublicKey {
        guard let number = ChildNumber(normal: index) else { throw .addressesExhausted }
        do {
            return try key.child(number)
        } catch {
            throw .derivation(error)
        }
    }

    /// Eight bytes of the hash that a script of the wallet's kinds holds; nil for scripts of other lengths.
    private static func fingerprint(_ script: Script) -> UInt64? {
        switch script.bytes.count {
        case 22, 23, 34:
            script.bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self) }
        default: nil
        }
    }
}
