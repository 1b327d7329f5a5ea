import LightningPayment

extension PaymentEvent {
    /// How an attempt failed, where this tells of it.
    var failure: AttemptFailure? {
        guard case .attemptEnded(_, let attempt) = self,
            case .failed(let failure, _) = attempt.status
        else { return nil }
        return failure
    }
}

extension PaymentStep {
    var isEmpty: Bool {
        writes.isEmpty && offers.isEmpty && queries.isEmpty && wants.isEmpty && searches.isEmpty
            && lessons.isEmpty && events.isEmpty
    }
}

extension PastPayment {
    /// What of it the history keeps.
    var stored: PastPayment {
        var payment = self
        payment.failures = []
        payment.parts = parts.map {
            var part = $0
            if case .succeeded(let time, _) = part.status {
                part.status = .succeeded(at: time, holdTimes: [])
            }
            return part
        }
        return payment
    }
}
