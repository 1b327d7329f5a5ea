import LightningWire

/// The sums that additions are checked against, kept from one addition to the next: a batch of them costs the HTLCs that are
/// there once, and not once for each.
///
/// An addition moves them along; every other change of the HTLCs or fee rates drops them. They follow from what they are
/// sums of, so it makes no difference between two values what they hold.
struct KeptTallies: Hashable, Sendable {
    private var entries: [(view: CommitmentView, tally: CommitmentTally)] = []

    subscript(view: CommitmentView) -> CommitmentTally? {
        entries.first { $0.view == view }?.tally
    }

    mutating func keep(_ tally: CommitmentTally, of view: CommitmentView) {
        entries.append((view, tally))
    }

    mutating func drop() {
        if !entries.isEmpty { entries = [] }
    }

    /// Takes them out, for a change that they survive.
    mutating func take() -> KeptTallies {
        defer { entries = [] }
        return self
    }

    /// Counts an HTLC that `offerer` has just proposed.
    mutating func add(_ amount: MilliSatoshi, by offerer: Party) {
        for index in entries.indices where entries[index].view.includes(.proposed, by: offerer) {
            entries[index].tally.add(amount, by: offerer)
        }
    }

    static func == (left: KeptTallies, right: KeptTallies) -> Bool { true }

    func hash(into hasher: inout Hasher) {}
}

extension Commitments {
    /// The sums over one commitment at its own fee rate, kept for the next addition.
    mutating func keptTally(_ view: CommitmentView) -> CommitmentTally {
        if let kept = keptTallies[view] { return kept }
        let tally = tally(view)
        keptTallies.keep(tally, of: view)
        return tally
    }

    /// Appends an HTLC that its offerer has just proposed.
    mutating func append(_ htlc: ChannelHTLC) {
        var tallies = keptTallies.take()
        switch htlc.key.offerer {
        case .local: offered.append(htlc)
        case .remote: received.append(htlc)
        }
        tallies.add(htlc.amount, by: htlc.key.offerer)
        keptTallies = tallies
    }
}
