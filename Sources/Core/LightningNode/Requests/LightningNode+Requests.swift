import Bitcoin
import LightningWallet

extension LightningNode {
    /// Grants or refuses what somebody asks for.
    mutating func receive(_ request: NodeRequest, as id: RequestID, at moment: Moment) -> Step {
        switch request {
        case .channel(let request): return receive(request, as: id, at: moment)
        case .payment(let request): return receive(request, as: id, at: moment)
        case .peer(let request): return grant(request) + reply(id, .done)
        case .backup(let request): return receive(request, as: id, at: moment)
        case .status, .books, .spend: break
        }
        return answering(id) { node throws(NodeFailure) in
            switch request {
            case .channel, .payment, .peer, .backup: return (.done, Step())
            case .status: return (.status(node.status), Step())
            case .books(let request):
                do throws(WalletError) {
                    return try node.grant(request, now: moment.time)
                } catch {
                    throw .wallet(error)
                }
            case .spend(let request):
                do throws(SpendError) {
                    return try node.grant(request, at: moment)
                } catch {
                    throw .spend(error)
                }
            }
        }
    }

    private var status: NodeStatus {
        var identity = policy.identity
        identity.addresses = gossip.addresses ?? identity.addresses
        return NodeStatus(
            nodeKey: keys.nodePublicKey, tip: wallet.tip, nextHeight: wallet.nextHeight,
            rescanHeight: wallet.rescanHeight, identity: identity,
            features: policy.features)
    }

    /// Grants what concerns the wallet's books.
    private mutating func grant(
        _ request: BookRequest, now: UInt64
    ) throws(WalletError) -> (NodeReply, Step) {
        switch request {
        case .newAddress(let account, let reuse):
            let (address, path, step) =
                reuse ? try wallet.unusedAddress(account) : try wallet.newAddress(account)
            return (.address(address, path), Step(step))
        case .balance: return (.balance(wallet.balance(now: now)), Step())
        case .coins: return (.coins(wallet.coins(now: now)), Step())
        case .accounts: return (.accounts(accountReports), Step())
        case .label(let id, let text): return (.done, Step(try wallet.label(id, text)))
        case .lease(let coins, let id, let expiry):
            return (.done, Step(try wallet.lease(coins, id: id, until: expiry, now: now)))
        case .release(let coin, let id): return (.done, Step(try wallet.release(coin, id: id)))
        case .publish(let transaction):
            return (.published(transaction), Step(try wallet.publish(transaction, now: now)))
        case .abandon(let id): return (.done, Step(try wallet.abandon(id)))
        case .signMessage(let message, let script):
            return (
                .signature(try wallet.sign(message: message, for: script, keys: keys)), Step()
            )
        case .rescan(let height): return (.done, scanAgain(from: height))
        }
    }

    private var accountReports: [AccountReport] {
        wallet.accounts.sorted { $0.key < $1.key }.map { kind, key in
            let path = KeyScheme.account(kind, network: wallet.network)
            let counts = AccountBranch.allCases.map { ($0, wallet.addressCount(kind, $0)) }
            return AccountReport(
                kind: kind, key: key, origin: KeyOrigin(keys.masterFingerprint, path),
                addressCounts: Dictionary(uniqueKeysWithValues: counts))
        }
    }
}

extension LightningNode {
    /// Grants what builds a transaction.
    private mutating func grant(
        _ request: SpendingRequest, at moment: Moment
    ) throws(SpendError) -> (NodeReply, Step) {
        let (entropy, now) = (moment.entropy, moment.time)
        switch keepingReserve(request) {
        case .send(let request, let label):
            return try publishing(label) { wallet, keys throws(SpendError) in
                try wallet.send(request, keys: keys, entropy: entropy, now: now)
            }
        case .sendAll(let script, let request, let label):
            return try publishing(label) { wallet, keys throws(SpendError) in
                try wallet.sendAll(to: script, request, keys: keys, entropy: entropy, now: now)
            }
        case .plan(let request):
            return (.plan(try wallet.plan(request, entropy: entropy, now: now)), Step())
        case .fund(let request, let lease, let expiry):
            // Where no PSBT can be made of the plan, nothing is leased.
            var next = wallet
            let (plan, step) = try next.fund(
                request, leaseID: lease, until: expiry, entropy: entropy, now: now)
            let psbt = try next.psbt(of: plan, fingerprint: keys.masterFingerprint)
            wallet = next
            let funded = FundedTransaction(
                psbt: psbt, changeIndex: plan.change?.index, leased: plan.coins)
            return (.funded(funded), Step(step))
        case .fundTemplate(let request, let lease, let expiry):
            let (funded, step) = try wallet.fund(
                request, fingerprint: keys.masterFingerprint, leaseID: lease, until: expiry,
                entropy: entropy, now: now)
            return (.funded(funded), Step(step))
        case .sign(let psbt):
            var signed = psbt
            let count = try wallet.sign(&signed, keys: keys)
            return (.signed(signed, count: count), Step())
        case .bumpFee(let id, let request):
            guard !fundsChannels(id) else { throw .notReplaceable(id) }
            return try publishing("") { wallet, keys throws(SpendError) in
                try wallet.bumpFee(id, request, keys: keys, entropy: entropy, now: now)
            }
        case .speedUp(let outPoint, let rate, let policy):
            return try publishing("") { wallet, keys throws(SpendError) in
                try wallet.speedUp(
                    outPoint, feeRate: rate, policy: policy, keys: keys, entropy: entropy, now: now)
            }
        }
    }

    /// The same, but so that channels can still be closed without their peers afterwards.
    private func keepingReserve(_ request: SpendingRequest) -> SpendingRequest {
        func kept(_ request: SpendRequest) -> SpendRequest {
            var request = request
            request.reserve = max(request.reserve, reserve())
            return request
        }
        return switch request {
        case .send(let request, let label): .send(kept(request), label: label)
        case .sendAll(let script, let request, let label):
            .sendAll(to: script, kept(request), label: label)
        case .plan(let request): .plan(kept(request))
        case .fund(let request, let lease, let expiry):
            .fund(kept(request), leaseID: lease, until: expiry)
        case .fundTemplate, .sign, .bumpFee, .speedUp: request
        }
    }

    /// Publishes what `build` makes, under a name; a name that is refused leaves the wallet as it was.
    private mutating func publishing(
        _ label: String,
        _ build: (inout Wallet, WalletKeys) throws(SpendError) -> (Transaction, WalletStep)
    ) throws(SpendError) -> (NodeReply, Step) {
        guard label.utf8.count <= Wallet.longestLabel else {
            throw .wallet(.labelTooLong(label.utf8.count))
        }
        let (transaction, result) = try build(&wallet, keys)
        var step = result
        if !label.isEmpty {
            do throws(WalletError) {
                step.append(try wallet.label(transaction.id, label))
            } catch {
                preconditionFailure("the label's length was checked")
            }
        }
        let event = NodeEvent(.info, .wallet, "published transaction \(transaction.id)")
        return (.published(transaction), Step(step, events: [event]))
    }
}
