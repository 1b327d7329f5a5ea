import Bitcoin
import LightningChannel
import LightningNode
import LightningPayment
import LightningWire
import RegtestChain

/// Invariant 2: no honest node loses anything but fees and what it paid for.
package enum LossChecker {
    /// An honest node's money over a whole run, in millisatoshi.
    package struct Account: Sendable {
        /// What it was given, less what it paid to the outside.
        package var start: Int64 = 0
        /// What payments brought and cost, by its own history: fees on the way included.
        package var received: Int64 = 0
        package var sent: Int64 = 0
        /// What it has at the end.
        package var end: Int64 = 0
        /// What miners may have got of it, and what is worth less than the fee to take it.
        package var costs: Int64 = 0

        /// Nothing yet.
        package init() {}

        /// What is missing that nothing accounts for; 0 where nothing is.
        package var loss: Int64 { max(0, start + received - sent - end - costs) }

        /// What is there beyond what payments explain, fees aside.
        package var surplus: Int64 { end - (start + received - sent) }
    }

    /// What is wrong with an account; nil where nothing is.
    package static func check(_ account: Account) -> Violation? {
        guard account.loss > 0 else { return nil }
        return Violation(
            .noLoss,
            "\(account.loss) msat are lost: had \(account.start), received \(account.received),"
                + " sent \(account.sent), costs \(account.costs), has \(account.end)")
    }
}

extension Simulation {
    /// Holds every honest node's end against its beginning. `left` is what lies on the chain and nobody has taken.
    func checkLosses(_ left: [(OutPoint, Satoshi)]) {
        let transactions = minedTransactions.map(\.1)
        let fees = minedFees
        var spends: [OutPoint: Transaction] = [:]
        for transaction in transactions {
            for input in transaction.inputs { spends[input.previousOutput] = transaction }
        }
        var accounts = nodes.map { account(of: $0, spends, fees) }
        // Coins in a transaction that no mempool has are bound and not lost.
        for (outPoint, amount) in left {
            guard let output = world.chain.coins[outPoint]?.output else { continue }
            let probe = Transaction(inputs: [], outputs: [output])
            for index in nodes.indices
            where nodes[index].core?.wallet.scanner().isRelevant(probe) == true {
                accounts[index].end += amount.value * 1_000
            }
        }
        for (node, account) in zip(nodes, accounts) where node.isHonest {
            guard let found = LossChecker.check(account) else { continue }
            report.satoshisLost += Satoshi((account.loss + 999) / 1_000)
            let others = accounts.indices.filter { $0 != node.index }.map {
                "\($0): \(accounts[$0].surplus)"
            }
            report(
                Violation(
                    found.invariant,
                    "node \(node.index): \(found.message); the others have more or less by"
                        + " \(others.joined(separator: ", ")) msat"))
        }
    }

    private func account(
        of node: SimulatedNode, _ spends: [OutPoint: Transaction],
        _ fees: [TransactionID: Satoshi]
    ) -> LossChecker.Account {
        var account = LossChecker.Account()
        let outside = world.chain.coins.sum(where: { $0.scriptPubKey == node.outsideScript })
        account.start = ((ledger.deposits[node.index] ?? .zero) - outside).value * 1_000
        addPayments(of: node, to: &account)
        account.end =
            (node.core?.wallet.coins(now: now.seconds) ?? [])
            .reduce(0) { $0 + ($1.confirmations > 0 ? $1.coin.amount.value * 1_000 : 0) }
        for (id, publishers) in ledger.publishers where publishers.contains(node.index) {
            account.costs += (fees[id] ?? .zero).value * 1_000
        }
        // A channel whose funding was never mined has moved nothing.
        for (funding, channel) in ledger.channels
        where fees[funding.transactionID] != nil
            && (channel.opener == node.index || channel.accepter == node.index)
        {
            let isOpener = channel.opener == node.index
            let pushed = Int64(channel.pushed.value)
            account.received += isOpener ? 0 : pushed
            account.sent += isOpener ? pushed : 0
            account.costs += costs(ofClosing: funding, spends, fees)
        }
        return account
    }

    /// What the payments in a node's history brought and cost.
    private func addPayments(of node: SimulatedNode, to account: inout LossChecker.Account) {
        for record in (try? node.disk.store?.records(in: .pastInvoice)) ?? [] {
            let stored = StoredRecord(key: record.key, value: record.value)
            guard let entry = try? Invoices.entry(stored),
                case .settled(let settlement) = entry.state
            else { continue }
            account.received += Int64(settlement.amount.value)
        }
        for record in (try? node.disk.store?.records(in: .pastPayment)) ?? [] {
            let stored = StoredRecord(key: record.key, value: record.value)
            guard let past = try? Payments.past(stored), case .succeeded = past.outcome else {
                continue
            }
            report.paymentsSettled += 1
            account.sent += past.parts.reduce(0) {
                $0 + Int64($1.amount.value) + Int64($1.fee.value)
            }
        }
    }

    /// What the transaction that closed a channel cost those who had the channel: its fee, with HTLCs too small for an
    /// output in it, and outputs that are worth less than the fee to take them.
    private func costs(
        ofClosing funding: OutPoint, _ spends: [OutPoint: Transaction],
        _ fees: [TransactionID: Satoshi]
    ) -> Int64 {
        guard let closing = spends[funding] else { return 0 }
        let id = closing.id
        // What is below a millionth of a bitcoin rounds down in every commitment.
        var cost = (fees[id] ?? .zero) + Satoshi(2)
        let worthless = Satoshi(Int64(highestRate) * 300)
        for (index, output) in closing.outputs.enumerated()
        where output.amount <= max(worthless, Satoshi(330)) {
            // An output of either side that stayed, or that the other side could take.
            if let taker = spends[OutPoint(id, UInt32(index))] {
                cost += min(output.amount, fees[taker.id] ?? .zero)
            }
            cost += output.amount
        }
        return cost.value * 1_000
    }

    /// Counts how channels ended, once for each.
    func countEnds() {
        for node in nodes where node.isHonest {
            for record in (try? node.disk.store?.records(in: .channelClosed)) ?? [] {
                guard let closed = try? ClosedChannel(record: record.value) else { continue }
                if closed.kind == .mutual || closed.kind == .local {
                    guard closed.isOpener || closed.kind == .local else { continue }
                }
                report.closes["\(closed.kind)", default: 0] += 1
                if closed.kind == .revoked, closed.taken > .zero { report.breachesPunished += 1 }
            }
        }
    }
}

extension CoinSet {
    /// The sum of coins with such outputs.
    fileprivate func sum(where condition: (TransactionOutput) -> Bool) -> Satoshi {
        var total = Satoshi.zero
        forEach { _, coin in if condition(coin.output) { total += coin.output.amount } }
        return total
    }
}
