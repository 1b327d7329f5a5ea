import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import TestSupport
import Testing

/// A channel that is being closed by both sides in agreement.
struct ClosingPair {
    /// What one side wants.
    struct Wishes {
        var script: Script
        var feerate: UInt32 = 1000
        var acceptable: ClosedRange<UInt32> = 253...5000

        var preferences: ClosingPreferences {
            ClosingPreferences(
                feerate: FeeratePerKw(feerate),
                acceptable: FeeratePerKw(
                    acceptable.lowerBound)...FeeratePerKw(acceptable.upperBound),
                lockTime: LockTime(700))
        }
    }

    static let scripts: [TestPair.Name: Script] = [
        .opener: witnessKeyHash(0x0a), .accepter: witnessKeyHash(0xac),
    ]

    static func witnessKeyHash(_ byte: UInt8) -> Script {
        Script([0, 20] + [UInt8](repeating: byte, count: 20))
    }

    static func witnessScriptHash(_ byte: UInt8) -> Script {
        Script([0, 32] + [UInt8](repeating: byte, count: 32))
    }

    static func taproot(_ byte: UInt8) -> Script {
        Script([0x51, 32] + [UInt8](repeating: byte, count: 32))
    }

    static let burning = Script.nullData([1, 2, 3, 4, 5, 6])

    var pair: TestPair
    let allowed: ClosingScripts
    var negotiations: [TestPair.Name: ClosingNegotiation] = [:]
    /// What each side was told to publish.
    var published: [TestPair.Name: [Transaction]] = [.opener: [], .accepter: []]
    /// The messages that were delivered.
    var delivered: [Message] = []
    /// Changes a message on its way, as a peer that does otherwise would send it.
    var tamper: (TestPair.Name, Message) -> Message = { $1 }

    /// A channel after both `shutdown`s, before anything is negotiated.
    init(
        simple: Bool, opener: Wishes? = nil, accepter: Wishes? = nil,
        _ terms: TestTerms = TestTerms()
    ) throws {
        pair = try TestPair.open(terms)
        allowed = ClosingScripts(anySegwit: true, simpleClose: simple)
        for (name, wishes) in [(TestPair.Name.opener, opener), (.accepter, accepter)] {
            let wishes = try wishes ?? Wishes(script: #require(Self.scripts[name]))
            negotiations[name] = ClosingNegotiation(allowed, wishes.preferences)
            pair[name].carryOut(
                try pair[name].commitments.sendShutdown(to: wishes.script, allowed))
        }
        try deliverAll()
    }

    /// The output that is closed.
    var funding: TransactionOutput { pair.opener.commitments.fundings[0].funding.output }

    mutating func start(_ names: [TestPair.Name] = TestPair.Name.allCases) throws {
        for name in names {
            try step(name) { negotiation, side throws(ChannelError) in
                try negotiation.start(side.commitments, side.signer)
            }
        }
    }

    mutating func bump(
        _ name: TestPair.Name, _ feerate: UInt32, to script: Script? = nil
    ) throws {
        negotiations[name]?.preferences.feerate = FeeratePerKw(feerate)
        try step(name) { negotiation, side throws(ChannelError) in
            try negotiation.bump(to: script, &side.commitments, side.signer)
        }
    }

    /// Delivers everything that is on the wire, in turns.
    mutating func deliverAll() throws {
        while true {
            let before = delivered.count
            for name in TestPair.Name.allCases { try deliver(from: name) }
            if delivered.count == before { return }
        }
    }

    mutating func deliver(from name: TestPair.Name) throws {
        guard !pair[name].wire.isEmpty else { return }
        let message = tamper(name, pair[name].wire.removeFirst())
        delivered.append(message)
        try receive(message, name.other)
    }

    mutating func receive(_ message: Message, _ name: TestPair.Name) throws {
        let message = try Message(decoding: message.encoded)
        let allowed = allowed
        try step(name) { negotiation, side throws(ChannelError) in
            if case .shutdown(let message) = message {
                return try side.commitments.receive(message, allowed)
            }
            if case .closingSigned(let message) = message {
                return try negotiation.receive(message, side.commitments, side.signer)
            }
            if case .closingComplete(let message) = message {
                return try negotiation.receive(message, &side.commitments, side.signer)
            }
            if case .closingSig(let message) = message {
                return try negotiation.receive(message, side.commitments, side.signer)
            }
            return ChannelStep()
        }
    }

    private mutating func step(
        _ name: TestPair.Name,
        _ body: (inout ClosingNegotiation, inout TestSide) throws(ChannelError) -> ChannelStep
    ) throws {
        var negotiation = try #require(negotiations[name])
        let before = (negotiation, pair[name].commitments)
        let step: ChannelStep
        do throws(ChannelError) {
            step = try body(&negotiation, &pair[name])
        } catch {
            #expect((negotiation, pair[name].commitments) == before)
            throw error
        }
        pair[name].carryOut(step)
        negotiations[name] = negotiation
        for event in step.events {
            guard case .closing(let transaction) = event else { continue }
            try ScriptJudge.verify(transaction, spending: [funding])
            #expect(RelayPolicy().dustOutputs(of: transaction) == [])
            published[name, default: []].append(transaction)
        }
        #expect(try pair[name].shelf.commitments() == pair[name].disconnected)
    }

    /// Loses the connection, and the memory of one side where `restarting` names it, and reestablishes the channel.
    mutating func reconnect(restarting: TestPair.Name? = nil) throws {
        for name in TestPair.Name.allCases {
            negotiations[name]?.disconnect()
        }
        if let restarting, let preferences = negotiations[restarting]?.preferences {
            try pair[restarting].restart()
            negotiations[restarting] = ClosingNegotiation(allowed, preferences)
        }
        try pair.reconnect()
    }

    /// What a transaction pays in fees.
    func fee(_ transaction: Transaction) -> Satoshi {
        transaction.outputs.reduce(funding.amount) { $0 - $1.amount }
    }

    func amount(_ transaction: Transaction, _ script: Script) -> Satoshi? {
        transaction.outputs.first { $0.scriptPubKey == script }?.amount
    }
}
