import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWallet
import LightningWire

/// Opening channels and making the transactions that fund them.
extension LightningNode {
    /// The name under which coins are kept for funding transactions in the making.
    static let fundingLease = SHA256.hash(Array("funding of channels".utf8))

    // MARK: As opener

    /// Asks peers for channels that one transaction will fund.
    mutating func open(
        _ openings: [ChannelOpening], _ source: FundingPlan.Source, for asker: RequestID,
        at moment: Moment
    ) throws(ChannelRequestError) -> Step {
        guard isCaughtUp else { throw .notNow(reason: Self.blindness) }
        guard !openings.isEmpty else { throw .notNow(reason: "no channel is asked for") }
        for opening in openings {
            guard links[opening.peer]?.features != nil else { throw .notConnected(opening.peer) }
        }
        // Where one is refused, none is asked for.
        let policies = try openings.map { opening throws(ChannelRequestError) in
            try opening.policy.map { change throws(ChannelRequestError) in
                try applied(change, to: commonPolicy)
            }
        }
        var made: [(Channel, InProcessSigner, ChannelStep)] = []
        for (offset, opening) in openings.enumerated() {
            let (number, signer) = try keys(after: UInt32(offset))
            let request = opening.request(
                number, chain: wallet.network.genesisHash, policy.channels)
            do throws(OpeningError) {
                let (channel, result) = try Channel.open(
                    request, context(of: opening.peer), signer)
                made.append((channel, signer, result))
            } catch {
                throw .opening(error)
            }
        }

        fundingNumber += 1
        fundings[FundingID(fundingNumber)] = FundingPlan(
            source: source,
            deadline: source == .outside ? nil : moment.time + policy.channels.fundingTime,
            asker: asker,
            members: zip(made, policies).map {
                FundingPlan.Member(number: $0.0.keys, policy: $1)
            })
        var step = Step()
        for (channel, signer, result) in made {
            step.append(begin(channel, signer, result, at: moment))
        }
        return step
    }

    /// The channel keys that come next, or `offset` after them.
    private func keys(
        after offset: UInt32
    ) throws(ChannelRequestError) -> (ChannelKeyNumber, InProcessSigner) {
        guard let number = ChannelKeyNumber(nextKeys + offset) else { throw .noKeys }
        do {
            return (number, try keys.channels.signer(number))
        } catch {
            throw .noKeys
        }
    }

    /// Adds a new channel. The number of its keys is durable with the step, before anything of them is seen.
    private mutating func begin(
        _ channel: Channel, _ signer: InProcessSigner, _ result: ChannelStep, at moment: Moment
    ) -> Step {
        nextKeys = channel.keys.value + 1
        channels.insert(channel, signer)
        var step = Step(writes: [NodeRecords.nextKeys(nextKeys)])
        step.append(take(result, of: channel.keys, at: moment))
        return step
    }

    /// A peer agrees to a channel. When all of its plan have, the funding transaction is made or asked for.
    mutating func agree(
        to wanted: FundingWanted, for number: ChannelKeyNumber, at moment: Moment
    ) -> Step {
        guard let (id, position) = plan(of: number) else { return Step() }
        fundings[id]?.members[position].wanted = wanted
        guard let plan = fundings[id], plan.isAgreed else { return Step() }
        switch plan.source {
        case .wallet(let feerate, let coins):
            return makeFunding(plan, id, feerate, coins, at: moment)
        case .outside:
            var step = Step()
            if let asker = fundings[id]?.asker.take() {
                step.request(.reply(asker, .success(.fundingWanted(id, plan.outputs))))
            }
            return step
        }
    }

    /// Has the wallet make the transaction of a plan, and names its outputs to the peers.
    private mutating func makeFunding(
        _ plan: FundingPlan, _ id: FundingID, _ feerate: FeeratePerKw, _ coins: CoinChoice,
        at moment: Moment
    ) -> Step {
        let request = SpendRequest(
            outputs: plan.outputs, feeRate: feerate, coins: coins,
            reserve: reserve(adding: plan.members.count))
        do throws(SpendError) {
            var next = wallet
            let (spend, result) = try next.fund(
                request, leaseID: Self.fundingLease,
                until: moment.time + policy.channels.fundingTime, entropy: moment.entropy,
                now: moment.time)
            let transaction = try next.signed(spend, keys: keys)
            wallet = next
            var step = Step(result)
            step.append(useFunding(transaction, of: id, at: moment))
            return step
        } catch {
            return cancelFunding(id, .spend(error), at: moment)
        }
    }

    /// Names the outputs of `transaction`, whose identifier is certain, to the peers.
    mutating func useFunding(
        _ transaction: Transaction, of id: FundingID, at moment: Moment
    ) -> Step {
        guard let plan = fundings[id], let outPoints = plan.outPoints(in: transaction) else {
            return Step()
        }
        fundings[id]?.transaction = transaction
        var step = Step()
        for (member, outPoint) in zip(plan.members, outPoints) {
            step.append(feed(.funded(outPoint), to: member.number, at: moment))
        }
        return step
    }

    /// A peer has signed. When all of the plan have, the wallet's transaction is published.
    mutating func noteFundingSigned(_ number: ChannelKeyNumber, at moment: Moment) -> Step {
        guard let (id, position) = plan(of: number) else { return Step() }
        fundings[id]?.members[position].isSigned = true
        guard let plan = fundings[id], plan.isSigned, let transaction = plan.transaction else {
            return Step()
        }
        switch plan.source {
        case .wallet: return publishFunding(transaction, of: id, at: moment)
        case .outside:
            // Whoever has the coins signs now.
            var step = Step()
            if let asker = fundings[id]?.asker.take() {
                step.request(.reply(asker, .success(.done)))
            }
            return step
        }
    }

    /// Publishes the funding transaction of a plan, which is carried out with that; whoever asked hears of it when the chain has
    /// it.
    mutating func publishFunding(
        _ transaction: Transaction, of id: FundingID, at moment: Moment
    ) -> Step {
        guard let plan = fundings[id] else { return Step() }
        var step: Step
        do throws(WalletError) {
            step = Step(try wallet.publish(transaction, now: moment.time))
        } catch {
            guard plan.source == .outside else {
                // Its coins are spent meanwhile.
                return cancelFunding(id, .wallet(error), at: moment)
            }
            step = Step()
        }
        // The wallet sees to its own transactions alone.
        if plan.source == .outside { step.append(keepFunding(transaction)) }
        fundings[id] = nil
        if let asker = plan.asker {
            let purpose = AwaitedBroadcast.Purpose.opening(plan.members.map(\.number), transaction)
            answerLater(transaction.id, for: purpose, asker: asker, at: moment)
        }
        return step
    }

    // MARK: Giving up

    /// A channel is gone before it was funded: the others of its plan go with it.
    mutating func abandonFunding(
        of number: ChannelKeyNumber, because reason: ForgottenReason, at moment: Moment
    ) -> Step {
        guard let (id, _) = plan(of: number) else { return Step() }
        return cancelFunding(id, .channel(.forgotten(reason)), at: moment)
    }

    /// Gives up a plan: its channels are forgotten and its coins are free again.
    mutating func cancelFunding(
        _ id: FundingID, _ failure: NodeFailure, at moment: Moment
    ) -> Step {
        guard let plan = fundings.removeValue(forKey: id) else { return Step() }
        var step = Step()
        if let asker = plan.asker { step.request(.reply(asker, .failure(failure))) }
        for member in plan.members where channels[member.number] != nil {
            step.append(
                (try? perform(.abandon, on: member.number, at: moment)) ?? Step())
        }
        if case .outside = plan.source, let transaction = plan.transaction {
            step.append(dropFunding(transaction.id))
        }
        if case .wallet = plan.source, let transaction = plan.transaction {
            for input in transaction.inputs {
                let released = try? wallet.release(input.previousOutput, id: Self.fundingLease)
                if let released { step.append(Step(released)) }
            }
        }
        return step
    }

    /// A transaction was refused. Where it funds channels and the wallet has given it up, there will be none.
    mutating func giveUpFunding(_ id: TransactionID, at moment: Moment) -> Step {
        guard wallet.transaction(id)?.status.isActive == false else { return Step() }
        var step = Step()
        for number in awake.sorted() where isUnmined(number, fundedBy: id) {
            step.append((try? perform(.abandon, on: number, at: moment)) ?? Step())
        }
        return step
    }

    /// Gives up the channels whose funding can never be mined, since blocks deep enough hold what spends the same coins.
    mutating func giveUpDoubleSpent(at moment: Moment) -> Step {
        var step = Step()
        for number in awake.sorted() {
            guard let id = channels[number]?.established?.funding.outPoint.transactionID,
                isUnmined(number, fundedBy: id),
                case .inactive(.conflicted(_, let block), _)? = wallet.transaction(id)?.status,
                height - block.height + 1 >= Int64(policy.onChain.safeDepth)
            else { continue }
            step.append(feed(.fundingDoubleSpent, to: number, at: moment))
        }
        return step
    }

    /// Whether channels lose their funding when `id` is replaced.
    ///
    /// The replacement would pay the same scripts, but the commitments spend outputs of the transaction that was there: what
    /// it pays could be taken by nobody.
    func fundsChannels(_ id: TransactionID) -> Bool {
        let replaced = wallet.replaced(with: id)
        let pending = fundings.values.compactMap(\.transaction) + foreignFundings.values
        return channels.channels.values.contains { channel in
            channel.commitments?.fundings.contains {
                replaced.contains($0.funding.outPoint.transactionID)
            } ?? false
        }
            || pending.contains { transaction in
                replaced.contains(transaction.id)
                    || transaction.inputs.contains {
                        replaced.contains($0.previousOutput.transactionID)
                    }
            }
    }

    /// Whether this side has opened the channel with transaction `id`, which no block holds.
    private func isUnmined(_ number: ChannelKeyNumber, fundedBy id: TransactionID) -> Bool {
        guard let channel = channels[number], channel.opener == .local, closings[number] == nil,
            let established = channel.established
        else { return false }
        return established.position == nil && established.funding.outPoint.transactionID == id
    }

    /// Gives up the plans that take too long: the coins that are kept for them come free.
    mutating func giveUpLatePlans(at moment: Moment) -> Step {
        let late = fundings.filter { $0.value.deadline.map { $0 <= moment.time } ?? false }
        return late.keys.sorted().reduce(into: Step()) { step, id in
            let reason = "the peer takes too long"
            step.append(cancelFunding(id, .channel(.notNow(reason: reason)), at: moment))
        }
    }

    /// The plan that funds a channel, and the channel's place in it.
    func plan(of number: ChannelKeyNumber) -> (FundingID, Int)? {
        for (id, plan) in fundings {
            if let position = plan.members.firstIndex(where: { $0.number == number }) {
                return (id, position)
            }
        }
        return nil
    }

    // MARK: As accepter

    /// Takes or refuses the channel that a peer asks for.
    mutating func accept(
        _ message: OpenChannel, from peer: PublicKey, at moment: Moment
    ) -> Step {
        if let reason = objection(to: message, from: peer, at: moment) {
            return refuse(message, of: peer, because: reason)
        }
        guard !offers.isAsking else { return ask(about: message, from: peer, at: moment) }
        return accept(message, from: peer, OfferTerms(), at: moment)
    }

    /// Takes a channel that nothing speaks against, where its own terms do not.
    mutating func accept(
        _ message: OpenChannel, from peer: PublicKey, _ terms: OfferTerms, at moment: Moment
    ) -> Step {
        var accepted = policy.channels.acceptPolicy(of: peer, chain: wallet.network.genesisHash)
        terms.apply(to: &accepted)
        do {
            let (number, signer) = try keys(after: 0)
            let (channel, result) = try Channel.accept(
                message, as: number, from: peer, accepted, context(of: peer), signer)
            openingCounts.note(peer)
            return begin(channel, signer, result, at: moment)
        } catch let error as OpeningError {
            var step = Step(events: [
                NodeEvent(.info, .channel, "a channel of \(peer.short) is refused: \(error)")
            ])
            step.request(.send(peer, [Channel.refusal(error, of: message)]))
            return step
        } catch {
            return Step(events: [NodeEvent(.error, .channel, "no keys are left for channels")])
        }
    }

    /// Why no channel of the peer is taken now, whatever it is; nil where one is.
    private mutating func objection(
        to message: OpenChannel, from peer: PublicKey, at moment: Moment
    ) -> String? {
        guard isCaughtUp else { return Self.blindness }
        guard channels.number(of: message.temporaryChannelID, with: peer) == nil,
            !offers.contains(message.temporaryChannelID, of: peer)
        else { return "temporary_channel_id: in use" }
        let pending = channels.numbers(of: peer).count { number in
            channels[number].map { $0.opener == .remote && $0.state.isPending } ?? false
        }
        guard pending + offers.count(of: peer) < policy.channels.pendingPerPeer else {
            // Clients of lnd look for its words.
            return "Number of pending channels exceed maximum"
        }
        let openings = channels.channels.values.count { $0.state == .opening }
        guard openings + offers.count < policy.channels.openings else {
            return "too many channels are opened now"
        }
        let unmined = channels.channels.values.count(where: \.isUnminedOfPeer)
        guard unmined < policy.channels.unmined else {
            return "too many channels wait for their funding to be mined"
        }
        openingCounts.forget(before: moment.time, window: policy.channels.openingWindow)
        guard openingCounts.total < policy.channels.openingsInAll,
            openingCounts.count(of: peer) < policy.channels.openingsPerPeer
        else { return "too many channels were asked for: try again later" }
        return nil
    }
}

extension Channel {
    /// Whether a peer has opened the channel and nothing of it is in the chain, nor was done over it: it cost the peer nothing
    /// so far, and may be one of very many.
    var isUnminedOfPeer: Bool {
        guard opener == .remote, let established else { return false }
        return established.position == nil && established.isUntouched
    }
}

extension ChannelState {
    /// Whether the channel is not open yet.
    var isPending: Bool {
        switch self {
        case .opening, .waitForReady: true
        case .normal, .shuttingDown, .negotiating, .failed, .outdated, .restored, .spent,
            .forgotten:
            false
        }
    }
}
