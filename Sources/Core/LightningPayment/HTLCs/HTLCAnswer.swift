import Bitcoin
import LightningCrypto
import LightningWire

/// How this node ends an HTLC that came in: what its channel is to propose to the peer.
public enum HTLCAnswer: Hashable, Sendable {
    /// `update_fulfill_htlc`.
    case fulfill(PaymentPreimage, AttributionData?)
    /// `update_fail_htlc`.
    case fail(ReturnedFailure)
    /// `update_fail_malformed_htlc`.
    case failMalformed(FailureCode, onionHash: Hash256)
}

/// The answer to one HTLC.
public struct AnsweredHTLC: Hashable, Sendable {
    public let name: HTLCName
    public let answer: HTLCAnswer

    /// Ends `name` with `answer`.
    public init(_ name: HTLCName, _ answer: HTLCAnswer) {
        self.name = name
        self.answer = answer
    }
}

/// What answering an HTLC that came in takes, kept until it is answered.
struct AnswerableHTLC: Hashable, Sendable {
    let name: HTLCName
    let reporter: FailureReporter
    /// When it came, in milliseconds since 1970.
    let arrival: UInt64
    /// Whether its peer takes attribution data.
    let isAttributed: Bool

    /// How long it has been held, in units of 100 ms; nil where no attribution may be given.
    ///
    /// BOLT 2: "if `path_key` is not set in the incoming `update_add_htlc`: MUST initialize `attribution_data`".
    private func holdTime(at moment: PaymentMoment) -> UInt32? {
        guard isAttributed, reporter.place != .inside else { return nil }
        return UInt32(clamping: (moment.time - min(arrival, moment.time)) / 100)
    }

    /// Gives it back for a reason of this node.
    func fail(_ failure: Failure, at moment: PaymentMoment) -> HTLCAnswer {
        switch reporter.refusal(failure) {
        case .malformed(let code, let onionHash): .failMalformed(code, onionHash: onionHash)
        case .failed(let failure, let secret):
            .fail(
                .create(FailureMessage(failure), secret: secret, holdTime: holdTime(at: moment)))
        }
    }

    /// Gives it back for what a node further on says.
    func fail(_ downstream: ReturnedFailure, at moment: PaymentMoment) -> HTLCAnswer {
        switch reporter.place {
        case .outside:
            .fail(
                downstream.forwarded(
                    secret: reporter.sharedSecret, holdTime: holdTime(at: moment)))
        // Whatever it is, nothing of it may be seen outside the path, and the reporter replaces it.
        case .introduction, .inside: fail(.temporaryNodeFailure, at: moment)
        }
    }

    /// Takes it; `downstream` is what the next node attributed, where this one is not the receiver.
    func fulfill(
        _ preimage: PaymentPreimage, downstream: AttributionData? = nil, at moment: PaymentMoment
    ) -> HTLCAnswer {
        let attribution = holdTime(at: moment).map {
            AttributionData.fulfilled(
                downstream: downstream, secret: reporter.sharedSecret, holdTime: $0)
        }
        return .fulfill(preimage, attribution)
    }
}
