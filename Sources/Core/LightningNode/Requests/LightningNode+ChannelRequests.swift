import Bitcoin
import LightningChannel
import LightningCommitment
import LightningOnChain
import LightningWallet
import LightningWire

/// What users ask of channels.
extension LightningNode {
    /// Grants or refuses a request about channels. Where it takes time the answer comes later.
    mutating func receive(
        _ request: ChannelRequest, as id: RequestID, at moment: Moment
    ) -> Step {
        do throws(ChannelRequestError) {
            return try grant(request, as: id, at: moment)
        } catch {
            return refusal(of: id, .channel(error))
        }
    }

    private mutating func grant(
        _ request: ChannelRequest, as id: RequestID, at moment: Moment
    ) throws(ChannelRequestError) -> Step {
        switch request {
        case .open(let openings, let feerate, let coins):
            return try open(openings, feerate, coins, for: id, at: moment)
        case .openFromOutside(let openings):
            return try open(openings, .outside, for: id, at: moment)
        case .verifyFunding(let funding, let psbt):
            return try verify(psbt, for: funding, asker: id, at: moment)
        case .finalizeFunding(let funding, let transaction):
            return try finalize(transaction, for: funding, asker: id, at: moment)
        case .cancelFunding(let funding):
            guard fundings[funding] != nil else { throw .unknownFunding(funding) }
            let step = cancelFunding(
                funding, .channel(.forgotten(.abandoned)), at: moment)
            return step + reply(id, .done)
        case .close(let channel, let script, let feerate):
            return try close(channel, to: script, feerate, asker: id, at: moment)
        case .forceClose(let channel): return try forceClose(channel, asker: id, at: moment)
        case .raiseClosingFee(let funding, let rate, let budget):
            return try raiseClosingFee(of: funding, to: rate, budget, asker: id, at: moment)
        case .askAboutOffers(let isAsking):
            offers.isAsking = isAsking
            return reply(id, .done)
        case .answerOffer(let channel, let peer, let answer):
            return try self.answer(channel, of: peer, answer, at: moment) + reply(id, .done)
        case .abandon(let channel):
            let step = try perform(.abandon, on: channel, at: moment)
            return step + reply(id, .done)
        case .setPolicy(let scope, let change):
            return try setPolicy(scope, change, at: moment) + reply(id, .done)
        case .list: return reply(id, .channels(channels.numbers.compactMap(report)))
        }
    }

    /// Opens channels that the wallet pays, where it can.
    private mutating func open(
        _ openings: [ChannelOpening], _ feerate: FeeratePerKw?, _ coins: CoinChoice,
        for id: RequestID, at moment: Moment
    ) throws(ChannelRequestError) -> Step {
        for opening in openings {
            guard links[opening.peer]?.features != nil else { throw .notConnected(opening.peer) }
        }
        let rate = feerate ?? feeEstimates?.feerate(within: 6) ?? policy.channels.fallbackFeerate
        var (openings, coins) = (openings, coins)
        do throws(SpendError) {
            try afford(&openings, rate, &coins, at: moment)
        } catch {
            return refusal(of: id, .spend(error))
        }
        return try open(openings, .wallet(rate, coins), for: id, at: moment)
    }

    /// Throws where the wallet cannot pay for the channels, before their peers are asked. One that takes all gets its
    /// amount.
    private func afford(
        _ openings: inout [ChannelOpening], _ feerate: FeeratePerKw, _ coins: inout CoinChoice,
        at moment: Moment
    ) throws(SpendError) {
        // Any script of a funding output's length will do.
        let script = Script.payToWitnessScriptHash(SHA256.hash([]))
        var request = SpendRequest(
            outputs: openings.map { TransactionOutput(amount: $0.amount, scriptPubKey: script) },
            feeRate: feerate, coins: coins, reserve: reserve(adding: openings.count))
        if openings.count == 1, openings[0].takesAll {
            let (amount, chosen) = try wallet.largestOutput(
                to: script, request, entropy: moment.entropy, now: moment.time)
            guard amount >= openings[0].amount else {
                throw .insufficientFunds(available: amount, needed: openings[0].amount)
            }
            openings[0].amount = amount
            coins.exactly = chosen
            request.coins = coins
            request.outputs[0].amount = amount
        }
        _ = try wallet.plan(request, entropy: moment.entropy, now: moment.time)
    }

    private mutating func perform(
        _ command: ChannelCommand, on id: ChannelID, at moment: Moment
    ) throws(ChannelRequestError) -> Step {
        guard let number = channels.number(of: id) else { throw .unknownChannel(id) }
        do {
            return try perform(command, on: number, at: moment)
        } catch {
            throw .channel(error)
        }
    }

    /// Publishes this side's commitment; whoever asked is answered when the chain has it.
    private mutating func forceClose(
        _ id: ChannelID, asker: RequestID, at moment: Moment
    ) throws(ChannelRequestError) -> Step {
        let wasPublishing = channels.number(of: id).flatMap { closings[$0]?.isPublishing } ?? false
        let step = try perform(.forceClose, on: id, at: moment)
        guard let number = channels.number(of: id),
            let commitment = closings[number]?.snapshot.local.id
        else { return step + reply(asker, .done) }
        let answer = NodeReply.closingAlone(commitment)
        // One that was offered before is not offered again for this.
        guard !wasPublishing else { return step + reply(asker, answer) }
        answerLater(commitment, for: .closing(answer), asker: asker, at: moment)
        return step
    }

    /// Asks the peer for a mutual close; whoever asked is answered when there is a transaction.
    private mutating func close(
        _ id: ChannelID, to script: Script?, _ feerate: FeeratePerKw?, asker: RequestID,
        at moment: Moment
    ) throws(ChannelRequestError) -> Step {
        guard let number = channels.number(of: id) else { throw .unknownChannel(id) }
        let before = wallet
        var next = wallet
        var step = Step()
        let target: Script
        if let script {
            target = script
        } else if let own = closingScript(of: number, from: &next, &step) {
            target = own
        } else {
            throw .notNow(reason: "the wallet has no address left")
        }
        // The close itself may have the wallet do more.
        wallet = next
        do throws(ChannelError) {
            let command = ChannelCommand.close(CloseRequest(script: target, feerate: feerate))
            closeAskers[number, default: []].append(asker)
            return step + (try perform(command, on: number, at: moment))
        } catch {
            wallet = before
            closeAskers[number]?.removeAll { $0 == asker }
            throw .channel(error)
        }
    }

    /// Where the wallet is to be paid by a close: the script that was fixed at the opening, or a new one.
    private func closingScript(
        of number: ChannelKeyNumber, from wallet: inout Wallet, _ step: inout Step
    ) -> Script? {
        guard let channel = channels[number] else { return nil }
        if let fixed = channel.commitments?.parameters.local.upfrontShutdownScript { return fixed }
        let takesTaproot = links[channel.peer]?.features?.supports(.shutdownAnySegwit) ?? false
        do {
            let account = takesTaproot ? AccountKind.taproot : .witness
            let (address, _, result) = try wallet.newAddress(account)
            step.append(Step(result))
            return address.script
        } catch {
            return nil
        }
    }

    /// The peer closes: says where this side is paid.
    mutating func answerShutdown(of number: ChannelKeyNumber, at moment: Moment) -> Step {
        var next = wallet
        var step = Step()
        guard let script = closingScript(of: number, from: &next, &step) else {
            return log(.error, number, "cannot be closed: the wallet has no address left")
        }
        wallet = next
        do throws(ChannelError) {
            let command = ChannelCommand.close(CloseRequest(script: script))
            step.append(try perform(command, on: number, at: moment))
        } catch {
            step.append(log(.error, number, "does not close: \(error)"))
        }
        return step
    }

    /// An answer of a request that was granted.
    func reply(_ id: RequestID, _ reply: NodeReply) -> Step {
        var step = Step()
        step.request(.reply(id, .success(reply)))
        return step
    }

    /// The answer of a request that was not.
    func refusal(of id: RequestID, _ failure: NodeFailure) -> Step {
        var step = Step()
        step.request(.reply(id, .failure(failure)))
        return step
    }

    /// A channel as it stands.
    func report(_ number: ChannelKeyNumber) -> ChannelReport? {
        guard let channel = channels[number] else { return nil }
        let established = channel.established
        let commitments = channel.commitments
        return ChannelReport(
            number: number, peer: channel.peer, channelID: channel.channelID,
            state: channel.state, isOpener: channel.opener == .local,
            isConnected: established?.isConnected ?? (links[channel.peer]?.features != nil),
            funding: commitments?.fundings[0].funding, balances: commitments?.fundings[0].settled,
            htlcCount: (commitments?.offered.count ?? 0) + (commitments?.received.count ?? 0),
            details: details(number), feerate: commitments?.feerate,
            names: established?.names ?? [], announcement: announcementState(of: number),
            policy: forwardingPolicy(of: number), terms: gossip.channels[number]?.update,
            peerTerms: peerTerms(of: number), closing: closingReport(number))
    }
}

/// Funding by somebody else's transaction.
extension LightningNode {
    /// Takes the transaction that funds the channels of a plan: from now on the peers sign.
    private mutating func verify(
        _ psbt: PSBT, for id: FundingID, asker: RequestID, at moment: Moment
    ) throws(ChannelRequestError) -> Step {
        guard let plan = fundings[id], plan.source == .outside, plan.isAgreed else {
            throw .unknownFunding(id)
        }
        guard plan.transaction == nil else {
            throw .notNow(reason: "the peers sign for this funding already")
        }
        let transaction: Transaction
        do {
            transaction = try psbt.unsignedTransaction()
        } catch {
            throw .fundingNotSigned(error)
        }
        if let missing = plan.outputs.first(where: { !transaction.outputs.contains($0) }) {
            throw .fundingOutputMissing(missing)
        }
        guard psbt.hasFinalIdentifier else { throw .fundingNotFinal(transaction.id) }
        fundings[id]?.asker = asker
        // Known from now on: should the node be stopped before the signed one comes, its channels are not given up.
        return keepFunding(transaction) + useFunding(transaction, of: id, at: moment)
    }

    /// Publishes the signed transaction that the peers have signed for.
    private mutating func finalize(
        _ transaction: Transaction, for id: FundingID, asker: RequestID, at moment: Moment
    ) throws(ChannelRequestError) -> Step {
        guard let plan = fundings[id], plan.source == .outside, let known = plan.transaction else {
            throw .unknownFunding(id)
        }
        guard transaction.id == known.id else {
            throw .wrongFunding(expected: known.id, actual: transaction.id)
        }
        // What the transaction pays for a channel whose peer has not signed could be taken by nobody.
        let together = fundings.filter { $0.value.isOutside(in: transaction) }
        guard plan.isSigned, together.values.allSatisfy(\.isSigned) else {
            throw .notNow(reason: "not all peers have signed yet")
        }
        fundings[id]?.asker = asker
        let step = publishFunding(transaction, of: id, at: moment)
        for other in together.keys { fundings[other] = nil }
        return step
    }

    /// Keeps a funding transaction that is not the wallet's until it is in the chain for good, and offers it if it is signed.
    mutating func keepFunding(_ transaction: Transaction) -> Step {
        foreignFundings[transaction.id] = transaction
        var step = Step(writes: [NodeRecords.funding(transaction)])
        if transaction.isSigned { step.request(.broadcast(transaction)) }
        return step
    }

    /// A funding transaction is in the chain for good or given up; one that the node kept need not be offered any more.
    mutating func dropFunding(_ id: TransactionID) -> Step {
        guard foreignFundings.removeValue(forKey: id) != nil else { return Step() }
        return Step(writes: [NodeRecords.fundingRemoval(id)])
    }
}

extension PSBT {
    /// Whether signing changes nothing that the transaction's identifier covers: all inputs spend segwit outputs, and
    /// nested ones have their script already.
    fileprivate var hasFinalIdentifier: Bool {
        inputs.allSatisfy { input in
            guard let script = input.witnessOutput?.scriptPubKey else { return false }
            return script.witnessProgram != nil
        }
    }
}
