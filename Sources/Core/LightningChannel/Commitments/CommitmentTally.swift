import Bitcoin
import LightningCommitment
import LightningWire

/// The sums over one commitment by which its limits are checked.
struct CommitmentTally {
    /// The HTLCs that one side offers.
    struct Offers {
        var count = 0
        var value = MilliSatoshi.zero
    }

    let owner: Party
    let format: CommitmentFormat
    let feerate: FeeratePerKw
    private let offeredThreshold: Satoshi
    private let receivedThreshold: Satoshi
    /// What pending and fulfilled HTLCs take from the settled balance of their offerer.
    private var taken = Balances(local: .zero, remote: .zero)
    /// What fulfilled HTLCs add to the balance of who took them.
    private var given = Balances(local: .zero, remote: .zero)
    private(set) var local = Offers()
    private(set) var remote = Offers()
    /// The number of HTLCs with an output.
    private(set) var outputs = 0
    /// The amount in HTLCs without one.
    private(set) var dust = MilliSatoshi.zero

    init(owner: Party, format: CommitmentFormat, feerate: FeeratePerKw, dustLimit: Satoshi) {
        self.owner = owner
        self.format = format
        self.feerate = feerate
        let fees = CommitmentFees(format: format, feerate: feerate, dustLimit: dustLimit)
        offeredThreshold = fees.trimThreshold(.offered)
        receivedThreshold = fees.trimThreshold(.received)
    }

    mutating func count(_ htlc: ChannelHTLC, as presence: CommitmentView.Presence) {
        switch presence {
        case .absent, .failed: break
        case .pending: add(htlc.amount, by: htlc.key.offerer)
        case .fulfilled:
            taken[htlc.key.offerer] += htlc.amount
            given[htlc.key.offerer.other] += htlc.amount
        }
    }

    /// Counts an HTLC that is pending, which its offerer can pay.
    mutating func add(_ amount: MilliSatoshi, by offerer: Party) {
        taken[offerer] += amount
        switch offerer {
        case .local:
            local.count += 1
            local.value += amount
        case .remote:
            remote.count += 1
            remote.value += amount
        }
        if isTrimmed(amount, by: offerer) {
            dust += amount
        } else {
            outputs += 1
        }
    }

    func isTrimmed(_ amount: MilliSatoshi, by offerer: Party) -> Bool {
        amount.roundedDown < (offerer == owner ? offeredThreshold : receivedThreshold)
    }

    func offers(of party: Party) -> Offers {
        switch party {
        case .local: local
        case .remote: remote
        }
    }

    /// Whether what is taken from the balance of `party` is there.
    func canPay(_ party: Party, _ funding: ActiveFunding) -> Bool {
        funding.settled[party] + given[party] >= taken[party]
    }

    /// The balance of `party` over `funding`, before fees.
    func balance(of party: Party, _ funding: ActiveFunding) -> MilliSatoshi {
        funding.settled[party] + given[party] - taken[party]
    }

    /// What the opener pays for this commitment: fee and anchors.
    var openerCost: MilliSatoshi { cost(at: feerate, outputs: outputs) }

    /// What the opener needs to stand a fee rate of twice the present one and one more HTLC with an output.
    ///
    /// BOLT 2: "It is recommended that this "fee spike buffer" can handle twice the current `feerate_per_kw` to ensure
    /// predictability between implementations."
    var openerCostWithBuffer: MilliSatoshi {
        let (doubled, overflow) = feerate.value.multipliedReportingOverflow(by: 2)
        return cost(at: FeeratePerKw(overflow ? .max : doubled), outputs: outputs + 1)
    }

    private func cost(at feerate: FeeratePerKw, outputs: Int) -> MilliSatoshi {
        let weight =
            format.baseWeight.value + UInt64(outputs) * CommitmentFormat.htlcOutputWeight.value
        return MilliSatoshi(feerate.fee(for: Weight(weight)) + format.anchorsAmount)
    }
}
