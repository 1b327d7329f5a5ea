import Bitcoin
import ChainBackend
import Glibc
import Testing

/// Subscriptions.
extension ConformanceCase {
    static let events = [
        ConformanceCase("a subscription tells of new blocks and transactions") { purse in
            let backend = purse.chain.backend
            let coin = try purse.coin()
            let log = EventLog()
            let subscription = log.subscribe(to: backend)
            // Where a stream of notifications has to be set up first, what happens before is told as lost.
            let probe = OpenScript.spend([try purse.coin()], fee: 1000)
            #expect(try backend.broadcast(probe) == .accepted)
            try eventually("the first transaction, or that events were lost") {
                log.events.contains(.transaction(probe)) || log.events.contains(.eventsLost)
            }
            log.clear()
            let transaction = OpenScript.spend([coin], fee: 1000)
            #expect(try backend.broadcast(transaction) == .accepted)
            try eventually("the transaction") { log.events.contains(.transaction(transaction)) }
            log.clear()
            _ = try purse.chain.mine(1, to: OpenScript.output)
            try eventually("the new tip") { log.events.contains(.tipChanged) }
            #expect(!log.isDisconnected)
            withExtendedLifetime(subscription) {}
        },
        ConformanceCase("a subscription tells of a tip that is taken back") { purse in
            let mined = try purse.chain.mine(2, to: OpenScript.output)
            let log = EventLog()
            let subscription = log.subscribe(to: purse.chain.backend)
            try eventually("the stream to stand") { try isQuiet(log) }
            log.clear()
            try purse.chain.invalidate(mined[1])
            try eventually("the change") { log.events.contains(.tipChanged) }
            log.clear()
            try purse.chain.reconsider(mined[1])
            try eventually("the change back") { log.events.contains(.tipChanged) }
            withExtendedLifetime(subscription) {}
        },
        ConformanceCase("a released subscription tells nothing more") { purse in
            let log = EventLog()
            var subscription: ChainSubscription? = log.subscribe(to: purse.chain.backend)
            try eventually("the stream to stand") { try isQuiet(log) }
            withExtendedLifetime(subscription) {}
            subscription = nil
            // At most the event that is being delivered.
            try eventually("the end") { try isQuiet(log) }
            log.clear()
            _ = try purse.chain.mine(1, to: OpenScript.output)
            #expect(try isQuiet(log))
            #expect(log.events == [])
        },
    ]

    /// Whether nothing happens for half a second.
    private static func isQuiet(_ log: EventLog) throws -> Bool {
        let before = log.events.count
        usleep(500_000)
        return log.events.count == before
    }
}

/// The follower, on a chain that is reorganised.
extension ConformanceCase {
    static let reorganisations =
        [1, 2, 3, 7, 20].map { depth in
            ConformanceCase("a reorganisation of \(depth) blocks is followed to the fork and back")
            {
                purse in
                let chain = purse.chain
                let start = try chain.backend.status()
                let fork = ChainPoint(height: start.height, hash: start.tip)
                let follower = ChainFollower(chain.backend, after: [fork])
                #expect(try follower.next() == nil)

                let old = try chain.mine(depth, to: OpenScript.output)
                try expectSteps(of: follower, connecting: old, after: fork)
                try chain.invalidate(old[0])
                // To another script, so that the blocks differ.
                let new = try chain.mine(depth + 1, to: .payToWitnessScriptHash(of: Script([0x52])))
                try expectSteps(of: follower, disconnecting: old, connecting: new, after: fork)
                #expect(try chain.backend.header(of: old[0])?.isInBestChain == false)

                // Back again, to a longer old branch.
                try chain.invalidate(new[0])
                try chain.reconsider(old[0])
                let more = try chain.mine(2, to: OpenScript.output)
                try expectSteps(
                    of: follower, disconnecting: new, connecting: old + more, after: fork)
            }
        } + [
            ConformanceCase("blocks taken back without others in their place are undone") { purse in
                let chain = purse.chain
                let start = try chain.backend.status()
                let fork = ChainPoint(height: start.height, hash: start.tip)
                let follower = ChainFollower(chain.backend, after: [fork])
                let mined = try chain.mine(5, to: OpenScript.output)
                try expectSteps(of: follower, connecting: mined, after: fork)
                try chain.invalidate(mined[2])
                try expectSteps(
                    of: follower, disconnecting: Array(mined[2...]), connecting: [],
                    after: ChainPoint(height: fork.height + 2, hash: mined[1]))
                try chain.reconsider(mined[2])
                try expectSteps(
                    of: follower, connecting: Array(mined[2...]),
                    after: ChainPoint(height: fork.height + 2, hash: mined[1]))
            },
            ConformanceCase("a follower comes from the genesis block to the tip, block by block") {
                purse in
                let backend = purse.chain.backend
                let follower = ChainFollower(backend, after: [])
                var last: ChainPoint?
                while let step = try follower.next() {
                    guard case .connect(let block, let point) = step else {
                        Issue.record("\(step) on a still chain")
                        return
                    }
                    #expect(block.hash == point.hash)
                    #expect(block.header.previousBlock == last?.hash ?? BlockHash(.zero))
                    #expect(point.height == last.map { $0.height + 1 } ?? BlockHeight(0))
                    last = point
                }
                let status = try backend.status()
                #expect(last == ChainPoint(height: status.height, hash: status.tip))
            },
            ConformanceCase("a follower that knows only a lost tip finds the fork by the headers") {
                purse in
                let chain = purse.chain
                let start = try chain.backend.status()
                let fork = ChainPoint(height: start.height, hash: start.tip)
                let old = try chain.mine(4, to: OpenScript.output)
                try chain.invalidate(old[0])
                let new = try chain.mine(5, to: .payToWitnessScriptHash(of: Script([0x53])))
                let follower = ChainFollower(
                    chain.backend, after: [ChainPoint(height: fork.height + 4, hash: old[3])])
                try expectSteps(of: follower, disconnecting: old, connecting: new, after: fork)
            },
            ConformanceCase("a follower on a chain that the backend never had says so") { purse in
                let unknown = BlockHash(.zero)
                let follower = ChainFollower(
                    purse.chain.backend, after: [ChainPoint(height: BlockHeight(5), hash: unknown)])
                #expect(throws: ChainError.unknownBlock(unknown)) { try follower.next() }
            },
        ]

    /// Expects that a follower undoes `old`, the highest block first, and then does `new`, and no more.
    private static func expectSteps(
        of follower: ChainFollower, disconnecting old: [BlockHash] = [],
        connecting new: [BlockHash], after fork: ChainPoint
    ) throws {
        var steps: [ChainStep] = []
        while let step = try follower.next() { steps.append(step) }
        let undone = old.indices.reversed().map {
            ChainPoint(height: fork.height + UInt32($0) + 1, hash: old[$0])
        }
        let done = new.indices.map {
            ChainPoint(height: fork.height + UInt32($0) + 1, hash: new[$0])
        }
        #expect(steps.map(\.point) == undone + done)
        for (index, step) in steps.enumerated() {
            switch step {
            case .disconnect: #expect(index < old.count)
            case .connect(let block, let point):
                #expect(index >= old.count)
                #expect(block.hash == point.hash)
            }
        }
        #expect(follower.position == done.last ?? fork)
    }
}
