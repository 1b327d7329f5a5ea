import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import TestSupport

/// Two nodes with a channel between them, and a chain in which only its funding matters.
struct ChannelPair {
    var opener: ChannelSide
    var accepter: ChannelSide
    var request: OpenRequest
    var policy: AcceptPolicy
    /// Where the funding transaction of the test is.
    static let outPoint = OutPoint(TransactionID(SHA256.hash([1, 2, 3])), 1)

    init(features: [Feature] = ChannelPair.features) throws {
        var negotiated = Features()
        for feature in features { negotiated.add(feature) }
        opener = try ChannelSide(.opener, features: negotiated)
        accepter = try ChannelSide(.accepter, features: negotiated)
        let chain = BlockHash(SHA256.hash([9]))
        request = OpenRequest(
            keys: try ChannelSide.keys, peer: accepter.id, chain: chain,
            amount: Satoshi(1_000_000))
        policy = AcceptPolicy(chain: chain)
    }

    static let features: [Feature] = [
        .staticRemoteKey, .anchors, .shortChannelIDAlias, .zeroConfirmation, .channelType,
        .upfrontShutdownScript, .shutdownAnySegwit, .quiescence,
    ]

    subscript(name: TestPair.Name) -> ChannelSide {
        get { name == .opener ? opener : accepter }
        _modify {
            if name == .opener { yield &opener } else { yield &accepter }
        }
    }

    /// Sends `open_channel`.
    mutating func open() throws {
        let (channel, step) = try Channel.open(request, opener.context, opener.signer)
        opener.channel = channel
        opener.carryOut(step)
    }

    /// Delivers the next message that `name` sent; answers whether there was one.
    @discardableResult
    mutating func deliver(from name: TestPair.Name) throws -> Bool {
        guard !self[name].wire.isEmpty else { return false }
        let sent = self[name].wire.removeFirst()
        // What crosses the wire is bytes.
        let message = try Message(decoding: sent.encoded)
        if name == .opener, case .openChannel(let open) = message {
            accept(open)
        } else if self[name.other].channel?.state ?? .forgotten == .forgotten {
            refuse(message, at: name.other)
        } else {
            self[name.other].receive(.message(message))
        }
        return true
    }

    private mutating func accept(_ open: OpenChannel) {
        do throws(OpeningError) {
            let (channel, step) = try Channel.accept(
                open, as: request.keys, from: opener.id, policy, accepter.context,
                accepter.signer)
            accepter.channel = channel
            accepter.carryOut(step)
        } catch {
            accepter.wire.append(Channel.refusal(error, of: open))
        }
    }

    /// What a node says of a channel that it does not know (BOLT 1).
    private mutating func refuse(_ message: Message, at name: TestPair.Name) {
        guard case .channelReestablish(let hello) = message else { return }
        self[name].wire.append(
            .error(ErrorMessage(channelID: hello.channelID, data: Array("unknown".utf8))))
    }

    /// Delivers everything that is on the wire, in turns.
    mutating func deliverAll() throws {
        while try deliver(from: .opener) || deliver(from: .accepter) {}
    }

    /// Delivers and signs until both sides are at rest.
    mutating func settle() throws {
        repeat {
            try deliverAll()
            for name in TestPair.Name.allCases { self[name].receive(.flush) }
        } while !opener.wire.isEmpty || !accepter.wire.isEmpty
    }

    /// Goes through the opening until both sides have signed.
    mutating func establish() throws {
        try open()
        try deliverAll()
        opener.receive(.funded(Self.outPoint))
        try deliverAll()
    }

    /// Mines the funding transaction and `depth - 1` blocks on it.
    mutating func confirm(depth: UInt32, at height: UInt32 = 1001) throws {
        for name in TestPair.Name.allCases { confirm(name, depth: depth, at: height) }
        try deliverAll()
    }

    mutating func confirm(_ name: TestPair.Name, depth: UInt32, at height: UInt32 = 1001) {
        guard let funding = self[name].channel?.commitments?.fundings.first?.funding else { return }
        self[name].context.height = BlockHeight(height)
        self[name].receive(
            .fundingConfirmed(
                FundingConfirmation(
                    height: BlockHeight(height), transactionIndex: 7, output: funding.output)))
        mine(name, to: height + depth - 1)
    }

    /// Adds blocks up to `height`, of which this side hears one by one.
    mutating func mine(_ name: TestPair.Name, to height: UInt32) {
        while self[name].context.height < BlockHeight(height) {
            self[name].context.height = self[name].context.height + 1
            self[name].receive(.blockConnected)
        }
        self[name].receive(.blockConnected)
    }

    /// A channel that is ready.
    static func ready(_ change: (inout ChannelPair) -> Void = { _ in }) throws -> ChannelPair {
        var pair = try ChannelPair()
        change(&pair)
        try pair.establish()
        try pair.confirm(depth: 6)
        return pair
    }

    /// Loses the connection with everything on the wire.
    mutating func disconnect() {
        for name in TestPair.Name.allCases {
            self[name].wire = []
            self[name].receive(.disconnected)
        }
    }

    /// Comes back on another connection, on which nothing is delivered yet.
    mutating func connect() {
        for name in TestPair.Name.allCases { self[name].receive(.connected) }
    }
}
