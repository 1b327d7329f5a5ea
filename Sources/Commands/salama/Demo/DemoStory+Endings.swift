import JSON
import Threads

/// How channels end: with a cheat that is punished, and in agreement.
extension DemoStory {
    private static let copyName = "copy"

    /// Keeps a copy of the first node's data, and answers what it has in channels, in thousandths of a satoshi.
    func keepOldCopy() throws -> Int64 {
        let balance = try alice.inChannels()
        alice.stop()
        try alice.copyData(to: Self.copyName)
        let begin = ContinuousClock.now
        try alice.start()
        let time = ContinuousClock.now - begin
        try alice.waitForChannel(with: bob)
        narration.tell(
            "\(alice.name) stops her node, copies its files and starts it again. Why? You will see.",
            "\(time.text) until the wallet was open; her channel came back by itself")
        return balance
    }

    /// The first node restores the copy and closes with a state that has more for it than is true; its peer takes all.
    func cheat(_ old: Int64) throws {
        let balance = try alice.inChannels()
        let wallet = try bob.onChain()
        let point = try alice.channels(with: bob).first?.text("channel_point") ?? ""
        bob.stop()
        alice.stop()
        try alice.restoreData(from: Self.copyName)
        try alice.start()
        let id = try close(point, of: alice, query: [("force", "true")])
        try chain.waitForMempool(1)
        try chain.mine(1)
        narration.tell(
            "While \(bob.name) sleeps, \(alice.name) restores the copy and closes the channel with it:"
                + " a state that is revoked.",
            "she claims \(millisatoshis(old)) sat where \(millisatoshis(balance)) sat are hers, by \(id)"
        )
        let begin = ContinuousClock.now
        try bob.start()
        let gain = try mineUntil("\(bob.name) does not take the coins of the cheat") {
            let gain = try bob.onChain() - wallet
            return gain > Self.capacity * 99 / 100 ? gain : nil
        }
        narration.tell(
            "\(bob.name) wakes up, sees it, and takes all of the channel: the penalty for cheating.",
            "\((ContinuousClock.now - begin).text) until \(satoshis(gain)) of"
                + " \(satoshis(Self.capacity)) were in his wallet; the rest are miners' fees")
        narration.facts["cheat"] = [
            "closing_txid": .string(id), "claimed_msat": .integer(old),
            "true_msat": .integer(balance), "peer_gained_sat": .integer(gain),
        ]
    }

    func closeInAgreement() throws {
        let point = try neighbour.channels(with: carol).first?.text("channel_point") ?? ""
        try neighbour.waitForChannel(with: carol)
        let before = (try neighbour.onChain(), try carol.onChain())
        let begin = ContinuousClock.now
        let id = try close(point, of: neighbour, query: [("sat_per_vbyte", "2")])
        let time = ContinuousClock.now - begin
        try chain.waitForMempool(1)
        let gains = try mineUntil("the channel's coins do not come back") {
            let gains = (try neighbour.onChain() - before.0, try carol.onChain() - before.1)
            return gains.0 > 0 && gains.1 > 0 ? gains : nil
        }
        narration.tell(
            "\(neighbour.name) and \(carol.name) close their channel in agreement.",
            "\(time.text) to agree on \(id)",
            "\(satoshis(gains.0)) for \(neighbour.name), \(satoshis(gains.1)) for \(carol.name),"
                + " \(satoshis(Self.capacity - gains.0 - gains.1)) for the miner")
        narration.facts["close"] = [
            "closing_txid": .string(id), "opener_gained_sat": .integer(gains.0),
            "other_gained_sat": .integer(gains.1),
        ]
    }

    /// Closes a channel, and answers the closing transaction.
    private func close(
        _ point: String, of node: LocalNode, query: [(String, String)]
    ) throws -> String {
        let path = try ChannelOutpoint.parsed(point).path
        var id = ""
        try node.client.stream(.delete, "/v1/channels/\(path)", query: query) { update in
            guard let pending = update["close_pending"] else { return true }
            id = transactionText(ofBase64: pending.text("txid"))
            return false
        }
        guard !id.isEmpty else {
            throw CommandFailure("\(node.name)'s node does not close \(point)")
        }
        return id
    }

    /// Mines a block now and then until there is a value.
    private func mineUntil<Value>(
        _ complaint: String, _ attempt: () throws -> Value?
    ) throws -> Value {
        for _ in 0..<40 {
            for _ in 0..<5 {
                if let value = try attempt() { return value }
                SystemThread.sleep(milliseconds: 50)
            }
            try chain.mine(1)
        }
        throw CommandFailure("\(complaint) within 40 blocks")
    }
}
