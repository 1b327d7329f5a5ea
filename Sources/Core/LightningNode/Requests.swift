import Bitcoin
import LightningWallet

extension LightningNode {
    /// Grants or refuses what somebody asks for.
    mutating func receive(_ request: NodeRequest, as id: RequestID, at moment: Moment) -> Step {
        answering(id) { node throws(WalletError) in try node.grant(request, at: moment) }
    }

    private mutating func grant(
        _ request: NodeRequest, at moment: Moment
    ) throws(WalletError) -> (NodeReply, Step) {
        let now = moment.time
        switch request {
        case .newAddress(let account, let reuse):
            let (address, path, step) =
                reuse ? try wallet.unusedAddress(account) : try wallet.newAddress(account)
            return (.address(address, path), Step(step))
        case .balance: return (.balance(wallet.balance(now: now)), Step())
        case .coins: return (.coins(wallet.coins(now: now)), Step())
        case .status: return (.status(status), Step())
        case .transactions: return (.transactions(transactionReports), Step())
        case .label(let id, let text): return (.done, Step(try wallet.label(id, text)))
        case .lease(let coins, let id, let expiry):
            return (.done, Step(try wallet.lease(coins, id: id, until: expiry, now: now)))
        case .release(let coin, let id): return (.done, Step(try wallet.release(coin, id: id)))
        case .publish(let transaction):
            return (.done, Step(try wallet.publish(transaction, now: now)))
        case .abandon(let id): return (.done, Step(try wallet.abandon(id)))
        case .rescan(let height): return (.done, Step(wallet.startRescan(from: height)))
        }
    }

    private var status: NodeStatus {
        NodeStatus(
            nodeKey: keys.nodeKey.publicKey, tip: wallet.tip, nextHeight: wallet.nextHeight,
            rescanHeight: wallet.rescanHeight, unconfirmed: wallet.unconfirmedTransactions)
    }

    private var transactionReports: [TransactionReport] {
        wallet.transactions.map {
            TransactionReport(
                transaction: $0, confirmations: wallet.confirmations(of: $0),
                label: wallet.label(of: $0.id))
        }
    }
}
