import Bitcoin
import LightningCrypto
import LightningNode
import LightningPayment
import LightningWire
import NodeAPI
import NodeRuntime
import NodeServer

/// On what terms the node forwards.
extension APIService {
    func updateChannelPolicy(
        _ request: PolicyUpdateRequest, _ reply: Reply<PolicyUpdateResponse>
    ) {
        work(reply) { [self] in
            let change = try ForwardingPolicyChange(request)
            switch (request.isGlobal, request.chanPoint) {
            case (true?, nil):
                _ = try host.perform(.channel(.setPolicy(.all, change)))
                return PolicyUpdateResponse()
            case (nil, let point?), (false?, let point?):
                return try setPolicy(change, of: OutPoint(point))
            case (_, nil):
                throw APIError(.invalidArgument, "unknown scope: say `global` or `chan_point`")
            case (true?, _?):
                throw APIError(
                    .invalidArgument, "`global` and `chan_point` cannot be set at the same time")
            }
        }
    }

    /// A day, a week and 30 days, in seconds.
    private static let feePeriods: [UInt64] = [86_400, 604_800, 2_592_000]

    func feeReport(_ reply: Reply<FeeReportResponse>) {
        work(reply) { [self] in
            var response = FeeReportResponse()
            response.channelFees = try channelReports().compactMap { report in
                guard case .open = report.stage else { return nil }
                return ChannelFeeReport(report)
            }
            let now: UInt64 = WallClock.now.seconds
            let beginnings = Self.feePeriods.map { (period: UInt64) -> UInt64 in
                period < now ? (now - period) * 1_000 : 0
            }
            let sums = try ForwardingHistory(host.store).sums(since: beginnings)
            let fees = sums.map { (sum: ForwardingSum) -> UInt64 in sum.fees.value / 1_000 }
            response.dayFeeSum = fees[0]
            response.weekFeeSum = fees[1]
            response.monthFeeSum = fees[2]
            return response
        }
    }

    private func setPolicy(
        _ change: ForwardingPolicyChange, of funding: OutPoint
    ) throws -> PolicyUpdateResponse {
        var failed = FailedUpdate()
        failed.outpoint = OutPointMessage(funding)
        let report = try channelReports().first { $0.funding?.outPoint == funding }
        switch report?.stage {
        case .open:
            guard let report else { break }
            _ = try host.perform(.channel(.setPolicy(.channel(report.channelID), change)))
            return PolicyUpdateResponse()
        case .opening:
            failed.reason = .pending
            failed.updateError = "not yet confirmed"
        case .talking, .waitingForClose, .closedByForce, .closed, nil:
            failed.reason = .notFound
            failed.updateError = "not found"
        }
        var response = PolicyUpdateResponse()
        response.failedUpdates = [failed]
        return response
    }
}

extension ForwardingPolicyChange {
    /// lnd: a fee rate below this, as a fraction, cannot be expressed.
    private static let leastRate = 1e-6

    /// lnd sets base fee, rate and delta with every change, and the rest where it is given.
    init(_ request: PolicyUpdateRequest) throws(APIError) {
        self.init()
        guard request.feeRate == 0 || request.feeRatePpm == 0 else {
            throw APIError(
                .invalidArgument, "cannot set both FeeRate and FeeRatePpm at the same time")
        }
        guard request.feeRate == 0 || request.feeRate >= Self.leastRate else {
            throw APIError(
                .invalidArgument,
                "fee rate of \(request.feeRate) is too small, min fee rate is \(Self.leastRate)")
        }
        // A fraction of a million: the only place where a rate is not a whole number, and it becomes one here.
        let millionths = (request.feeRate * 1_000_000).rounded()
        guard millionths <= Double(UInt32.max) else {
            throw APIError(.invalidArgument, "a fee rate of \(request.feeRate) is absurd")
        }
        feeProportionalMillionths =
            request.feeRate == 0 ? request.feeRatePpm : UInt32(millionths)
        feeBase = try narrowed(request.baseFeeMsat, "base_fee_msat")
        cltvExpiryDelta = try narrowed(request.timeLockDelta, "time_lock_delta")
        if let fee = request.inboundFee {
            guard fee.baseFeeMsat <= 0, fee.feeRatePpm <= 0 else {
                throw APIError(
                    .invalidArgument, "positive values for inbound fees are not supported")
            }
            inboundFee = InboundFee(
                base: fee.baseFeeMsat, proportionalMillionths: fee.feeRatePpm)
        }
        if request.maxHtlcMsat != 0 { htlcMaximum = MilliSatoshi(request.maxHtlcMsat) }
        if request.minHtlcMsatSpecified { htlcMinimum = MilliSatoshi(request.minHtlcMsat) }
    }
}

extension ChannelFeeReport {
    init?(_ report: ChannelReport) {
        guard let funding = report.funding else { return nil }
        self.init()
        chanId = report.interfaceName.value
        channelPoint = funding.outPoint.description
        baseFeeMsat = Int64(report.policy.relay.feeBase)
        feePerMil = Int64(report.policy.relay.feeProportionalMillionths)
        feeRate = Double(feePerMil) / 1_000_000
        inboundBaseFeeMsat = report.policy.inboundFee.base
        inboundFeePerMil = report.policy.inboundFee.proportionalMillionths
    }
}
