import Bitcoin
import LightningChannel
import LightningCommitment
@testable import LightningNode
import LightningWallet
import LightningWire
@testable import NodeFixtures
import Testing

/// Nodes that have just got coins, on a chain of any kind.
struct Stage {
    var network: NodeNetwork<AnyTestChain>
    /// The height of the block that gave the nodes their coins.
    let start: BlockHeight
    /// What the wallets had then.
    let initial: [Satoshi]
    /// The nodes whose losses are their own fault, and which may have nothing in order.
    var cheats: Set<Int> = []
    /// The nodes that pay the fee of what spends a funding output, where that is not node 0.
    var closingPayers: [OutPoint: Int] = [:]
    /// Words with which offers may be refused.
    var refusals: Set<String> = ["bad-txns-inputs-missingorspent", "insufficient fee"]
    /// Coins that anybody may spend.
    private(set) var coins: [OutPoint]
    private(set) var preimages: UInt8 = 0

    private static let coinsPerNode = 4
    private static let coin = Satoshi(100_000_000)
    private static let estimates = FeeEstimates(
        byTarget: [1: FeeratePerKw(2_000), 6: FeeratePerKw(1_000), 144: FeeratePerKw(253)])

    /// Nodes with these policies.
    init(_ policies: [NodePolicy], in world: inout World) throws {
        let birthday = world.chain.height + 1
        var nodes: [TestNode] = []
        for policy in policies {
            world.population += 1
            var writer = ByteWriter()
            writer.writeBigEndian(world.population)
            let entropy = Array(SHA256.hash(writer.bytes).bytes.prefix(16))
            nodes.append(try TestNode(entropy, birthday: birthday, policy: policy))
        }
        network = NodeNetwork(nodes, on: world.chain, now: world.now)
        start = birthday
        let source = world.coins.removeLast()
        coins = world.coins
        var outputs: [TransactionOutput] = []
        for index in nodes.indices {
            for _ in 0..<Self.coinsPerNode {
                let script = try network.newScript(index)
                outputs.append(TransactionOutput(amount: Self.coin, scriptPubKey: script))
            }
        }
        let gift = Transaction(
            version: 2,
            inputs: [TransactionInput(previousOutput: source, witness: World.coinWitness)],
            outputs: outputs, lockTime: LockTime(0))
        try network.mine(exactly: [gift])
        initial = nodes.map { _ in Satoshi(Self.coin.value * Int64(Self.coinsPerNode)) }
        let (found, expected) = (nodes.indices.map(network.balance), initial)
        try #require(found == expected)
        try tell(Self.estimates)
    }

    /// Gives the world back.
    func leave(_ world: inout World) {
        world.chain = network.chain
        world.now = network.now
        world.coins = coins
    }
}

// MARK: - What nodes do

extension Stage {
    /// Opens a channel of a million satoshi from node 0 to node 1, with 300,000 of it paid over.
    mutating func open(
        _ format: CommitmentFormat = .anchors, feerate: FeeratePerKw = FeeratePerKw(1_000)
    ) throws -> ChannelID {
        let id = try network.open(0, 1, 1_000_000, feerate: feerate) { opening in
            opening.format = format
            opening.feerate = FeeratePerKw(1_000)
        }
        try pay(0, 1, 300_000)
        return id
    }

    /// Pays over the channel between two nodes; the amount in satoshi.
    mutating func pay(_ payer: Int, _ payee: Int, _ amount: UInt64) throws {
        try #require(network.pay([payer, payee], amount * 1_000).hasSucceeded)
    }

    /// Starts a payment, in satoshi, that the payee holds.
    mutating func hold(_ payer: Int, _ payee: Int, _ amount: UInt64) throws -> HeldPayment {
        try hold([payer, payee], amount)
    }

    /// Starts a payment, in satoshi, that the last node of a path holds.
    mutating func hold(_ path: [Int], _ amount: UInt64) throws -> HeldPayment {
        preimages += 1
        let preimage = PaymentPreimage(SHA256.hash([preimages]))
        let (payer, payee) = (path[0], path[path.count - 1])
        let invoice = try network.invoice(
            payee, amount * 1_000, lock: .hold(preimage.paymentHash))
        let request = try network.startPayment(invoice, path)
        try #require(network.nodes[payer].answers[request] == nil)
        return HeldPayment(payer: payer, payee: payee, preimage: preimage, request: request)
    }

    /// Has the payee take a payment.
    mutating func settle(_ held: HeldPayment) throws {
        _ = try network.ask(held.payee, .payment(.settleInvoice(held.preimage)))
    }

    /// Has the payee refuse a payment.
    mutating func cancel(_ held: HeldPayment) throws {
        _ = try network.ask(held.payee, .payment(.cancelInvoice(held.preimage.paymentHash)))
    }

    /// How a payment ended; nil while it has not.
    func outcome(_ held: HeldPayment) -> Bool? {
        guard
            case .payment(let past)? = try? network.nodes[held.payer].answers[held.request]?.get()
        else { return nil }
        return past.hasSucceeded
    }

    /// Has a node close the channel without the peer, which it is not connected to, and mines its commitment.
    mutating func forceClose(_ id: ChannelID, by closer: Int) throws {
        try network.disconnect(0, 1)
        _ = try network.ask(closer, .channel(.forceClose(id)))
        try network.mine(2)
    }

    /// Lets a node become what it was before, and do what it can with that.
    mutating func turnBack(_ index: Int, to old: TestNode) {
        network.nodes[index] = old
        network.checksRecords = false
        cheats.insert(index)
    }
}

// MARK: - What others do

extension Stage {
    /// Offers big transactions with ever higher fees, whatever becomes of them.
    mutating func crowd(_ feerates: [FeeratePerKw]) {
        for feerate in feerates {
            let source = coins.removeLast()
            let small = TransactionOutput(amount: Satoshi(1_000), scriptPubKey: TestNode.nobody)
            var filler = Transaction(
                version: 2,
                inputs: [TransactionInput(previousOutput: source, witness: World.coinWitness)],
                outputs: Array(repeating: small, count: 2_000), lockTime: LockTime(0))
            filler.outputs.append(
                TransactionOutput(amount: .zero, scriptPubKey: World.coinScript))
            let fee = feerate.feeRoundedUp(for: filler.weight)
            filler.outputs[2_000].amount = World.coinAmount - Satoshi(2_000_000) - fee
            _ = network.chain.offer([filler], now: UInt32(network.now))
        }
    }

    /// Tells all nodes what fees are.
    mutating func tell(_ estimates: FeeEstimates) throws {
        for index in network.nodes.indices {
            try network.take([.feeEstimates(estimates)], at: index)
        }
    }
}

/// A payment whose payee has not decided.
struct HeldPayment {
    let payer: Int
    let payee: Int
    let preimage: PaymentPreimage
    let request: RequestID
}
