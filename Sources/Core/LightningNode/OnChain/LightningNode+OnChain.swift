import Bitcoin
import LightningChannel
import LightningCommitment
import LightningCrypto
import LightningOnChain
import LightningPayment
import LightningWire

/// Channels that end on the chain.
extension LightningNode {
    /// Stops a channel and sees to its end on the chain, with this side's own commitment where `publishing` asks for it.
    ///
    /// `tip` is the last block that need not be told; nil for the present one.
    mutating func goOnChain(
        _ number: ChannelKeyNumber, publishing: Bool, tip: BlockHeight? = nil, at moment: Moment
    ) -> Step {
        var step = Step()
        if closings[number] == nil {
            // What is proposed and not signed never was.
            step.append(feed(.disconnected, to: number, at: moment))
            guard let established = channels[number]?.established else { return step }
            do throws(ChannelError) {
                let snapshot = try ChannelSnapshot(established) { expiry(of: $0) }
                let machine = OnChainChannel(
                    snapshot, policy: policy.onChain, tip: tip ?? height)
                closings[number] = machine
                step.writes += machine.openingWrites
                step.append(
                    watch([snapshot.funding.outPoint], of: number))
            } catch {
                step.append(log(.error, number, "cannot be followed on the chain: \(error)"))
                return step
            }
        }
        guard publishing, let signer = channels.signers[number],
            let index = closings.index(forKey: number)
        else { return step }
        do throws(OnChainError) {
            let isNew = !closings.values[index].isPublishing
            let result = try closings.values[index].publish(signer)
            step.append(take(result, of: number, at: moment))
            if isNew, let id = closings[number]?.snapshot.local.id {
                step.append(tell(number) { .closing($0, id) })
            }
        } catch {
            step.append(log(.error, number, "is not closed: \(error)"))
        }
        return step
    }

    /// When the HTLC expires that one with `origin` forwards; nil where it is this node's own payment, or gone.
    func expiry(of origin: HTLCOrigin) -> BlockHeight? {
        switch origin {
        case .payment: nil
        case .forward(let channel, let id):
            channels[channel]?.commitments?.htlc(HTLCKey(offerer: .remote, id: id))?.cltvExpiry
        }
    }

    /// Hands a channel on the chain an input, and draws the consequences.
    mutating func feedOnChain(
        _ input: OnChainInput, to number: ChannelKeyNumber, at moment: Moment
    ) -> Step {
        guard let index = closings.index(forKey: number) else { return Step() }
        let result = closings.values[index].receive(input)
        return take(result, of: number, at: moment)
    }

    private mutating func take(
        _ result: OnChainStep, of number: ChannelKeyNumber, at moment: Moment
    ) -> Step {
        var step = Step(writes: result.writes)
        for event in result.events { step.append(take(event, of: number, at: moment)) }
        return step
    }

    /// Does what an event of a channel on the chain asks for.
    mutating func take(
        _ event: OnChainEvent, of number: ChannelKeyNumber, at moment: Moment
    ) -> Step {
        switch event {
        case .claim(let claim): return publish(.claim(claim), at: moment)
        case .withdraw(let id): return publish(.withdraw(id), at: moment)
        case .watch(let outPoints): return watch(outPoints, of: number)
        case .fundingSpent(let spend, let id, let height):
            var step = noteSpent(number, spend, id, height)
            step.append(
                tell(number) { .closed($0, ClosedChannel.Kind(spend), id, height: height) })
            // A commitment of this side's own that a backup does not remember still pays it.
            if case .unknown(let reason) = spend, let commitment = reason.number,
                let point = try? channels.signers[number]?.perCommitmentPoint(commitment)
            {
                let input = OnChainInput.localPoint(commitment: commitment, point)
                step.append(feedOnChain(input, to: number, at: moment))
            }
            return step
        case .fundingUnspent: return closeAgain(number, at: moment)
        case .loadFormerHTLCs: return loadFormerHTLCs(of: number, at: moment)
        case .offeredFulfilled(let id, let preimage):
            return fulfill(
                origin(of: id, in: number), preimage, attribution: nil, out: (number, id),
                at: moment)
        case .offeredFailed(let id):
            return failOnChain(origin(of: id, in: number), at: moment)
        case .receivedEnded(let id, let isOurs):
            return log(
                .info, number,
                "HTLC \(id) has ended on the chain, \(isOurs ? "taken" : "not taken")")
        case .closed(let summary): return close(number, summary, at: moment)
        }
    }

    /// What had closed a channel is in the chain no more. The channel does not come back to life for that: nothing was
    /// signed since, and what closed it may be mined again. Where both have signed a close that is offered again, and else
    /// this side's commitment.
    private mutating func closeAgain(_ number: ChannelKeyNumber, at moment: Moment) -> Step {
        guard channels[number]?.established?.closings.isEmpty ?? true,
            closings[number]?.isPublishing == false
        else { return Step() }
        return goOnChain(number, publishing: true, at: moment)
    }

    /// What this side offered an HTLC for.
    private func origin(of id: UInt64, in number: ChannelKeyNumber) -> HTLCOrigin? {
        channels[number]?.commitments?.htlc(HTLCKey(offerer: .local, id: id))?.origin
    }

    private func noteSpent(
        _ number: ChannelKeyNumber, _ spend: FundingSpend, _ id: TransactionID,
        _ height: BlockHeight
    ) -> Step {
        switch spend {
        case .mutual, .local, .remote, .remoteNext:
            log(.info, number, "is closed by \(id) in block \(height): \(spend)")
        case .revoked(let commitment):
            log(
                .warn, number,
                "the peer has published its revoked commitment \(commitment) as \(id) in block \(height): all of the channel's money is being taken"
            )
        // BOLT 5: "MUST warn the user of potentially lost funds."
        case .unknown(let reason):
            log(
                .error, number,
                "is closed by \(id) in block \(height), which this node does not know (\(reason)): money may be lost"
            )
        }
    }

    // MARK: The past

    /// Reads the HTLCs of revoked commitments, a part at a time.
    private mutating func loadFormerHTLCs(
        of number: ChannelKeyNumber, at moment: Moment
    ) -> Step {
        guard let commitments = channels[number]?.commitments else { return Step() }
        let parts = Party.allCases.flatMap { party in
            ChannelRecordKey.htlcPrefixes(
                of: party, below: commitments.nextID(of: party), number)
        }
        guard !parts.isEmpty else {
            return feedOnChain(.formerHTLCs([], isLast: true), to: number, at: moment)
        }
        return read(FormerHTLCRead(number: number, remaining: parts))
    }

    private mutating func read(_ read: FormerHTLCRead) -> Step {
        var read = read
        guard let part = read.remaining.popLast() else { return Step() }
        return load(
            .channelPastHTLC, prefix: part, for: .formerHTLCs(read))
    }

    /// Takes HTLCs of the past.
    mutating func take(
        _ records: [StoredRecord], for read: FormerHTLCRead, at moment: Moment
    ) -> Step {
        var step = Step()
        var found: [FormerHTLC] = []
        for record in records {
            do throws(RecordError) {
                found.append(
                    FormerHTLC(try PastHTLC(recordKey: record.key, record: record.value)))
            } catch {
                step.append(log(.error, read.number, "has a damaged record: \(error)"))
            }
        }
        let input = OnChainInput.formerHTLCs(found, isLast: read.remaining.isEmpty)
        step.append(feedOnChain(input, to: read.number, at: moment))
        step.append(self.read(read))
        return step
    }
}

/// HTLCs of the past that are being read.
struct FormerHTLCRead: Sendable {
    let number: ChannelKeyNumber
    /// What the keys start with that are still to be read.
    var remaining: [[UInt8]]
}

extension FormerHTLC {
    init(_ htlc: PastHTLC) {
        self.init(
            name: LightningOnChain.HTLCName(
                htlc.key.offerer == .local ? .offered : .received, htlc.key.id),
            paymentHash: htlc.paymentHash, cltvExpiry: htlc.cltvExpiry,
            remoteCommitments: htlc.remoteCommitments)
    }
}
