import Bitcoin
import LightningCommitment
import LightningWallet

/// What is watched on the chain, and for which channel.
struct Watchers: Sendable {
    /// What the scanner looks for.
    private(set) var watch = ChainWatch()
    /// The channels by each outpoint, in ascending order. There may be several: whatever a peer claims to fund a channel with,
    /// the channel that an output does fund must not be lost sight of.
    private var outPoints: [OutPoint: [ChannelKeyNumber]] = [:]
    private var fundings: [Script: ChannelKeyNumber] = [:]

    /// The channels that the output at `outPoint` matters to, in ascending order.
    func channels(watching outPoint: OutPoint) -> [ChannelKeyNumber] { outPoints[outPoint] ?? [] }

    /// The channel whose funding output has that script.
    func channel(fundedBy script: Script) -> ChannelKeyNumber? { fundings[script] }

    /// The funding output of a channel of which nothing else is watched; nil where it is not known.
    func funding(of number: ChannelKeyNumber) -> OutPoint? {
        outPoints.first { $0.value.contains(number) }?.key
    }

    /// Looks for what spends `outPoint`; false where it did so already.
    mutating func insert(_ outPoint: OutPoint, for number: ChannelKeyNumber) -> Bool {
        var owners = outPoints[outPoint] ?? []
        guard !owners.contains(number) else { return false }
        let isNew = owners.isEmpty
        owners.insert(number, at: owners.firstIndex { $0 > number } ?? owners.endIndex)
        outPoints[outPoint] = owners
        if isNew { watch.insert(outPoint) }
        return isNew
    }

    /// Looks for a channel's funding and for what spends it; false where it did so already.
    mutating func insert(_ funding: ChannelFunding, for number: ChannelKeyNumber) -> Bool {
        let script = funding.script.scriptPubKey
        let isNew = fundings.updateValue(number, forKey: script) == nil
        watch.insert(script)
        return insert(funding.outPoint, for: number) || isNew
    }

    /// Looks for nothing of a channel any more.
    mutating func remove(_ number: ChannelKeyNumber) {
        for (outPoint, owners) in outPoints where owners.contains(number) {
            let others = owners.filter { $0 != number }
            outPoints[outPoint] = others.isEmpty ? nil : others
            if others.isEmpty { watch.remove(outPoint) }
        }
        for (script, owner) in fundings where owner == number { watch.remove(script) }
        fundings = fundings.filter { $0.value != number }
    }
}

extension LightningNode {
    /// Watches a channel's funding from now on.
    mutating func watch(_ funding: ChannelFunding, of number: ChannelKeyNumber) -> Step {
        var step = Step()
        if Mutation.isOn(.skipWatch) { return step }
        if watchers.insert(funding, for: number) { step.request(.watchGrew) }
        return step
    }

    /// Watches outputs of a channel that is closed from now on.
    mutating func watch(_ outPoints: [OutPoint], of number: ChannelKeyNumber) -> Step {
        var step = Step()
        // Each has to be added, whichever is the first that is new.
        let grew = outPoints.reduce(false) { watchers.insert($1, for: number) || $0 }
        if grew { step.request(.watchGrew) }
        return step
    }
}
