import Bitcoin
import JSON
import Synchronization
import Threads

/// What happens in the demo, told while it happens: a line of nodes with a channel between each two.
struct DemoStory: Sendable {
    let processes: LocalProcesses
    let narration: Narration
    let chain: LocalChain
    let nodes: [LocalNode]
    private let staysUp: Bool

    static let names = [
        "Alice", "Bob", "Carol", "Dave", "Erin", "Frank", "Grace", "Heidi", "Ivan", "Judy",
    ]

    /// What is put into each channel, in satoshi.
    static let capacity: Int64 = 5_000_000

    var alice: LocalNode { nodes[0] }
    var bob: LocalNode { nodes[1] }
    /// The node at the other end of the line: Carol, where there are three.
    var carol: LocalNode { nodes[nodes.count - 1] }
    /// Her neighbour: Bob, where there are three.
    var neighbour: LocalNode { nodes[nodes.count - 2] }

    /// Starts the chain and the nodes.
    init(
        _ processes: LocalProcesses, _ narration: Narration, bitcoind: String?, nodes count: Int,
        staysUp: Bool
    ) throws {
        self.processes = processes
        self.narration = narration
        self.staysUp = staysUp
        let begin = ContinuousClock.now
        let chain = try LocalChain(processes, bitcoind: bitcoind)
        self.chain = chain
        let chainTime = ContinuousClock.now - begin
        nodes = try Self.names.prefix(count).map { try LocalNode($0, processes, chain) }
        let time = ContinuousClock.now - begin - chainTime
        let list = nodes.map(\.name).joined(separator: ", ")
        narration.tell(
            "A Bitcoin chain starts (\(chain.name)), and \(grouped(count)) nodes: \(list).",
            "each a process of its own; the chain took \(chainTime.text), the nodes \(time.text)")
        narration.facts["chain"] = bitcoind == nil ? "salama" : "bitcoind"
        narration.facts["datadir"] = .string(processes.folder)
        narration.facts["nodes"] = .array(nodes.map { .string($0.name) })
    }

    /// Plays the story; throws where it does not go as it must.
    func tell() throws {
        try makeWallets()
        try openChannels()
        try payThroughBob()
        let before = try keepOldCopy()
        try payOften()
        try cheat(before)
        try closeInAgreement()
        narration.tell("That was it.", "\(narration.time) from the first line to this one")
        narration.end()
        guard staysUp else { return }
        try prepareForPlay()
        invite()
    }

    // MARK: The network

    private func makeWallets() throws {
        let begin = ContinuousClock.now
        try inParallel { try $0.makeWallet() }
        let time = ContinuousClock.now - begin
        for node in nodes { try chain.mine(1, to: node.newAddress()) }
        // A reward can be spent a hundred blocks after it was mined.
        try chain.mine(100)
        let height = try chain.height
        for node in nodes { try node.waitForBlock(height) }
        let funds = try alice.onChain()
        narration.tell(
            "Each makes a wallet and mines a block; a hundred blocks later the rewards can be spent.",
            "\(time.text) to encrypt \(grouped(nodes.count)) seeds; everybody has \(satoshis(funds))"
        )
        narration.facts["funds_sat"] = .integer(funds)
    }

    private func inParallel(_ body: @escaping @Sendable (LocalNode) throws -> Void) throws {
        let failure = Mutex<(any Error)?>(nil)
        let threads = nodes.map { node in
            SystemThread("demo") {
                do {
                    try body(node)
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
            }
        }
        for thread in threads { thread.join() }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    private func openChannels() throws {
        let begin = ContinuousClock.now
        let ids = try zip(nodes, nodes.dropFirst()).map {
            try $0.openChannel(with: $1, Self.capacity)
        }
        let negotiated = ContinuousClock.now - begin
        try chain.waitForMempool(ids.count)
        // The network hears of a channel when it is six blocks deep (BOLT 7).
        try chain.mine(6)
        for (node, next) in zip(nodes, nodes.dropFirst()) {
            try node.waitForChannel(with: next)
            try next.waitForChannel(with: node)
        }
        let pairs = zip(nodes, nodes.dropFirst()).map { "\($0.name)-\($1.name)" }
        narration.tell(
            "They connect and open channels of \(satoshis(Self.capacity)): \(pairs.joined(separator: ", ")).",
            "\(negotiated.text) to agree and fund, \((ContinuousClock.now - begin).text) with six blocks"
                + " until usable",
            "\(pairs[0]) is funded by \(ids[0])")
        narration.facts["funding_txids"] = .array(ids.map { .string($0) })
        narration.facts["channel_capacity_sat"] = .integer(Self.capacity)
    }

    // MARK: What is left to play with

    /// Opens channels anew where the story has closed them.
    private func prepareForPlay() throws {
        let progress = narration.progress("opening new channels for you")
        defer { progress.finish() }
        // A node takes on nothing before it has seen the chain's last block.
        try waitForTip()
        _ = try alice.openChannel(with: bob, Self.capacity)
        _ = try neighbour.openChannel(with: carol, Self.capacity)
        try chain.waitForMempool(2)
        try chain.mine(6)
        try alice.waitForChannel(with: bob)
        try neighbour.waitForChannel(with: carol)
        try waitForTip()
    }

    private func waitForTip() throws {
        let height = try chain.height
        for node in nodes { try node.waitForBlock(height) }
    }

    private func invite() {
        let program = (try? OwnProgram.path()) ?? "salama"
        let aliases = nodes.map { node in
            "  alias \(node.name.lowercased())='\(program) --datadir \(node.folder)'\n"
        }.joined()
        // Alice, whose records are old, would make onions that her payees have seen before: they refuse those.
        let (first, last) = (neighbour.name.lowercased(), carol.name.lowercased())
        narration.show(
            """

            The network stays up, with new channels. In another terminal:

            \(aliases)
              \(last) addinvoice 25000 --memo "for you to pay"
              \(first) payinvoice INVOICE
              \(first) listchannels
              \(first) fwdinghistory
              \(first) closechannel CHANNEL
              \(first) mine 6

            Ctrl-C ends it and removes \(processes.folder).

            """)
    }
}
