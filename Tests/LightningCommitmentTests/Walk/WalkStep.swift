import Bitcoin
import Testing

/// One transaction of a walk: the first height at which a block may hold it, and what follows from it.
struct WalkStep {
    let readyAt: UInt32
    /// Why it is refused one block earlier; nil where it is not tried.
    let early: Refusal?
    /// Builds the transaction for a block on top of `tip`.
    let make: (_ tip: BlockHeight) throws -> Transaction
    /// The steps that the transaction makes possible once it is in the block at `height`.
    var then: (_ transaction: Transaction, _ height: UInt32) throws -> [WalkStep] = { _, _ in [] }
}

/// Takes every step at its first height, after seeing it refused one block before.
func walk(
    _ steps: [WalkStep], on chain: WalkChain, before: (_ next: UInt32) throws -> Void
) throws {
    var pending = steps
    while !pending.isEmpty {
        let tip = try chain.height
        let next = tip.value + 1
        for step in pending where step.readyAt == next + 1 {
            if let refusal = step.early { try chain.refuse(step.make(tip), refusal) }
        }
        try before(next)
        var following: [WalkStep] = []
        for step in pending where step.readyAt == next {
            let transaction = try step.make(tip)
            try chain.accept(transaction)
            following += try step.then(transaction, next)
        }
        try chain.mine()
        pending.removeAll { $0.readyAt <= next }
        #expect(following.allSatisfy { $0.readyAt > next })
        pending += following
    }
}
