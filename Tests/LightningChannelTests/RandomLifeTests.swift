import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import TestSupport
import Testing

/// Two nodes and a channel from its opening to its close, with connections lost and nodes restarted at any message.
@Suite("Random lives of a channel")
struct RandomLifeTests {
    @Test("records are memory at every step, and every life ends in a close", arguments: 1...12)
    func live(seed: UInt64) throws {
        var life = try RandomLife(seed: seed)
        for _ in 0..<200 { try life.step() }
        // Every other channel closes in the middle of payments.
        if seed % 4 < 2 { life.close() }
        for _ in 0..<100 { try life.step() }
        try life.end()
        // A life in which nothing happened would prove nothing.
        #expect(life.restarts > 2)
        #expect(life.paid > 0 || seed % 4 < 2)
    }
}

/// One random life.
struct RandomLife {
    private var pair: ChannelPair
    private var random: SeededGenerator
    private var isConnected = true
    private var preimages: [PaymentHash: PaymentPreimage] = [:]
    private var nextPreimage: UInt64 = 0
    private var isEnding = false
    private(set) var restarts = 0
    private(set) var paid = 0

    init(seed: UInt64) throws {
        random = SeededGenerator(seed: seed)
        pair = try ChannelPair(
            features: ChannelPair.features + (seed % 2 == 0 ? [.simpleClose] : []))
        pair.request.format = seed % 3 == 0 ? .staticRemoteKey : .anchors
        pair.request.isZeroConfirmation = seed % 5 == 0
        pair.policy.trustsZeroConfirmation = true
        pair.request.pushed = MilliSatoshi(seed % 7 == 0 ? 0 : 300_000_000)
        try pair.open()
    }

    mutating func step() throws {
        let name: TestPair.Name = Bool.random(using: &random) ? .opener : .accepter
        // What is done ahead of time makes no difference to what is said and written: one side does it, the other never.
        pair.opener.channel?.prepare()
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<50: try pair.deliver(from: pair[name].wire.isEmpty ? name.other : name)
        case 50..<68: pair[name].receive(.flush)
        case 68..<78: offer(name)
        case 78..<86: resolve(name)
        case 86..<88: moveFeerates()
        case 88..<95: mine(name)
        case 95: reorganise(name)
        case 96..<98: disconnect(restarting: nil)
        default: disconnect(restarting: name)
        }
        if !isConnected, Bool.random(using: &random) { connect() }
        try look()
    }

    /// Lets everything come to rest, closes, and compares the ends.
    mutating func end() throws {
        for name in TestPair.Name.allCases { confirm(name) }
        try settle()
        isEnding = true
        for name in TestPair.Name.allCases {
            for event in pair[name].channel?.commitments?.openReceived ?? [] { decide(name, event) }
        }
        try settle()
        let (mine, theirs) = (
            try #require(pair.opener.channel?.commitments).fundings[0].settled,
            try #require(pair.accepter.channel?.commitments).fundings[0].settled
        )
        #expect(mine.local == theirs.remote)
        #expect(mine.remote == theirs.local)
        close()
        disconnect(restarting: .accepter)
        try settle()
        disconnect(restarting: .opener)
        try settle()
        for name in TestPair.Name.allCases {
            #expect(pair[name].state == .negotiating)
            #expect(pair[name].channel?.established?.closings.isEmpty == false)
        }
    }

    /// Has a side ask for the close, unless one has.
    mutating func close() {
        let name: TestPair.Name = Bool.random(using: &random) ? .opener : .accepter
        guard let established = pair[name].channel?.established, established.closeRequest == nil,
            established.commitments.shutdownScript(of: .local) == nil
        else { return }
        #expect(throws: Never.self) { try pair[name].perform(.close(Self.request(name))) }
    }

    // MARK: Moves

    private static func request(_ name: TestPair.Name) -> CloseRequest {
        CloseRequest(
            script: Script(
                [0, 20] + [UInt8](repeating: name == .opener ? 0x0a : 0xac, count: 20)))
    }

    private mutating func settle() throws {
        for _ in 0..<20 {
            if !isConnected { connect() }
            try pair.settle()
            try look()
        }
    }

    private mutating func offer(_ name: TestPair.Name) {
        nextPreimage += 1
        let preimage = TestPair.preimage(nextPreimage)
        let amount = UInt64.random(in: 1...90_000_000, using: &random)
        let offer = TestPair.offer(MilliSatoshi(amount), preimage)
        guard let _ = try? pair[name].perform(.offer(offer)) else { return }
        preimages[preimage.paymentHash] = preimage
    }

    private mutating func resolve(_ name: TestPair.Name) {
        guard
            let event = pair[name].channel?.commitments?.openReceived
                .randomElement(using: &random)
        else { return }
        decide(name, event)
    }

    private mutating func decide(_ name: TestPair.Name, _ event: ChannelEvent) {
        guard case .receivedCommitted(let message, _) = event,
            let preimage = preimages[message.paymentHash]
        else { return }
        let isPaid = Bool.random(using: &random)
        let resolution: HTLCResolution =
            isPaid ? .fulfill(preimage, attribution: nil) : .fail(reason: [1], attribution: nil)
        #expect(throws: Never.self) {
            try pair[name].perform(.resolve(id: message.id, resolution))
        }
        if isPaid { paid += 1 }
    }

    private mutating func moveFeerates() {
        let feerates = ChannelFeerates(FeeratePerKw(.random(in: 800...4000, using: &random)))
        for name in TestPair.Name.allCases { pair[name].context.feerates = feerates }
    }

    private mutating func mine(_ name: TestPair.Name) {
        guard pair[name].channel?.established?.position != nil else { return confirm(name) }
        pair.mine(name, to: pair[name].context.height.value + 1)
    }

    private mutating func confirm(_ name: TestPair.Name) {
        // The opener publishes the transaction once it is signed.
        guard pair.opener.channel?.established != nil,
            pair[name].channel?.established?.position == nil
        else { return }
        let height = pair[name].context.height.value + 1
        pair.confirm(name, depth: isEnding ? 6 : .random(in: 1...6, using: &random), at: height)
    }

    private mutating func reorganise(_ name: TestPair.Name) {
        pair[name].receive(.fundingUnconfirmed)
    }

    private mutating func disconnect(restarting name: TestPair.Name?) {
        pair.disconnect()
        isConnected = false
        guard let name else { return }
        restarts += 1
        #expect(throws: Never.self) { try pair[name].restart() }
    }

    private mutating func connect() {
        isConnected = true
        pair.connect()
    }

    // MARK: Looks

    /// Does what a node does, and compares memory with the disk.
    private mutating func look() throws {
        for name in TestPair.Name.allCases {
            for event in pair[name].takeEvents() { try act(name, event) }
            try checkRecords(name)
        }
        // An opening that was lost begins again.
        let isGone = pair.opener.channel?.state ?? .forgotten == .forgotten
        if isGone, isConnected, pair.opener.wire.isEmpty, pair.accepter.wire.isEmpty,
            pair.accepter.channel?.state ?? .forgotten == .forgotten
        {
            try pair.open()
        }
    }

    private mutating func act(_ name: TestPair.Name, _ event: ChannelEvent) throws {
        switch event {
        case .fundingWanted: pair[name].receive(.funded(ChannelPair.outPoint))
        case .closingScriptWanted: try pair[name].perform(.close(Self.request(name)))
        case .failed(let failure, _):
            // An opener may lose a channel that the accepter has signed and trusts.
            guard case .peerFailed = failure, pair.opener.channel?.established == nil else {
                Issue.record("\(name) failed: \(failure)")
                return
            }
            try pair[name].perform(.abandon)
        default: break
        }
    }

    private func checkRecords(_ name: TestPair.Name) throws {
        guard var memory = pair[name].channel, memory.established != nil else {
            #expect(pair[name].shelf.bytesStored == 0)
            return
        }
        _ = memory.receive(.disconnected, pair[name].context, pair[name].signer)
        let stored = try Channel(keys: ChannelSide.keys, records: pair[name].shelf.records)
        #expect(stored == memory)
    }
}
