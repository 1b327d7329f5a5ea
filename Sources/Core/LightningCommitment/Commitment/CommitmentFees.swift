import Bitcoin
import LightningWire

/// Which HTLCs are too small for an output, and what the commitment transaction pays (BOLT 3, "Trimmed Outputs" and
/// "Fee Calculation").
public struct CommitmentFees: Sendable {
    public let format: CommitmentFormat
    public let feerate: FeeratePerKw
    /// The owner's `dust_limit_satoshis`.
    public let dustLimit: Satoshi

    /// The rules for one commitment transaction.
    public init(format: CommitmentFormat, feerate: FeeratePerKw, dustLimit: Satoshi) {
        self.format = format
        self.feerate = feerate
        self.dustLimit = dustLimit
    }

    /// The least amount of an HTLC that has an output.
    public func trimThreshold(_ direction: HTLCDirection) -> Satoshi {
        switch direction {
        case .offered: dustLimit + format.htlcTimeoutFee(feerate)
        case .received: dustLimit + format.htlcSuccessFee(feerate)
        }
    }

    /// Whether an HTLC has no output and its amount goes to fees.
    public func isTrimmed(_ direction: HTLCDirection, _ amount: MilliSatoshi) -> Bool {
        amount.roundedDown < trimThreshold(direction)
    }

    /// What the opener pays for a commitment with `count` HTLC outputs.
    public func baseFee(htlcOutputs count: Int) -> Satoshi {
        feerate.fee(for: weight(htlcOutputs: count))
    }

    /// The weight by which fees are computed for a commitment with `count` HTLC outputs.
    public func weight(htlcOutputs count: Int) -> Weight {
        Weight(
            format.baseWeight.value
                + UInt64(count) * CommitmentFormat.htlcOutputWeight.value)
    }

    /// What the opener pays for `state`, the anchors included.
    public func openerCost(_ state: CommitmentState) -> Satoshi {
        let outputs = state.htlcs.count { !isTrimmed($0.direction, $0.amount) }
        return baseFee(htlcOutputs: outputs) + format.anchorsAmount
    }
}
