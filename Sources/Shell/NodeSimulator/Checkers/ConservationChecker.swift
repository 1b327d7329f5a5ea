import Bitcoin
import LightningWire

/// Invariant 1: money is conserved to the satoshi, chain and channels and fees together.
package enum ConservationChecker {
    /// What is wrong with the sum of a channel's parts; nil where it is the channel's capacity.
    package static func check(_ view: AgreementChecker.View) -> Violation? {
        // An HTLC is its offerer's until it is fulfilled.
        let total = view.local.value + view.remote.value
        guard total != MilliSatoshi(view.capacity).value else { return nil }
        return Violation(
            .conservation, "the balances are \(total) msat together, not \(view.capacity)")
    }

    /// Where all money is at the end of a run.
    package struct Books: Sendable {
        /// What all nodes were given.
        package var deposits = Satoshi.zero
        /// What wallets hold, by their own books, that the chain knows too.
        package var wallets = Satoshi.zero
        /// What wallets hold by their own books alone.
        package var phantoms = Satoshi.zero
        /// What two wallets both take for theirs.
        package var disputed = Satoshi.zero
        /// What was paid to the outside.
        package var outside = Satoshi.zero
        /// What lies on the chain and no wallet knows of.
        package var leftover = Satoshi.zero
        /// What miners got.
        package var fees = Satoshi.zero

        /// Nothing anywhere.
        package init() {}
    }

    /// What is wrong with the books; nil where they balance.
    package static func check(_ books: Books) -> Violation? {
        if books.phantoms != .zero {
            return Violation(
                .conservation, "wallets hold \(books.phantoms) that is not on the chain")
        }
        if books.disputed != .zero {
            return Violation(.conservation, "two wallets hold the same \(books.disputed)")
        }
        let total = books.wallets + books.outside + books.leftover + books.fees
        guard total != books.deposits else { return nil }
        return Violation(
            .conservation,
            "\(books.deposits) went in; wallets \(books.wallets), outside \(books.outside),"
                + " left over \(books.leftover) and fees \(books.fees) are \(total)")
    }
}

extension Simulation {
    /// Compares everybody's books with the chain, once all channels are closed.
    func checkBooks() {
        var books = ConservationChecker.Books()
        var owners: [OutPoint: Int] = [:]
        for node in nodes {
            books.deposits += ledger.deposits[node.index] ?? .zero
            for state in node.core?.wallet.coins(now: now.seconds) ?? []
            where state.confirmations > 0 {
                let coin = state.coin
                guard let onChain = world.chain.coins[coin.outPoint],
                    onChain.output == coin.output
                else {
                    // An outlaw's wallet may not have caught up with its past.
                    if !node.isOutlaw { books.phantoms += coin.amount }
                    continue
                }
                if owners.updateValue(node.index, forKey: coin.outPoint) != nil {
                    books.disputed += coin.amount
                }
                books.wallets += coin.amount
            }
        }
        if plan.doctoring == .phantomCoin { books.phantoms += Satoshi(1) }
        let outside = Set(nodes.map(\.outsideScript))
        var left: [(OutPoint, Satoshi)] = []
        world.chain.coins.forEach { outPoint, coin in
            guard coin.height.value > WorldChain.firstHeight, owners[outPoint] == nil,
                !coin.isCoinbase, coin.output.scriptPubKey != WorldChain.faucetScript
            else { return }
            if outside.contains(coin.output.scriptPubKey) {
                books.outside += coin.output.amount
            } else {
                books.leftover += coin.output.amount
                left.append((outPoint, coin.output.amount))
            }
        }
        books.fees = minedFees.values.reduce(.zero) { $0 + $1 }
        if let found = ConservationChecker.check(books) { report(found) }
        checkLosses(left)
        countEnds()
    }

    /// The fees of all transactions of the nodes that were mined, by identifier.
    var minedFees: [TransactionID: Satoshi] {
        var found: [TransactionID: Satoshi] = [:]
        // The first block of the run holds the faucet's payments alone.
        for (_, transaction) in minedTransactions {
            let id = transaction.id
            found[id] = world.fees[id] ?? .zero
        }
        return found
    }

    /// The transactions of nodes in the best chain, with their heights.
    var minedTransactions: [(BlockHeight, Transaction)] {
        var found: [(BlockHeight, Transaction)] = []
        var height = BlockHeight(WorldChain.firstHeight + 2)
        while let hash = world.chain.blockHash(at: height), let stored = world.chain.block(hash) {
            for transaction in stored.block.transactions.dropFirst() {
                found.append((height, transaction))
            }
            height = height + 1
        }
        return found
    }
}
