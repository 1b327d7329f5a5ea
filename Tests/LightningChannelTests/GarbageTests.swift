import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import TestSupport
import Testing

/// Messages with changed bytes, at every point of a channel's life: whatever they say, nothing breaks, and what is in memory
/// is on the disk.
@Suite("Garbage from a peer")
struct GarbageTests {
    @Test("a changed message never breaks a channel", arguments: [false, true])
    func garbage(simple: Bool) throws {
        var pair = try ChannelPair(
            features: ChannelPair.features + (simple ? [.simpleClose] : []))
        pair.request.pushed = MilliSatoshi(300_000_000)
        var garbage = GarbageMaker(seed: simple ? 1 : 2)
        try pair.open()
        try garbage.deliverAll(&pair)
        pair.opener.receive(.funded(ChannelPair.outPoint))
        try garbage.deliverAll(&pair)
        for name in TestPair.Name.allCases { pair.confirm(name, depth: 6) }
        try garbage.deliverAll(&pair)
        try pair.opener.perform(.offer(TestPair.offer(MilliSatoshi(50_000_000))))
        try pair.accepter.perform(.offer(TestPair.offer(MilliSatoshi(100_000))))
        try garbage.settle(&pair)
        try pair.accepter.perform(
            .resolve(id: 0, .fulfill(TestPair.preimage(0), attribution: nil)))
        try pair.opener.perform(.resolve(id: 0, .fail(reason: [1], attribution: nil)))
        try garbage.settle(&pair)
        pair.disconnect()
        pair.connect()
        try garbage.settle(&pair)
        for name in TestPair.Name.allCases {
            try pair[name].perform(
                .close(CloseRequest(script: Script([0, 20] + [UInt8](repeating: 7, count: 20)))))
        }
        try garbage.settle(&pair)
        #expect(pair.opener.channel?.established?.closings.isEmpty == false)
        #expect(garbage.taken > 200)
    }
}

/// Delivers each message changed in many ways to copies of its receiver, and then as it is.
struct GarbageMaker {
    private var random: SeededGenerator
    /// How many changed messages were still messages.
    private(set) var taken = 0

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func settle(_ pair: inout ChannelPair) throws {
        repeat {
            try deliverAll(&pair)
            for name in TestPair.Name.allCases { pair[name].receive(.flush) }
        } while !pair.opener.wire.isEmpty || !pair.accepter.wire.isEmpty
    }

    mutating func deliverAll(_ pair: inout ChannelPair) throws {
        while let name = TestPair.Name.allCases.first(where: { !pair[$0].wire.isEmpty }) {
            for _ in 0..<20 { try spoil(pair, from: name) }
            try pair.deliver(from: name)
        }
    }

    private mutating func spoil(_ original: ChannelPair, from name: TestPair.Name) throws {
        var bytes = original[name].wire[0].encoded
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let position = Int.random(in: 2..<bytes.count, using: &random)
            bytes[position] = .random(in: 0...255, using: &random)
        }
        guard let message = try? Message(decoding: bytes) else { return }
        taken += 1
        var pair = original
        pair[name].wire = [message]
        try pair.deliver(from: name)
        let side = pair[name.other]
        guard var memory = side.channel, memory.established != nil else { return }
        _ = memory.receive(.disconnected, side.context, side.signer)
        #expect(try Channel(keys: ChannelSide.keys, records: side.shelf.records) == memory)
    }
}
