import Bitcoin
import LightningChannel
@testable import LightningNode
import LightningWallet
@testable import NodeFixtures
import Testing

/// Who had what of the blocks of a scenario, found from the blocks alone.
struct Audit {
    private(set) var transactions: [TransactionID: Transaction] = [:]
    private(set) var spenders: [OutPoint: TransactionID] = [:]
    /// The transactions but for the one that gave the nodes their coins, in the order of the blocks.
    private var order: [TransactionID] = []
    private let stage: Stage
    private let fundings: Set<OutPoint>

    init(_ stage: Stage, fundings: Set<OutPoint>) throws {
        self.stage = stage
        self.fundings = fundings
        var height = stage.start
        while let hash = stage.network.chain.blockHash(at: height) {
            let block = try #require(stage.network.chain.contents(of: hash))
            for transaction in block.transactions.dropFirst() {
                let id = transaction.id
                transactions[id] = transaction
                for input in transaction.inputs { spenders[input.previousOutput] = id }
                if height > stage.start { order.append(id) }
            }
            height = height + 1
        }
    }

    private func output(_ outPoint: OutPoint) -> TransactionOutput? {
        transactions[outPoint.transactionID]?.outputs[Int(outPoint.index)]
    }

    /// The transaction that takes an output; nil where none does.
    func spending(_ outPoint: OutPoint) -> Transaction? {
        spenders[outPoint].flatMap { transactions[$0] }
    }

    private func owner(of output: TransactionOutput?) -> Int? {
        guard let output else { return nil }
        return stage.network.nodes.firstIndex {
            $0.node.wallet.path(of: output.scriptPubKey) != nil
        }
    }

    /// What miners got of a transaction.
    func fee(of transaction: Transaction) throws -> Satoshi {
        var fee = Satoshi.zero
        for input in transaction.inputs {
            fee += try #require(output(input.previousOutput)).amount
        }
        for output in transaction.outputs { fee = fee - output.amount }
        return fee
    }

    /// Who pays a transaction's fee: whoever's coins are in it, or whoever gets what comes out of it in the end.
    func payer(of transaction: Transaction) -> Int? {
        if let funding = transaction.inputs.first(where: { fundings.contains($0.previousOutput) }) {
            return stage.closingPayers[funding.previousOutput] ?? 0
        }
        for input in transaction.inputs {
            if let owner = owner(of: output(input.previousOutput)) { return owner }
        }
        let id = transaction.id
        for (index, output) in transaction.outputs.enumerated() {
            if let owner = owner(of: output) { return owner }
            if let payer = spending(OutPoint(id, UInt32(index))).flatMap(payer) { return payer }
        }
        return nil
    }

    /// What each node has more than at the start, fees aside, with the anchors as part of the opener's fees.
    func gains() throws -> [Int64] {
        let network = stage.network
        var gains = network.nodes.indices.map {
            (network.balance($0) - stage.initial[$0]).value
        }
        for id in order {
            let transaction = try #require(transactions[id])
            let payer = try #require(self.payer(of: transaction), "nobody pays for \(id)")
            gains[payer] += try fee(of: transaction).value
        }
        for anchor in anchors {
            let commitment = try #require(transactions[anchor.transactionID])
            gains[try #require(self.payer(of: commitment))] += Self.anchorAmount.value
            if let taker = spending(anchor).flatMap(payer) {
                gains[taker] -= Self.anchorAmount.value
            }
        }
        return gains
    }

    /// The anchors of the commitments that were mined.
    var anchors: Set<OutPoint> {
        var anchors: Set<OutPoint> = []
        for funding in fundings {
            guard let closing = spending(funding) else { continue }
            for (index, output) in closing.outputs.enumerated()
            where output.amount == Self.anchorAmount && owner(of: output) == nil {
                anchors.insert(OutPoint(closing.id, UInt32(index)))
            }
        }
        return anchors
    }

    /// BOLT 3: "The amount of the output is fixed at 330 sats".
    private static let anchorAmount = Satoshi(330)

    /// What comes of the nodes' coins, is not spent, and belongs to none of their wallets.
    func unclaimed() -> Set<OutPoint> {
        var found: Set<OutPoint> = []
        for id in order {
            for (index, output) in (transactions[id]?.outputs ?? []).enumerated() {
                let outPoint = OutPoint(id, UInt32(index))
                if spenders[outPoint] == nil, owner(of: output) == nil { found.insert(outPoint) }
            }
        }
        return found
    }

    /// The offers that came to nothing though no other transaction in the chain took their place, and what was said to them.
    func lostOffers() -> [String] {
        var offered: [TransactionID: Transaction] = [:]
        for offer in stage.network.offers {
            for transaction in offer.transactions { offered[transaction.id] = transaction }
        }
        func isReplaced(_ transaction: Transaction) -> Bool {
            let id = transaction.id
            return transaction.inputs.contains { input in
                if let spender = spenders[input.previousOutput] { return spender != id }
                return offered[input.previousOutput.transactionID].map(isReplaced) ?? false
            }
        }
        return stage.network.offers.flatMap { offer -> [String] in
            // A child is there for its parents' sake.
            let parents = offer.transactions.dropLast()
            if !parents.isEmpty, parents.allSatisfy({ transactions[$0.id] != nil }) { return [] }
            return offer.transactions.compactMap { transaction in
                guard transactions[transaction.id] == nil, !isReplaced(transaction) else {
                    return nil
                }
                return "node \(offer.node): \(transaction.id), \(offer.outcome)"
            }
        }
    }

    /// The words with which offers were refused.
    func refusals() -> Set<String> {
        Set(
            stage.network.offers.compactMap { offer in
                switch offer.outcome {
                case .accepted: nil
                case .rejected(let reason): reason
                case .unanswered(let reason): "no answer: \(reason)"
                }
            })
    }
}
