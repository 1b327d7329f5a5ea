import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import Testing

@Suite("Closing a channel")
struct CloseTests {
    private static let scripts: [TestPair.Name: Script] = [
        .opener: Script([0, 20] + [UInt8](repeating: 0x0a, count: 20)),
        .accepter: Script([0, 20] + [UInt8](repeating: 0xac, count: 20)),
    ]

    private static func request(_ name: TestPair.Name, feerate: UInt32? = nil) -> CloseRequest {
        CloseRequest(
            script: scripts[name] ?? Script(), feerate: feerate.map { FeeratePerKw($0) })
    }

    private static func ready(simple: Bool) throws -> ChannelPair {
        var pair = try ChannelPair(
            features: ChannelPair.features + (simple ? [.simpleClose] : []))
        pair.request.pushed = MilliSatoshi(400_000_000)
        try pair.establish()
        try pair.confirm(depth: 6)
        return pair
    }

    /// Answers what a node answers: where this side is to be paid.
    private static func settle(_ pair: inout ChannelPair) throws {
        repeat {
            try pair.settle()
            for name in TestPair.Name.allCases
            where pair[name].events.contains(.closingScriptWanted) {
                pair[name].events.removeAll { $0 == .closingScriptWanted }
                try pair[name].perform(.close(request(name)))
            }
        } while !pair.opener.wire.isEmpty || !pair.accepter.wire.isEmpty
    }

    private static func closings(_ side: ChannelSide) -> [Transaction] {
        side.events.compactMap { if case .closing(let closing) = $0 { closing } else { nil } }
    }

    @Test(
        "either side closes, in either form, and both have the same transaction",
        arguments: TestPair.Name.allCases, [false, true])
    func close(name: TestPair.Name, simple: Bool) throws {
        var pair = try Self.ready(simple: simple)
        try pair[name].perform(.close(Self.request(name, feerate: 2000)))
        try Self.settle(&pair)
        let (mine, theirs) = (Self.closings(pair.opener), Self.closings(pair.accepter))
        #expect(mine.count == (simple ? 2 : 1))
        #expect(Set(mine.map(\.id)) == Set(theirs.map(\.id)))
        let funding = try #require(pair.opener.channel?.commitments).fundings[0].funding
        for transaction in mine {
            #expect(transaction.inputs.map(\.previousOutput) == [funding.outPoint])
            #expect(
                Set(transaction.outputs.map(\.scriptPubKey)) == Set(Self.scripts.values))
        }
        for name in TestPair.Name.allCases {
            #expect(pair[name].state == .negotiating)
            #expect(pair[name].events.count { $0 == .shuttingDown } == 1)
            // It is there after a restart, to be published again.
            try pair[name].restart()
            #expect(pair[name].channel?.established?.closings == Self.closings(pair[name]))
        }
        pair.opener.receive(.fundingSpent)
        #expect(pair.opener.state == .spent)
    }

    @Test("HTLCs are removed first, and none is added")
    func drained() throws {
        var pair = try Self.ready(simple: false)
        try pair.opener.perform(.offer(TestPair.offer(MilliSatoshi(50_000_000))))
        try pair.settle()
        try pair.accepter.perform(.close(Self.request(.accepter)))
        try Self.settle(&pair)
        #expect(pair.opener.state == .shuttingDown)
        #expect(Self.closings(pair.opener).isEmpty)
        #expect(throws: ChannelError.notUsable(.shuttingDown)) {
            try pair.opener.perform(.offer(TestPair.offer(MilliSatoshi(50_000_000))))
        }
        try pair.accepter.perform(
            .resolve(id: 0, .fulfill(TestPair.preimage(0), attribution: nil)))
        try Self.settle(&pair)
        let closing = try #require(Self.closings(pair.opener).first)
        #expect(
            closing.outputs.contains {
                $0.amount == Satoshi(450_000) && $0.scriptPubKey == Self.scripts[.accepter]
            })
    }

    @Test("a close waits for what is proposed to be signed")
    func proposed() throws {
        var pair = try Self.ready(simple: false)
        try pair.opener.perform(.offer(TestPair.offer(MilliSatoshi(50_000_000))))
        try pair.opener.perform(.close(Self.request(.opener)))
        #expect(pair.opener.state == .normal)
        try Self.settle(&pair)
        #expect(pair.opener.state == .shuttingDown)
        #expect(pair.accepter.channel?.commitments?.openReceived.count == 1)
    }

    @Test("a close that was asked for while the peer is away is carried out when it comes back")
    func away() throws {
        var pair = try Self.ready(simple: true)
        pair.disconnect()
        try pair.opener.perform(.close(Self.request(.opener)))
        try pair.opener.restart()
        #expect(pair.opener.channel?.established?.closeRequest == Self.request(.opener))
        pair.connect()
        try Self.settle(&pair)
        #expect(Self.closings(pair.opener).count == 2)
    }

    @Test(
        "the negotiation goes on after a lost connection, wherever it was", arguments: 1...6,
        [false, true])
    func lost(messages: Int, simple: Bool) throws {
        var pair = try Self.ready(simple: simple)
        try pair.opener.perform(.close(Self.request(.opener)))
        for _ in 0..<messages {
            let name: TestPair.Name = pair.opener.wire.isEmpty ? .accepter : .opener
            try pair.deliver(from: name)
            if pair.accepter.takeEvents().contains(.closingScriptWanted) {
                try pair.accepter.perform(.close(Self.request(.accepter)))
            }
        }
        pair.disconnect()
        try pair.accepter.restart()
        pair.connect()
        try Self.settle(&pair)
        for name in TestPair.Name.allCases {
            #expect(pair[name].state == .negotiating)
            #expect(pair[name].channel?.established?.closings.isEmpty == false)
        }
    }

    @Test("a closing transaction that pays more replaces the one before")
    func bump() throws {
        var pair = try Self.ready(simple: true)
        try pair.opener.perform(.close(Self.request(.opener, feerate: 1000)))
        try Self.settle(&pair)
        _ = pair.opener.takeEvents()
        try pair.opener.perform(.close(Self.request(.opener, feerate: 5000)))
        try Self.settle(&pair)
        let closing = try #require(Self.closings(pair.opener).first)
        let paid = Satoshi(1_000_000) - closing.outputs.reduce(.zero) { $0 + $1.amount }
        #expect(paid > Satoshi(3000))
        #expect(pair.opener.channel?.established?.closings.count == 3)
        #expect(pair.opener.channel?.established?.closings.last == closing)
    }

    @Test("a channel closes before it is ready")
    func beforeReady() throws {
        var pair = try ChannelPair()
        try pair.establish()
        try pair.opener.perform(.close(Self.request(.opener)))
        try Self.settle(&pair)
        #expect(Self.closings(pair.opener).count == 1)
    }

    @Test("the upfront script is used without asking, and no other is taken")
    func upfront() throws {
        var pair = try ChannelPair()
        let script = Self.scripts[.accepter] ?? Script()
        pair.policy.terms.upfrontShutdownScript = script
        try pair.establish()
        try pair.confirm(depth: 6)
        #expect(
            throws: ChannelError.notTheUpfrontScript(
                expected: script, actual: Self.scripts[.opener] ?? Script())
        ) { try pair.accepter.perform(.close(Self.request(.opener))) }
        try pair.opener.perform(.close(Self.request(.opener)))
        try pair.settle()
        #expect(!pair.accepter.events.contains(.closingScriptWanted))
        #expect(Self.closings(pair.accepter).count == 1)
    }

    @Test("a script of no allowed form is neither sent nor taken")
    func script() throws {
        var pair = try Self.ready(simple: false)
        let script = Script([0x51])
        #expect(throws: ChannelError.closingScriptNotAllowed(script)) {
            try pair.opener.perform(.close(CloseRequest(script: script)))
        }
        let channelID = try #require(pair.opener.channel).channelID
        pair.accepter.receive(
            .message(.shutdown(Shutdown(channelID: channelID, script: script))))
        #expect(
            pair.accepter.events.last
                == .failed(.channel(.closingScriptNotAllowed(script)), .warn))
        #expect(pair.accepter.state == .normal)
    }

    @Test("a signed close ends the channel whatever the peer says, unless the user cannot wait")
    func errorAfterClose() throws {
        var pair = try Self.ready(simple: false)
        try pair.opener.perform(.close(Self.request(.opener)))
        try Self.settle(&pair)
        let closing = try #require(Self.closings(pair.opener).first)
        let channelID = try #require(pair.opener.channel).channelID
        _ = pair.opener.takeEvents()
        pair.opener.receive(.message(.error(ErrorMessage(channelID: channelID, data: [1]))))
        #expect(pair.opener.takeEvents() == [.closing(closing)])
        #expect(pair.opener.state == .negotiating)
        try pair.opener.perform(.forceClose)
        #expect(pair.opener.takeEvents() == [.failed(.requested, .forceClose)])
        #expect(pair.opener.state == .failed)
    }
}
