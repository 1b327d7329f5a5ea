import Bitcoin
import LightningCrypto
import LightningWire

/// What comes in and goes out again: decides by the policies of the channels, remembers what an answer takes while the
/// HTLC is out, and hands answers back (BOLT 4).
///
///     channel in            Forwarding             channel out
///     received ---------->  receive
///                             | .forward --------> offered
///     resolved <-----------  fulfill <------------ preimage learnt
///     resolved <-----------  fail <--------------- removal irrevocably committed, or timed out on the chain
///
/// Nothing here is stored: the channel that came first holds the HTLC with its onion, the channel that came last holds
/// the HTLC with its origin. After a start the node hands in all HTLCs that are open, with ``resume(_:)`` where one went
/// out and ``receive(_:inboundFee:channels:at:)`` where none did.
public struct Forwarding: Sendable {
    private let secrets: PaymentSecrets
    /// How many blocks must be left before an outgoing HTLC expires.
    private let expiryMargin: UInt32
    private var pending: [HTLCName: PendingForward] = [:]
    private var seen = SeenOnions()
    private var delayed = DeadlineQueue<AnsweredHTLC>()

    /// The blocks that an outgoing HTLC must have left unless told otherwise.
    public static let usualExpiryMargin: UInt32 = 13
    /// The failures of an introduction node wait for up to so many milliseconds.
    static let longestDelay: UInt64 = 1000

    /// An HTLC that is out.
    private struct PendingForward {
        let htlc: AnswerableHTLC
        let incomingAmount: MilliSatoshi
        let outgoingAmount: MilliSatoshi
    }

    /// Starts with nothing on the way.
    ///
    /// `expiryMargin` is how many blocks an outgoing HTLC must have left: enough for its peer to claim it without haste, so
    /// that no channel is closed for it.
    public init(secrets: PaymentSecrets, expiryMargin: UInt32 = usualExpiryMargin) {
        self.secrets = secrets
        self.expiryMargin = expiryMargin
    }

    /// How many HTLCs are on the way.
    public var count: Int { pending.count }

    /// What an HTLC holds that is on the way, and what goes on of it; nil where there is none.
    public func payment(_ incoming: HTLCName) -> ForwardedPayment? {
        pending[incoming].map {
            ForwardedPayment(
                incoming: incoming, incomingAmount: $0.incomingAmount,
                outgoingAmount: $0.outgoingAmount)
        }
    }

    /// When ``advance(to:)`` has something to do next, in milliseconds since 1970.
    public var nextDeadline: UInt64? { delayed.next }

    // MARK: - On the way out

    /// Decides about an HTLC that came in.
    ///
    /// - Parameters:
    ///   - inboundFee: of the channel that it came in by.
    ///   - formerInboundFee: what that was before it was changed, while it is still taken.
    ///   - channels: all channels of this node with the peer that the onion names, the named one first; empty where there is
    ///     none, or where the HTLC is not to go on. An alias is as good as a place in the chain.
    public mutating func receive(
        _ opened: OpenedHTLC, inboundFee: InboundFee = .none, formerInboundFee: InboundFee? = nil,
        channels candidates: [OutgoingChannel] = [], at moment: PaymentMoment
    ) -> ForwardingDecision {
        let name = opened.received.name
        if let secret = opened.content.sharedSecret, !seen.insert(secret, for: name) {
            return refuse(opened, .temporaryNodeFailure, at: moment)
        }
        if opened.received.exceedsDustExposure {
            return refuse(opened, .temporaryChannelFailure(), at: moment)
        }
        switch opened.content {
        case .refuse(let refusal):
            return answer(refusal, opened, at: moment)
        case .receive(let receipt):
            return .receive(
                ReceivedPart(
                    receipt: receipt, htlc: opened.answerable(receipt.reporter, at: moment),
                    isRepeated: opened.received.isRepeated))
        case .forward(let forward):
            let inboundFees = [inboundFee] + [formerInboundFee].compactMap { $0 }
            if let problem = problem(forward, inboundFees, candidates, at: moment) {
                return refuse(opened, problem, at: moment)
            }
            let usable = candidates.filter {
                self.problem(forward, inboundFees, [$0], at: moment) == nil
            }
            remember(forward, opened, at: moment)
            return .forward(
                ForwardedHTLC(
                    incoming: name, channels: usable.map(\.number), amount: forward.amount,
                    paymentHash: forward.paymentHash, cltvExpiry: forward.cltvExpiry,
                    onion: forward.packet.bytes, pathKey: forward.pathKey))
        }
    }

    /// Takes up an HTLC whose successor is still offered after a start.
    public mutating func resume(_ opened: OpenedHTLC, at moment: PaymentMoment) {
        guard case .forward(let forward) = opened.content else { return }
        _ = seen.insert(forward.reporter.sharedSecret, for: opened.received.name)
        remember(forward, opened, at: moment)
    }

    private mutating func remember(
        _ forward: PaymentForward, _ opened: OpenedHTLC, at moment: PaymentMoment
    ) {
        pending[opened.received.name] = PendingForward(
            htlc: opened.answerable(forward.reporter, at: moment),
            incomingAmount: forward.incomingAmount, outgoingAmount: forward.amount)
    }

    /// Why none of the channels may carry the HTLC: what is wrong with the first, which the onion named; nil where one may.
    private func problem(
        _ forward: PaymentForward, _ inboundFees: [InboundFee], _ channels: [OutgoingChannel],
        at moment: PaymentMoment
    ) -> Failure? {
        var first: Failure?
        for channel in channels {
            for policy in [channel.policy] + [channel.formerPolicy].compactMap({ $0 }) {
                for inboundFee in inboundFees {
                    guard
                        let problem = problem(
                            forward, inboundFee, policy, channel.available, at: moment)
                    else { return nil }
                    first = first ?? problem
                }
            }
        }
        return channels.isEmpty ? .unknownNextPeer : first
    }

    private func problem(
        _ forward: PaymentForward, _ inboundFee: InboundFee, _ policy: ForwardingPolicy,
        _ available: MilliSatoshi, at moment: PaymentMoment
    ) -> Failure? {
        // BOLT 2 has no HTLCs of nothing.
        let terms = ForwardingTerms(
            relay: policy.relay, htlcMinimum: max(policy.htlcMinimum, MilliSatoshi(1)),
            expiryMargin: expiryMargin, inboundFee: inboundFee)
        if policy.htlcMaximum.map({ forward.amount > $0 }) ?? false {
            return .temporaryChannelFailure()
        }
        if let problem = forward.problem(terms: terms, height: moment.height) { return problem }
        guard policy.isEnabled else { return .channelDisabled() }
        return forward.amount > available ? .temporaryChannelFailure() : nil
    }

    // MARK: - On the way back

    /// The next node has told the preimage; the answer may go out at once. Nil where the HTLC is not on its way any more.
    public mutating func fulfill(
        _ incoming: HTLCName, preimage: PaymentPreimage, attribution: AttributionData?,
        at moment: PaymentMoment
    ) -> (answer: AnsweredHTLC, payment: ForwardedPayment)? {
        guard let forward = pending.removeValue(forKey: incoming) else { return nil }
        let answer = forward.htlc.fulfill(preimage, downstream: attribution, at: moment)
        let payment = ForwardedPayment(
            incoming: incoming, incomingAmount: forward.incomingAmount,
            outgoingAmount: forward.outgoingAmount)
        return (AnsweredHTLC(incoming, answer), payment)
    }

    /// The outgoing HTLC is irrevocably failed by `update_fail_htlc`. Nil where nothing is to be answered, or not yet: should
    /// the node stop before, the HTLC is handed in again and goes out anew.
    public mutating func fail(
        _ incoming: HTLCName, with failure: ReturnedFailure, at moment: PaymentMoment
    ) -> AnsweredHTLC? {
        guard let forward = pending.removeValue(forKey: incoming) else { return nil }
        return later(forward.htlc, forward.htlc.fail(failure, at: moment), at: moment)
    }

    /// The outgoing HTLC is irrevocably failed by `update_fail_malformed_htlc`.
    public mutating func failMalformed(
        _ incoming: HTLCName, code: FailureCode, onionHash: Hash256, at moment: PaymentMoment
    ) -> AnsweredHTLC? {
        fail(incoming, with: Failure(malformed: code, onionHash: onionHash), at: moment)
    }

    /// The outgoing HTLC was taken back on the chain, or is not in the commitment that is there.
    ///
    /// The answer never waits: the chain tells this once, and an answer that a stop made this node forget would not come
    /// again. BOLT 5: "(presumably with reason `permanent_channel_failure`)".
    public mutating func failOnChain(
        _ incoming: HTLCName, at moment: PaymentMoment
    ) -> AnsweredHTLC? {
        guard let forward = pending.removeValue(forKey: incoming) else { return nil }
        return AnsweredHTLC(
            incoming, forward.htlc.fail(Failure.permanentChannelFailure, at: moment))
    }

    /// No HTLC went out.
    public mutating func fail(
        _ incoming: HTLCName, with failure: Failure, at moment: PaymentMoment
    ) -> AnsweredHTLC? {
        guard let forward = pending.removeValue(forKey: incoming) else { return nil }
        return later(forward.htlc, forward.htlc.fail(failure, at: moment), at: moment)
    }

    /// The answers that have waited long enough.
    public mutating func advance(to moment: PaymentMoment) -> [AnsweredHTLC] {
        var due: [AnsweredHTLC] = []
        while let answer = delayed.popDue(at: moment.time) { due.append(answer) }
        return due
    }

    private mutating func refuse(
        _ opened: OpenedHTLC, _ failure: Failure, at moment: PaymentMoment
    ) -> ForwardingDecision {
        switch opened.content {
        case .refuse(let refusal): return answer(refusal, opened, at: moment)
        case .receive(let receipt):
            let htlc = opened.answerable(receipt.reporter, at: moment)
            return .answer(
                AnsweredHTLC(htlc.name, htlc.fail(failure, at: moment)), because: failure.code)
        case .forward(let forward):
            let htlc = opened.answerable(forward.reporter, at: moment)
            return later(htlc, htlc.fail(failure, at: moment), at: moment).map {
                .answer($0, because: failure.code)
            } ?? .wait(because: failure.code)
        }
    }

    /// Gives back an HTLC whose onion already said so.
    private func answer(
        _ refusal: PaymentRefusal, _ opened: OpenedHTLC, at moment: PaymentMoment
    ) -> ForwardingDecision {
        let name = opened.received.name
        switch refusal {
        case .malformed(let code, let onionHash):
            return .answer(
                AnsweredHTLC(name, .failMalformed(code, onionHash: onionHash)), because: code)
        case .failed(let failure, let secret):
            let holdTime: UInt32? = opened.received.isAttributed ? 0 : nil
            let returned = ReturnedFailure.create(
                FailureMessage(failure), secret: secret, holdTime: holdTime)
            return .answer(AnsweredHTLC(name, .fail(returned)), because: failure.code)
        }
    }

    /// Answers at once, but at the beginning of a blinded path only after a while.
    ///
    /// BOLT 4: "Whenever the introduction point receives a failure from the blinded route, it should add a random delay
    /// before forwarding the error."
    private mutating func later(
        _ htlc: AnswerableHTLC, _ answer: HTLCAnswer, at moment: PaymentMoment
    ) -> AnsweredHTLC? {
        let answered = AnsweredHTLC(htlc.name, answer)
        guard htlc.reporter.place == .introduction else { return answered }
        let delay = secrets.delay(
            onionHash: htlc.reporter.onionHash, below: Self.longestDelay)
        delayed.insert(answered, at: moment.time + delay)
        return nil
    }
}

extension Failure {
    /// What `update_fail_malformed_htlc` tells. BOLT 2: "using the `failure_code` given and setting the data to
    /// `sha256_of_onion`."
    init(malformed code: FailureCode, onionHash: Hash256) {
        switch code {
        case .invalidOnionVersion: self = .invalidOnionVersion(onionHash: onionHash)
        case .invalidOnionHMAC: self = .invalidOnionHMAC(onionHash: onionHash)
        case .invalidOnionKey: self = .invalidOnionKey(onionHash: onionHash)
        case .invalidOnionBlinding: self = .invalidOnionBlinding(onionHash: onionHash)
        default: self = .unknown(code, data: onionHash.bytes)
        }
    }
}
