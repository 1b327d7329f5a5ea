import Bitcoin
import LightningCommitment
import LightningWallet

/// What is watched on the chain, and for which channel.
struct Watchers: Sendable {
    /// What the scanner looks for.
    private(set) var watch = ChainWatch()
    private var outPoints: [OutPoint: ChannelKeyNumber] = [:]
    private var fundings: [Script: ChannelKeyNumber] = [:]

    /// The channel that the output at `outPoint` matters to.
    func channel(watching outPoint: OutPoint) -> ChannelKeyNumber? { outPoints[outPoint] }

    /// The channel whose funding output has that script.
    func channel(fundedBy script: Script) -> ChannelKeyNumber? { fundings[script] }

    /// Looks for what spends `outPoint`; false where it did so already.
    mutating func insert(_ outPoint: OutPoint, for number: ChannelKeyNumber) -> Bool {
        guard outPoints.updateValue(number, forKey: outPoint) == nil else { return false }
        watch.insert(outPoint)
        return true
    }

    /// Looks for a channel's funding and for what spends it; false where it did so already.
    mutating func insert(_ funding: ChannelFunding, for number: ChannelKeyNumber) -> Bool {
        let script = funding.script.scriptPubKey
        fundings[script] = number
        watch.insert(script)
        return insert(funding.outPoint, for: number)
    }

    /// Looks for nothing of a channel any more.
    mutating func remove(_ number: ChannelKeyNumber) {
        for (outPoint, owner) in outPoints where owner == number { watch.remove(outPoint) }
        outPoints = outPoints.filter { $0.value != number }
        for (script, owner) in fundings where owner == number { watch.remove(script) }
        fundings = fundings.filter { $0.value != number }
    }
}

extension LightningNode {
    /// Watches a channel's funding from now on.
    mutating func watch(_ funding: ChannelFunding, of number: ChannelKeyNumber) -> Step {
        var step = Step()
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
