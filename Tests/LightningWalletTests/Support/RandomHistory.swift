import Bitcoin
import LightningWallet
import TestSupport

/// A life of a wallet that a seed decides: payments, spends, blocks, reorganisations, replacements, restarts.
struct RandomHistory {
    var test: TestWallet
    var chain = SimulatedChain()
    var random: SeededGenerator
    /// Scripts that were ever asked of the wallet: those that the recount counts.
    private var ours: [Script: WalletKeyPath] = [:]
    /// Transactions by which others pay, which they may replace.
    private var foreign: Set<TransactionID> = []

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        test = try TestWallet(
            parameters: WalletParameters(lookahead: 3, reorganisationLimit: 6))
        for account in AccountKind.allCases {
            for branch in AccountBranch.allCases {
                for index in 0..<UInt32(3) { try learn(WalletKeyPath(account, branch, index)) }
            }
        }
    }

    private mutating func learn(_ path: WalletKeyPath) throws {
        ours[try test.wallet.address(at: path).script] = path
    }

    mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &random) < percent
    }

    /// One random event.
    mutating func step() throws {
        test.now += 60
        switch Int.random(in: 0..<100, using: &random) {
        case ..<20: try payWallet()
        case ..<38: try spend()
        case ..<62: try mine()
        case ..<70: try reorganise()
        case ..<77: try replaceForeign()
        case ..<82: try spendElsewhere()
        case ..<86: try evict()
        case ..<91: try leaseSomething()
        case ..<94: try abandonSomething()
        default: try restart()
        }
    }

    // MARK: Events

    private mutating func payWallet() throws {
        var outputs = [foreignOutput()]
        for _ in 0..<Int.random(in: 1...2, using: &random) {
            outputs.append(
                TransactionOutput(
                    amount: Satoshi(Int64.random(in: 1_000...1_000_000, using: &random)),
                    scriptPubKey: try walletScript()))
        }
        let payment = Transaction(
            inputs: [TransactionInput(previousOutput: foreignInput())],
            outputs: outputs.shuffled(using: &random))
        guard chain.accept(payment) else { return }
        foreign.insert(payment.id)
        if chance(70) { try test.receive(.transactionSeen(payment)) }
    }

    /// An address of the wallet's: mostly a fresh one, sometimes one that was used before or lies ahead.
    private mutating func walletScript() throws -> Script {
        guard let account = AccountKind.allCases.randomElement(using: &random) else {
            return Script()
        }
        if chance(60) {
            let (address, path, step) = try test.wallet.newAddress(account)
            test.apply(step)
            ours[address.script] = path
            return address.script
        }
        let next = test.wallet.addressCount(account, .external)
        let path = WalletKeyPath(
            account, .external, UInt32.random(in: 0..<next + 3, using: &random))
        try learn(path)
        return try test.wallet.address(at: path).script
    }

    private func foreignInputCandidates() -> [OutPoint] {
        chain.unspentWithMempool.filter { ours[$0.value.scriptPubKey] == nil }.keys.sorted()
    }

    /// An output of nobody's: mostly one of its own, sometimes one of a transaction that concerns the wallet.
    private mutating func foreignInput() -> OutPoint {
        if chance(25), let known = foreignInputCandidates().randomElement(using: &random) {
            return known
        }
        return chain.makeForeignOutPoint()
    }

    private mutating func foreignOutput() -> TransactionOutput {
        TransactionOutput(
            amount: Satoshi(Int64.random(in: 1_000...1_000_000, using: &random)),
            scriptPubKey: SimulatedChain.foreignScript(UInt32.random(in: 0...9999, using: &random)))
    }

    private mutating func spend() throws {
        let free = test.wallet.coins(now: test.now).filter {
            $0.lease == nil && !$0.isImmature
        }
        let chosen = free.shuffled(using: &random).prefix(Int.random(in: 1...3, using: &random))
        guard !chosen.isEmpty else { return }
        let total = chosen.reduce(Int64(0)) { $0 + $1.coin.amount.value }
        var outputs = [foreignOutput()]
        if chance(70) {
            let (address, path, step) = try test.wallet.newAddress(.taproot, .change)
            test.apply(step)
            ours[address.script] = path
            outputs.append(
                TransactionOutput(amount: Satoshi(total / 2), scriptPubKey: address.script))
        }
        let transaction = Transaction(
            inputs: chosen.map { TransactionInput(previousOutput: $0.coin.outPoint) },
            outputs: outputs)
        test.apply(try test.wallet.publish(transaction, now: test.now))
        _ = try offer(transaction)
    }

    /// Another wallet with the same words spends a coin.
    private mutating func spendElsewhere() throws {
        let candidates = chain.unspentWithMempool.filter { ours[$0.value.scriptPubKey] != nil }
        guard let outPoint = candidates.keys.sorted().randomElement(using: &random) else { return }
        let transaction = Transaction(
            inputs: [TransactionInput(previousOutput: outPoint)], outputs: [foreignOutput()])
        guard chain.accept(transaction) else { return }
        if chance(60) { try test.receive(.transactionSeen(transaction)) }
    }

    /// Somebody replaces a payment to the wallet.
    private mutating func replaceForeign() throws {
        let candidates = chain.mempool.keys.filter { foreign.contains($0) }.sorted()
        guard let id = candidates.randomElement(using: &random), let old = chain.mempool[id]
        else { return }
        var outputs = [foreignOutput()]
        if chance(50) {
            outputs.append(
                TransactionOutput(amount: Satoshi(7_777), scriptPubKey: try walletScript()))
        }
        let replacement = Transaction(inputs: old.inputs, outputs: outputs)
        guard chain.accept(replacement) else { return }
        foreign.insert(replacement.id)
        if chance(60) { try test.receive(.transactionSeen(replacement)) }
    }

    private mutating func evict() throws {
        guard let id = chain.mempool.keys.sorted().randomElement(using: &random) else { return }
        chain.evict(id)
        if chance(50) { try tellEvictions() }
    }

    private mutating func leaseSomething() throws {
        let free = test.wallet.coins(now: test.now).filter { $0.lease == nil }
        guard let coin = free.randomElement(using: &random) else { return }
        let id = Hash256(unsafeFilling: { $0.copyBytes(from: [1, 2, 3]) })
        let other = Hash256(unsafeFilling: { $0.copyBytes(from: [4]) })
        let expiry = test.now + UInt64.random(in: 1...600, using: &random)
        test.apply(
            try test.wallet.lease([coin.coin.outPoint], id: id, until: expiry, now: test.now))
        do {
            _ = try test.wallet.lease(
                [coin.coin.outPoint], id: other, until: expiry, now: test.now)
            throw HistoryFailure("a leased coin was leased again")
        } catch WalletError.coinLeased {
            if chance(30) { try test.receive(.timePassed) }
        }
    }

    private mutating func abandonSomething() throws {
        let waiting = test.wallet.unconfirmedTransactions.sorted()
        guard let id = waiting.randomElement(using: &random) else { return }
        test.apply(try test.wallet.abandon(id))
        chain.evict(id)
    }

    private mutating func restart() throws {
        let rebuilt = try test.rebuilt()
        guard rebuilt == test.wallet else {
            let differing = zip(rebuilt.transactions, test.wallet.transactions).filter { $0 != $1 }
            throw HistoryFailure(
                "the wallet of the records differs from the one in memory: \(differing)")
        }
        test.wallet = rebuilt
    }

    // MARK: Blocks

    private mutating func mine() throws {
        let candidates = chain.mempool.keys.sorted().filter { _ in chance(60) }
            .compactMap { chain.mempool[$0] }
        let reward = chance(15) ? try walletScript() : SimulatedChain.foreignScript(0)
        chain.mine(reward: reward, candidates: candidates, shuffledBy: &random)
        if chance(80) { try catchUp() }
    }

    private mutating func reorganise() throws {
        try catchUp()
        let depth = min(Int.random(in: 1...4, using: &random), Int(chain.height))
        for _ in 0..<depth {
            guard let block = chain.disconnect() else { return }
            try test.receive(.blockDisconnected(block.hash))
        }
        // Some of what was mined is replaced before it is mined again.
        if chance(50) { try replaceForeign() }
        for _ in 0..<depth { try mine() }
        try catchUp()
    }

    /// Brings the wallet to the tip, in runs of blocks of which each is scanned by one scanner.
    mutating func catchUp() throws {
        while test.wallet.nextHeight.value <= chain.height {
            let next = test.wallet.nextHeight.value
            let last = min(chain.height, next + UInt32.random(in: 0...2, using: &random))
            var scanner = test.wallet.scanner()
            let matches = (next...last).map {
                scanner.scan(chain.blocks[Int($0) - 1], at: BlockHeight($0))
            }
            try test.receive(.blocksConnected(matches))
        }
    }

    // MARK: The end

    private mutating func offer(_ transaction: Transaction) throws -> Bool {
        let id = transaction.id
        let isRival = !chain.rivals(of: transaction).isEmpty
        if !isRival, chain.accept(transaction) {
            try test.receive(.broadcastAccepted(id))
            return true
        }
        try test.receive(.broadcastRejected(id))
        return false
    }

    private mutating func tellEvictions() throws {
        try catchUp()
        let gone = test.wallet.unconfirmedTransactions.filter { chain.mempool[$0] == nil }
        try test.receive(.transactionsEvicted(gone.sorted()))
    }

    /// Lets the wallet learn all that chain and mempool hold, and offer what it has; gives up what nobody takes.
    mutating func settle() throws {
        try tellEvictions()
        _ = test.takeEffects()
        try test.receive(.rebroadcastDue)
        for transaction in test.takeBroadcasts() {
            let id = transaction.id
            guard test.wallet.unconfirmedTransactions.contains(id) else { continue }
            if try !offer(transaction), test.wallet.unconfirmedTransactions.contains(id) {
                test.apply(try test.wallet.abandon(id))
            }
        }
        for transaction in chain.mempoolParentsFirst {
            try test.receive(.transactionSeen(transaction))
        }
    }

    /// Throws unless the wallet's coins are what chain and mempool leave unspent for its scripts.
    func check() throws {
        let expected = chain.unspentWithMempool.filter { ours[$0.value.scriptPubKey] != nil }
        let coins = test.wallet.coins(now: test.now)
        let actual = Dictionary(
            uniqueKeysWithValues: coins.map { ($0.coin.outPoint, $0.coin.output) })
        guard actual == expected else {
            throw HistoryFailure("coins \(actual.keys.sorted()), not \(expected.keys.sorted())")
        }
        let amount = expected.values.reduce(Satoshi.zero) { $0 + $1.amount }
        guard test.balance.total == amount else {
            throw HistoryFailure("balance \(test.balance.total), not \(amount)")
        }
        for coin in coins {
            let isMined = chain.unspent[coin.coin.outPoint] != nil
            guard isMined == (coin.confirmations > 0) else {
                throw HistoryFailure("\(coin.coin.outPoint) is wrong about being mined")
            }
        }
    }
}

struct HistoryFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
