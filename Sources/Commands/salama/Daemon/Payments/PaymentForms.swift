import Bitcoin
import LightningPayment
import LightningWire
import NodeAPI

extension PaymentMessage {
    /// lnd: a payment without a proof has a preimage of zeros.
    private static let noPreimage = String(repeating: "0", count: 64)

    /// A payment that has ended.
    init(_ past: PastPayment) {
        self.init()
        describe(past.paymentHash, past.amount, past.request, past.number, created: past.created)
        switch past.outcome {
        case .succeeded(let preimage):
            status = .succeeded
            paymentPreimage = Hex.encode(preimage.hash.bytes)
        case .failed(let failure):
            status = .failed
            failureReason = PaymentFailureReason(failure.kind)
        }
        let attempts = (past.parts + past.failures).sorted { $0.number < $1.number }
        let preimage = past.preimage
        htlcs = attempts.map {
            HTLCAttemptMessage($0, total: past.amount, secret: nil, preimage)
        }
        pay(past.fee)
    }

    /// A payment that is being made.
    init(_ progress: PaymentProgress) {
        self.init()
        let order = progress.order
        describe(
            order.paymentHash, order.amount, order.request, progress.number,
            created: progress.created)
        status = .inFlight
        if let preimage = progress.preimage {
            paymentPreimage = Hex.encode(preimage.hash.bytes)
        }
        htlcs = progress.attempts.map {
            HTLCAttemptMessage(
                $0, total: order.amount, secret: order.paymentSecret, progress.preimage)
        }
        pay(
            progress.attempts.reduce(.zero) { sum, attempt in
                if case .failed = attempt.status { return sum }
                return sum.adding(attempt.fee) ?? .maximumMoney
            })
    }

    private mutating func describe(
        _ hash: PaymentHash, _ amount: MilliSatoshi, _ request: String?, _ number: UInt64,
        created: UInt64
    ) {
        paymentHash = Hex.encode(hash.hash.bytes)
        paymentPreimage = Self.noPreimage
        valueSat = amount.interfaceSatoshis
        value = valueSat
        valueMsat = amount.interfaceValue
        paymentRequest = request ?? ""
        creationDate = Int64(clamping: created / 1_000)
        creationTimeNs = Int64(clamping: created) &* 1_000_000
        paymentIndex = number + 1
    }

    private mutating func pay(_ fee: MilliSatoshi) {
        feeSat = fee.interfaceSatoshis
        self.fee = feeSat
        feeMsat = fee.interfaceValue
    }
}

extension PastPayment {
    /// The proof of payment; nil where there is none.
    var preimage: PaymentPreimage? {
        switch outcome {
        case .succeeded(let preimage): preimage
        case .failed: nil
        }
    }
}

extension HTLCAttemptMessage {
    /// A part of a payment; `preimage` is what it brings where it succeeds.
    init(
        _ attempt: PaymentAttempt, total: MilliSatoshi, secret: Hash256?,
        _ preimage: PaymentPreimage?
    ) {
        self.init()
        attemptId = attempt.number
        route = RouteMessage(attempt.route, total: total, secret: secret)
        attemptTimeNs = Int64(clamping: attempt.started) &* 1_000_000
        resolveTimeNs = Int64(clamping: attempt.ended ?? 0) &* 1_000_000
        switch attempt.status {
        case .inFlight: status = .inFlight
        case .succeeded:
            status = .succeeded
            self.preimage = preimage?.hash.bytes ?? []
        case .failed(let why, _):
            status = .failed
            failure = FailureMessage(why)
        }
    }
}

extension PaymentFailureReason {
    init(_ kind: PaymentFailureKind) {
        self =
            switch kind {
            case .timeout: .timeout
            case .noRoute: .noRoute
            case .error: .error
            case .incorrectDetails: .incorrectPaymentDetails
            case .insufficientBalance: .insufficientBalance
            case .cancelled: .canceled
            }
    }
}
