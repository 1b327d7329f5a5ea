import Bitcoin
import CommitmentFixtures
import LightningCommitment
import LightningWire
import RegtestChain
import Testing

@testable import LightningOnChain

/// A publisher at a chain with full relay policy, with channels that are funded there, a wallet, and records that stand
/// for storage: after each round the publisher that they make is compared with the one in memory.
struct PublishedChain {
    var chain: RegtestChain
    var now: UInt32
    var purse: Purse
    var publisher: Publisher
    private(set) var channels: [TestChannel] = []
    private(set) var records: [RecordTable: [[UInt8]: [UInt8]]] = [:]
    /// What happened since somebody looked.
    var events: [PublisherEvent] = []
    private var anyones: [OutPoint] = []
    /// What was offered, in its order.
    private(set) var offers: [[Transaction]] = []
    private(set) var refusals: [String] = []
    /// The rate below which miners leave a transaction, with its unconfirmed parents.
    var marketRate = FeeratePerKw(0)
    /// Whether each step is followed by a restart.
    var restartsAlways = false

    /// Channels of 1,000,000 sat each, and wallet coins of these amounts.
    init(
        _ format: CommitmentFormat = .anchors, channels count: Int = 1,
        coins: [Int64] = [100_000, 100_000], fillers: Int = 0, relay: RelayPolicy = RelayPolicy(),
        policy: PublisherPolicy = PublisherPolicy()
    ) throws {
        let miner = try PrivateKey(SHA256.hash(Array("miner".utf8)))
        (chain, now) = try Self.mature(to: miner, relay)
        purse = try Purse(seed: "purse")
        publisher = Publisher(tip: BlockHeight(0), policy: policy)
        let hash = try #require(chain.blockHash(at: BlockHeight(1)))
        let coinbase = try #require(chain.block(hash)?.block.transactions[0])
        let unfunded = try (0..<count).map { try TestChannel(format, number: UInt32($0)) }
        var outputs = unfunded.map(\.funding.output)
        outputs += coins.map { TransactionOutput(amount: Satoshi($0), scriptPubKey: purse.script) }
        outputs += (0..<fillers).map { _ in Self.anyonesOutput }
        var funding = Transaction(
            inputs: [TransactionInput(previousOutput: OutPoint(coinbase.id, 0))], outputs: outputs)
        let digest = SignatureHash.segwitV0(
            funding, input: 0, scriptCode: .payToPublicKeyHash(of: miner.publicKey),
            amount: coinbase.outputs[0].amount, type: .all)
        funding.inputs[0].witness = [miner.sign(digest).der + [1], miner.publicKey.compressed]
        _ = chain.takeNotices()
        now += 600
        _ = try chain.mine(to: Self.minerScript, transactions: [funding], now: now)
        channels = unfunded.enumerated().map {
            $1.funded(at: OutPoint(funding.id, UInt32($0)))
        }
        anyones = (0..<fillers).map {
            OutPoint(funding.id, UInt32(outputs.count - fillers + $0))
        }
        try followChain()
    }

    private static let anyonesScript = Script([0x51])
    private static let anyonesOutput = TransactionOutput(
        amount: Satoshi(100_000), scriptPubKey: .payToWitnessScriptHash(of: anyonesScript))

    /// Offers a transaction for each coin for fillers, at `rate` sat/vB, to a mempool that is soon full; and gives the
    /// rate below which that takes nothing.
    mutating func congest(rate: Int64) throws -> FeeratePerKw {
        for outPoint in anyones {
            var filler = Transaction(
                inputs: [TransactionInput(previousOutput: outPoint)],
                outputs: [
                    TransactionOutput(
                        amount: Self.anyonesOutput.amount, scriptPubKey: Self.minerScript)
                ])
            filler.inputs[0].witness = [Self.anyonesScript.bytes]
            filler.outputs[0].amount -= Satoshi(rate * Int64(filler.weight.virtualSize))
            do throws(TransactionRejection) {
                _ = try chain.submit(filler, now: now)
            } catch {
                guard error == .mempoolFull || error.isReconsiderable else { throw error }
            }
        }
        let minimum = chain.minimumMempoolFeerate(now: now)
        return FeeratePerKw(UInt32(minimum.value / 4 + 1))
    }

    /// A chain with one coin that can be spent, which most tests share.
    private static func mature(
        to miner: PrivateKey, _ relay: RelayPolicy
    ) throws -> (RegtestChain, now: UInt32) {
        if relay == RelayPolicy(), let usual { return usual }
        return try mined(to: miner, relay)
    }

    private static let usual = try? mined(
        to: PrivateKey(SHA256.hash(Array("miner".utf8))), RelayPolicy())

    private static func mined(
        to miner: PrivateKey, _ relay: RelayPolicy
    ) throws -> (RegtestChain, now: UInt32) {
        var chain = RegtestChain(policy: relay, seed: 1)
        var now: UInt32 = 1_700_000_000
        for _ in 0..<101 {
            now += 600
            _ = try chain.mine(to: .payToWitnessPublicKeyHash(of: miner.publicKey), now: now)
        }
        return (chain, now)
    }

    private static let minerScript = Script.payToWitnessScriptHash(SHA256.hash([0x77]))

    var height: BlockHeight { chain.tip.height }

    // MARK: The world

    /// Tells the publisher something, and stores what it writes.
    mutating func tell(_ input: PublisherInput) {
        take(publisher.receive(input, wallet: &purse))
    }

    mutating func claim(
        _ kind: Claim.Kind, of channel: Int = 0, value: Int64? = nil, earliest: BlockHeight? = nil,
        deadline: UInt32? = nil
    ) throws -> ClaimID {
        let amount: Satoshi =
            switch kind {
            case .output(let output): output.output.amount
            case .htlc(let claim): claim.transaction.spentOutput.amount
            case .commitment: Satoshi(0)
            }
        let claim = Claim(
            channel: try #require(ChannelKeyNumber(UInt32(channel))), kind: kind,
            value: value.map { Satoshi($0) } ?? amount, earliest: earliest ?? height + 1,
            deadline: deadline.map { BlockHeight($0) })
        tell(.claim(claim))
        return claim.id
    }

    /// Tells the backend's estimates, in sat/vB by target.
    mutating func estimate(_ rates: [UInt32: UInt32], minimum: UInt32 = 1) {
        tell(
            .feeEstimates(
                FeeEstimates(
                    byTarget: rates.mapValues { FeeratePerKw($0 * 250) },
                    minimum: FeeratePerKw(minimum * 253))))
    }

    /// Lets the publisher offer what is due until the network has no more to say to it.
    mutating func run() throws {
        for _ in 0..<20 {
            let offered = round()
            if offered.isEmpty {
                try checkRecords()
                return
            }
            for package in offered { try broadcast(package) }
            try checkRecords()
        }
        Issue.record("the publisher and the network do not come to an end")
    }

    /// One round: what the publisher offers, which the network has not seen yet.
    mutating func round() -> [[Transaction]] {
        let keys = signers
        let step = publisher.publish(wallet: &purse, signers: { keys[$0] })
        take(step)
        return step.broadcasts
    }

    /// Mines a block of what pays the market's rate, and lets the publisher act.
    mutating func mine(_ count: Int = 1) throws {
        for _ in 0..<count {
            now += 600
            _ = try chain.mine(to: Self.minerScript, transactions: miningChoice, now: now)
            try followChain()
            try run()
        }
    }

    /// Mines exactly these, whatever they pay.
    mutating func mine(exactly transactions: [Transaction]) throws {
        now += 600
        _ = try chain.mine(to: Self.minerScript, transactions: transactions, now: now)
        try followChain()
        try run()
    }

    mutating func mine(until height: UInt32) throws {
        while self.height < BlockHeight(height) { try mine() }
    }

    /// Takes `depth` blocks back and mines as many and one more without the mempool.
    mutating func reorganise(_ depth: UInt32, empty: Bool = true) throws {
        let lowest = height.saturatingSubtract(depth - 1)
        let hash = try #require(chain.blockHash(at: lowest))
        try chain.invalidate(hash, now: now)
        try followChain()
        try run()
        guard empty else { return }
        for _ in 0...depth { try mine(exactly: []) }
    }

    /// Replaces the publisher with the one that the records make.
    mutating func restart() throws {
        var rebuilt = try rebuilt()
        if let estimates = publisher.estimates {
            _ = rebuilt.receive(.feeEstimates(estimates), wallet: &purse)
        }
        publisher = rebuilt
    }

    /// Offers a transaction of somebody else's.
    mutating func submit(_ transaction: Transaction) throws {
        _ = try chain.submit(transaction, now: now)
    }

    func isInMempool(_ id: TransactionID) -> Bool { chain.mempool[id] != nil }

    /// Whether the best chain spends the claim's output by a transaction of ours.
    func isWon(_ id: ClaimID) -> Bool {
        guard let spender = purse.spends[id.outPoint] else { return false }
        return offers.joined().contains { $0.id == spender }
    }

    /// The fee of what was offered last for a claim.
    func offer(_ id: ClaimID) -> PublicationReport? {
        publisher.pending.first { $0.claims.contains(id) }
    }

    mutating func takeRefusals() -> [String] {
        defer { refusals = [] }
        return refusals
    }
}

// MARK: - Inside

extension PublishedChain {
    private var signers: [ChannelKeyNumber: any ChannelSigner] {
        var signers: [ChannelKeyNumber: any ChannelSigner] = [:]
        for (index, channel) in channels.enumerated() {
            if let number = ChannelKeyNumber(UInt32(index)) { signers[number] = channel.opener }
        }
        return signers
    }

    private mutating func take(_ step: PublisherStep) {
        for write in step.writes { records[write.table, default: [:]][write.key] = write.value }
        events += step.events
        offers += step.broadcasts
        for event in step.events {
            guard case .published(let ids, _, let fee, _) = event else { continue }
            let claims = ids.compactMap { publisher.claims[$0]?.claim }
            let limit = claims.reduce(Satoshi.zero) {
                $0 + publisher.policy.feeLimit(of: $1, tip: publisher.tip)
            }
            let isFixed = claims.contains(where: \.hasFixedFee)
            #expect(isFixed || fee <= limit, "the fee \(fee) is above the share \(limit)")
        }
    }

    private mutating func broadcast(_ package: [Transaction]) throws {
        guard let last = package.last else { return }
        var reason: String?
        if package.count == 1 {
            do throws(TransactionRejection) {
                let accepted = try chain.submit(last, now: now)
                #expect(accepted.virtualSize * 4 < 400_000)
            } catch {
                switch error {
                case .alreadyInMempool, .alreadyKnown, .sameWithoutWitness: break
                default: reason = "\(error)"
                }
            }
        } else {
            let mined = package.filter { chain.blockHolding($0.id) != nil }
            let result = chain.submit(package: package, now: now)
            let failures = result.outcomes.values.compactMap { outcome in
                if case .rejected(let rejection) = outcome { "\(rejection)" } else { nil }
            }
            if mined.isEmpty, let rejection = result.rejection {
                reason = "\(rejection.description) \(failures.sorted().joined(separator: " "))"
            }
        }
        guard let reason else { return }
        refusals.append(reason)
        tell(.refused(last.id, BroadcastRefusal(reason: reason)))
    }

    /// What pays the market's rate, each with its unconfirmed parents.
    private var miningChoice: [Transaction] {
        var chosen: Set<TransactionID> = []
        for entry in chain.mempool.entries.values.sorted(by: { $0.id < $1.id }) {
            let all = chain.mempool.withAncestors(entry.id)
            let pays =
                all.fees >= marketRate.feeRoundedUp(for: Weight(virtualBytes: all.virtualSize))
            guard pays, entry.transaction.isFinal(height: height + 1, time: chain.tip.medianTime)
            else { continue }
            chosen.formUnion(chain.mempool.ancestors(of: entry.id).union([entry.id]))
        }
        return chain.mempool.topologicallySorted(chosen).compactMap {
            chain.mempool[$0]?.transaction
        }
    }

    /// Tells wallet and publisher what happened to the chain.
    private mutating func followChain() throws {
        for notice in chain.takeNotices() {
            switch notice {
            case .blockConnected(let block, let hash):
                purse.connect(block)
                var spends: [OutPoint: TransactionID] = [:]
                for transaction in block.transactions.dropFirst() {
                    let id = transaction.id
                    for input in transaction.inputs { spends[input.previousOutput] = id }
                }
                let height = try #require(chain.node(hash)?.height)
                tell(.blockConnected(height, spends: spends))
            case .blockDisconnected(_, let hash):
                purse.disconnect()
                tell(.blockDisconnected(try #require(chain.node(hash)?.height)))
            case .tipChanged, .transactionAdded, .transactionRemoved: break
            }
        }
    }

    private func rebuilt() throws -> Publisher {
        let rows = Publisher.tables.flatMap { table in
            (records[table] ?? [:]).map { RecordWrite(table, key: $0.key, value: $0.value) }
        }
        return try Publisher(
            records: rows, claims: publisher.standingClaims, tip: publisher.tip,
            policy: publisher.policy)
    }

    private mutating func checkRecords() throws {
        let rebuilt = try rebuilt()
        #expect(rebuilt == publisher, "the records make another publisher than the one in memory")
        if restartsAlways {
            let (isDue, isRebroadcastDue) = (publisher.isDue, publisher.isRebroadcastDue)
            try restart()
            (publisher.isDue, publisher.isRebroadcastDue) = (isDue, isRebroadcastDue)
        }
    }
}

extension PublishedChain: CustomTestStringConvertible {
    var testDescription: String { "a chain at \(height)" }
}
