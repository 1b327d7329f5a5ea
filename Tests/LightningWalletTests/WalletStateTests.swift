import Bitcoin
import LightningWallet
import LightningWire
import TestSupport
import Testing

@Suite("Wallet state") struct WalletStateTests {
    static let foreign = SimulatedChain.foreignScript(0)

    /// A wallet and a chain, block by block.
    struct Fixture {
        var test: TestWallet
        var chain = SimulatedChain()
        var random = SeededGenerator(seed: 3)

        init(parameters: WalletParameters = .forTests) throws {
            test = try TestWallet(parameters: parameters)
        }

        mutating func payment(_ amount: Int64, to script: Script) -> Transaction {
            Transaction(
                inputs: [TransactionInput(previousOutput: chain.makeForeignOutPoint())],
                outputs: [
                    TransactionOutput(amount: Satoshi(amount), scriptPubKey: script),
                    TransactionOutput(amount: Satoshi(1_000), scriptPubKey: foreign),
                ])
        }

        mutating func mine(_ transactions: [Transaction] = [], count: Int = 1) throws {
            for index in 0..<count {
                chain.mine(
                    reward: foreign, candidates: index == 0 ? transactions : [],
                    shuffledBy: &random)
                try connect(chain.height)
            }
        }

        mutating func connect(_ height: UInt32) throws {
            var scanner = test.wallet.scanner()
            let block = chain.blocks[Int(height) - 1]
            try test.receive(.blocksConnected([scanner.scan(block, at: BlockHeight(height))]))
        }

        mutating func disconnect() throws {
            let removed = chain.disconnect()
            let block = try #require(removed)
            try test.receive(.blockDisconnected(block.hash))
        }

        func status(_ transaction: Transaction) -> TransactionStatus? {
            test.wallet.transaction(transaction.id)?.status
        }
    }

    @Test("a transaction with amounts that cannot exist is not taken, from whichever side it comes")
    func impossibleAmounts() throws {
        var fixture = try Fixture()
        try fixture.mine()
        let script = try fixture.test.newAddress().script
        var absurd = fixture.payment(.max, to: script)
        absurd.outputs.append(absurd.outputs[0])
        let before = fixture.test.wallet
        try fixture.test.receive(.transactionSeen(absurd))
        #expect(fixture.test.wallet == before)
        #expect(throws: WalletError.impossibleTransaction(absurd.id)) {
            try fixture.test.wallet.publish(absurd, now: fixture.test.now)
        }
        #expect(throws: WalletError.impossibleTransaction(absurd.id)) {
            try fixture.mine([absurd])
        }
        #expect(fixture.test.wallet == before)
        #expect(fixture.test.balance.total == .zero)
    }

    @Test("a block that does not follow the tip is refused and changes nothing")
    func blockOrder() throws {
        var fixture = try Fixture()
        try fixture.mine(count: 3)
        var scanner = fixture.test.wallet.scanner()
        let before = fixture.test.wallet
        let first = scanner.scan(fixture.chain.blocks[0], at: BlockHeight(1))
        #expect(throws: WalletError.blockNotNext(expected: BlockHeight(4), actual: BlockHeight(1)))
        {
            try fixture.test.receive(.blocksConnected([first]))
        }
        let stranger = scanner.scan(fixture.chain.blocks[0], at: BlockHeight(4))
        #expect(
            throws: WalletError.blockNotOnTip(
                expected: fixture.chain.tip, actual: SimulatedChain.genesis)
        ) { try fixture.test.receive(.blocksConnected([stranger])) }
        #expect(
            throws: WalletError.notTip(
                expected: fixture.chain.tip, actual: fixture.chain.blocks[0].hash)
        ) { try fixture.test.receive(.blockDisconnected(fixture.chain.blocks[0].hash)) }
        #expect(fixture.test.wallet == before)
    }

    @Test("a scan from before a payment was sent is refused, and a new scan is taken")
    func staleScan() throws {
        var fixture = try Fixture()
        var scanner = fixture.test.wallet.scanner()
        let payment = fixture.payment(5_000, to: try fixture.test.newAddress().script)
        try fixture.test.receive(.transactionSeen(payment))
        fixture.chain.mine(reward: Self.foreign, candidates: [payment], shuffledBy: &fixture.random)
        let stale = scanner.scan(fixture.chain.blocks[0], at: BlockHeight(1))
        #expect(throws: WalletError.staleScan) {
            try fixture.test.receive(.blocksConnected([stale]))
        }
        try fixture.connect(1)
        #expect(fixture.test.balance.confirmed == Satoshi(5_000))
    }

    @Test("payments beyond the window are found where the same block moves the window")
    func windowGrowth() throws {
        var fixture = try Fixture()
        let addresses = try (UInt32(0)..<16).map {
            try fixture.test.wallet.address(at: WalletKeyPath(.witness, .external, $0)).script
        }
        // Late addresses come first in the block, each known only through the next one.
        let payments = [12, 9, 6, 3].map { fixture.payment(1_000, to: addresses[$0]) }
        let block = Block(
            header: BlockHeader(
                version: 4, previousBlock: .init(.zero), merkleRoot: .zero, time: 0, bits: 0,
                nonce: 0), transactions: payments)
        var scanner = fixture.test.wallet.scanner()
        let match = scanner.scan(block, at: BlockHeight(1))
        #expect(match.transactions.count == 4)
        try fixture.test.receive(.blocksConnected([match]))
        #expect(fixture.test.balance.confirmed == Satoshi(4_000))
        #expect(fixture.test.wallet.addressCount(.witness, .external) == 13)
        #expect(try fixture.test.rebuilt() == fixture.test.wallet)
    }

    @Test("a reorganisation takes payments back, and a rival in the new chain ends them")
    func reorganisation() throws {
        var fixture = try Fixture()
        let payment = fixture.payment(5_000, to: try fixture.test.newAddress().script)
        try fixture.mine([payment])
        #expect(fixture.test.balance.confirmed == Satoshi(5_000))
        try fixture.disconnect()
        #expect(fixture.status(payment) == .unconfirmed)
        #expect(fixture.test.balance.unconfirmed == Satoshi(5_000))
        let rival = Transaction(
            inputs: payment.inputs,
            outputs: [TransactionOutput(amount: Satoshi(9), scriptPubKey: Self.foreign)])
        try fixture.mine([rival])
        #expect(fixture.test.balance.total == .zero)
        guard case .inactive(.conflicted(rival.id, _), _) = fixture.status(payment) else {
            Issue.record("\(String(describing: fixture.status(payment)))")
            return
        }
        try fixture.disconnect()
        #expect(fixture.status(payment) == .unconfirmed)
        #expect(try fixture.test.rebuilt() == fixture.test.wallet)
    }

    @Test("a reorganisation deeper than the limit is refused")
    func tooDeep() throws {
        var fixture = try Fixture(
            parameters: WalletParameters(lookahead: 2, reorganisationLimit: 3))
        try fixture.mine(count: 8)
        for _ in 0..<3 { try fixture.disconnect() }
        let tip = fixture.chain.tip
        #expect(throws: WalletError.reorganisationTooDeep(final: BlockHeight(5))) {
            try fixture.test.receive(.blockDisconnected(tip))
        }
    }

    @Test("spent and buried transactions leave memory for the history, in order")
    func history() throws {
        var fixture = try Fixture(
            parameters: WalletParameters(lookahead: 2, reorganisationLimit: 3))
        let payment = fixture.payment(5_000, to: try fixture.test.newAddress().script)
        try fixture.mine([payment])
        let spend = Transaction(
            inputs: [TransactionInput(previousOutput: OutPoint(payment.id, 0))],
            outputs: [TransactionOutput(amount: Satoshi(4_000), scriptPubKey: Self.foreign)])
        fixture.test.apply(try fixture.test.wallet.label(spend.id, "rent"))
        fixture.test.apply(try fixture.test.wallet.publish(spend, now: fixture.test.now))
        try fixture.mine([spend])
        #expect(fixture.test.wallet.transactions.count == 2)
        try fixture.mine(count: 3)
        #expect(fixture.test.wallet.transactions.isEmpty)
        let rows = try #require(fixture.test.records[.walletHistory])
        let keys = rows.keys.sorted { $0.lexicographicallyPrecedes($1) }
        let stored = try keys.map {
            try WalletTransaction(record: #require(rows[$0]))
        }
        #expect(stored.map(\.id) == [payment.id, spend.id])
        #expect(stored[1].fee == Satoshi(1_000) && stored[1].netAmount == Satoshi(-5_000))
        #expect(fixture.test.records[.walletHistoryIndex]?[spend.id.encoded] == keys[1])
        #expect(keys[0].starts(with: WalletHistory.key(from: BlockHeight(1))))
        #expect(fixture.test.records[.walletTransaction]?.isEmpty == true)
        #expect(try fixture.test.rebuilt() == fixture.test.wallet)
    }

    @Test("a rescan finds what was paid before, and spending waits for its end")
    func rescan() throws {
        var fixture = try Fixture()
        let address = try fixture.test.wallet.address(at: WalletKeyPath(.taproot, .external, 2))
        let payment = fixture.payment(80_000, to: address.script)
        // The wallet is made to miss the block's payment, as one with too late a birthday does.
        fixture.chain.mine(reward: Self.foreign, candidates: [payment], shuffledBy: &fixture.random)
        var scanner = fixture.test.wallet.scanner()
        let empty = Block(header: fixture.chain.blocks[0].header, transactions: [])
        try fixture.test.receive(.blocksConnected([scanner.scan(empty, at: BlockHeight(1))]))
        try fixture.mine(count: 2)
        #expect(fixture.test.balance.total == .zero)
        fixture.test.apply(fixture.test.wallet.startRescan(from: BlockHeight(1)))
        #expect(fixture.test.wallet.rescanHeight == BlockHeight(1))
        #expect(
            throws: SpendError.rescanInProgress(next: BlockHeight(1), tip: BlockHeight(3))
        ) {
            try fixture.test.wallet.plan(
                SpendRequest(
                    outputs: [TransactionOutput(amount: Satoshi(999), scriptPubKey: Self.foreign)],
                    feeRate: FeeratePerKw(250)), entropy: .zero, now: fixture.test.now)
        }
        var rescanner = fixture.test.wallet.scanner()
        let matches = (UInt32(1)...3).map {
            rescanner.scan(fixture.chain.blocks[Int($0) - 1], at: BlockHeight($0))
        }
        #expect(
            throws: WalletError.rescanOutOfOrder(
                expected: BlockHeight(1), actual: BlockHeight(2))
        ) { try fixture.test.receive(.blocksRescanned([matches[1]])) }
        _ = fixture.test.takeEffects()
        try fixture.test.receive(.blocksRescanned(matches))
        #expect(fixture.test.takeEffects().contains(.tell(.rescanFinished)))
        #expect(fixture.test.wallet.rescanHeight == nil)
        #expect(fixture.test.balance.confirmed == Satoshi(80_000))
        #expect(
            fixture.test.wallet.transaction(payment.id)?.status.confirmation?.block.height
                == BlockHeight(1))
        #expect(try fixture.test.rebuilt() == fixture.test.wallet)
    }

    @Test("a rescan that has only the tip left ends when that is taken back")
    func rescanOfLostTip() throws {
        var fixture = try Fixture()
        try fixture.mine(count: 3)
        fixture.test.apply(fixture.test.wallet.startRescan(from: BlockHeight(3)))
        #expect(fixture.test.wallet.rescanHeight == BlockHeight(3))
        _ = fixture.test.takeEffects()
        let lost = try #require(fixture.test.wallet.tip)
        try fixture.test.receive(.blockDisconnected(lost.hash))
        #expect(fixture.test.wallet.rescanHeight == nil)
        #expect(fixture.test.takeEffects().contains(.tell(.rescanFinished)))
        #expect(try fixture.test.rebuilt() == fixture.test.wallet)
    }

    @Test("what a mempool drops is gone if others made it, and waits if the wallet did")
    func eviction() throws {
        var fixture = try Fixture()
        let payment = fixture.payment(5_000, to: try fixture.test.newAddress().script)
        let mined = fixture.payment(7_000, to: try fixture.test.newAddress().script)
        try fixture.mine([mined])
        try fixture.test.receive(.transactionSeen(payment))
        let spend = Transaction(
            inputs: [TransactionInput(previousOutput: OutPoint(mined.id, 0))],
            outputs: [TransactionOutput(amount: Satoshi(6_000), scriptPubKey: Self.foreign)])
        fixture.test.apply(try fixture.test.wallet.publish(spend, now: fixture.test.now))
        try fixture.test.receive(.transactionsEvicted([payment.id, spend.id]))
        #expect(fixture.status(spend) == .unconfirmed)
        guard case .inactive(.evicted, _) = fixture.status(payment) else {
            Issue.record("the payment is not gone")
            return
        }
        #expect(fixture.test.balance.total == .zero)
        try fixture.test.receive(.transactionSeen(payment))
        #expect(fixture.test.balance.unconfirmed == Satoshi(5_000))
        #expect(throws: WalletError.alreadySpent(OutPoint(mined.id, 0), by: spend.id)) {
            var other = spend
            other.lockTime = LockTime(5)
            _ = try fixture.test.wallet.publish(other, now: fixture.test.now)
        }
        fixture.test.apply(try fixture.test.wallet.abandon(spend.id))
        #expect(fixture.test.balance.confirmed == Satoshi(7_000))
        #expect(throws: WalletError.notUnconfirmed(spend.id)) {
            try fixture.test.wallet.abandon(spend.id)
        }
    }

    @Test("a spend that fell with its parent comes back with it")
    func restoredChild() throws {
        var fixture = try Fixture()
        let payment = fixture.payment(5_000, to: try fixture.test.newAddress().script)
        try fixture.test.receive(.transactionSeen(payment))
        let spend = Transaction(
            inputs: [TransactionInput(previousOutput: OutPoint(payment.id, 0))],
            outputs: [TransactionOutput(amount: Satoshi(4_000), scriptPubKey: Self.foreign)])
        fixture.test.apply(try fixture.test.wallet.publish(spend, now: fixture.test.now))
        try fixture.test.receive(.transactionsEvicted([payment.id]))
        #expect(fixture.status(spend)?.isActive == false)
        _ = fixture.test.takeEffects()
        try fixture.mine([payment])
        #expect(fixture.status(spend) == .unconfirmed)
        #expect(fixture.test.takeBroadcasts() == [spend])
        #expect(fixture.test.balance.total == .zero)
        #expect(try fixture.test.rebuilt() == fixture.test.wallet)
    }

    @Test("a lease is extended and released by its name alone")
    func leaseNames() throws {
        var fixture = try Fixture()
        let payment = fixture.payment(5_000, to: try fixture.test.newAddress().script)
        try fixture.mine([payment])
        let coin = OutPoint(payment.id, 0)
        let (mine, other) = (SHA256.hash([1]), SHA256.hash([2]))
        let now = fixture.test.now
        #expect(throws: WalletError.leaseExpired(expiry: now, now: now)) {
            try fixture.test.wallet.lease([coin], id: mine, until: now, now: now)
        }
        fixture.test.apply(
            try fixture.test.wallet.lease([coin], id: mine, until: now + 5, now: now))
        fixture.test.apply(
            try fixture.test.wallet.lease([coin], id: mine, until: now + 9, now: now))
        #expect(throws: WalletError.coinLeased(coin, expiry: now + 9)) {
            try fixture.test.wallet.lease([coin], id: other, until: now + 9, now: now)
        }
        #expect(throws: WalletError.unknownLease(coin)) {
            try fixture.test.wallet.release(coin, id: other)
        }
        #expect(fixture.test.balance.locked == Satoshi(5_000))
        // Once it has run out, another may have the coin even before the time is told.
        _ = try fixture.test.wallet.lease([coin], id: other, until: now + 20, now: now + 9)
        #expect(try fixture.test.rebuilt().coin(coin, now: now)?.lease?.id == mine)
    }

    @Test("subscribers are told of each change of a transaction")
    func events() throws {
        var fixture = try Fixture()
        let payment = fixture.payment(5_000, to: try fixture.test.newAddress().script)
        _ = fixture.test.takeEffects()
        try fixture.test.receive(.transactionSeen(payment))
        try fixture.mine([payment])
        try fixture.disconnect()
        let changes = fixture.test.takeEffects().compactMap { effect -> [Bool]? in
            guard case .tell(.transactionChanged(let transaction, let previous)) = effect else {
                return nil
            }
            return [transaction.status == .unconfirmed, previous == nil]
        }
        #expect(changes == [[true, true], [false, false], [true, false]])
    }

    @Test("a damaged record is named, and a wallet without its position is refused")
    func damagedRecords() throws {
        #expect(throws: WalletError.missingRecord(table: .walletChain)) {
            try Wallet(records: [], network: .regtest, accounts: TestWallet.accounts)
        }
        var fixture = try Fixture()
        try fixture.mine([fixture.payment(5_000, to: try fixture.test.newAddress().script)])
        for table in Wallet.tables {
            for (key, value) in fixture.test.records[table] ?? [:] {
                var rows = Wallet.tables.flatMap { table in
                    (fixture.test.records[table] ?? [:]).map {
                        RecordWrite(table, key: $0.key, value: $0.value)
                    }
                }
                rows.append(RecordWrite(table, key: key, value: Array(value.dropLast())))
                rows.removeAll { $0.table == table && $0.key == key && $0.value == value }
                #expect(throws: WalletError.self) {
                    try Wallet(records: rows, network: .regtest, accounts: TestWallet.accounts)
                }
            }
        }
    }

    @Test("a label has at most 500 bytes")
    func labels() throws {
        var fixture = try Fixture()
        let payment = fixture.payment(5_000, to: try fixture.test.newAddress().script)
        try fixture.mine([payment])
        let long = String(repeating: "x", count: 501)
        #expect(throws: WalletError.labelTooLong(501)) {
            try fixture.test.wallet.label(payment.id, long)
        }
        fixture.test.apply(try fixture.test.wallet.label(payment.id, "coffee ☕"))
        #expect(try fixture.test.rebuilt().label(of: payment.id) == "coffee ☕")
        fixture.test.apply(try fixture.test.wallet.label(payment.id, ""))
        #expect(try fixture.test.rebuilt().label(of: payment.id) == nil)
    }
}
