import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWallet
import LightningWire

/// Channels of one node with a peer each, open and at rest, as the records that the node wrote of them.
struct OpenChannels {
    private let keys: WalletKeys
    private let peers: ChannelKeyring
    private let context: ChannelContext
    private static let confirmations: UInt32 = 6

    /// Channels of the node with `keys`.
    init(_ keys: WalletKeys) throws {
        self.keys = keys
        peers = ChannelKeyring(
            family: try ExtendedPrivateKey(seed: SecretBytes([UInt8](repeating: 9, count: 32))))
        var features = Features()
        for feature: Feature in [.staticRemoteKey, .anchors, .channelType] {
            features.add(feature)
        }
        context = ChannelContext(
            height: BlockHeight(1_000), features: features,
            feerates: ChannelFeerates(FeeratePerKw(2_500)))
    }

    /// What the node has written when its channel of that number is ready.
    func records(_ number: UInt32) throws -> [RecordWrite] {
        guard let number = ChannelKeyNumber(number) else {
            throw CommandFailure("\(number) is no number of a channel")
        }
        let identity = try PrivateKey(SHA256.hash(Array("\(number.value)".utf8))).publicKey
        let chain = keys.network.genesisHash
        let signers = [try keys.channels.signer(number), try peers.signer(number)]
        var exchange = Exchange(context: context, signers: signers)
        let request = OpenRequest(
            keys: number, peer: identity, chain: chain, amount: Satoshi(1_000_000))
        let (opener, asked) = try Channel.open(request, context, signers[0])
        guard case .openChannel(let message)? = asked.messages.first else {
            throw CommandFailure("no channel was asked for")
        }
        let (accepter, answered) = try Channel.accept(
            message, as: number, from: keys.nodeKey.publicKey, AcceptPolicy(chain: chain), context,
            signers[1])
        exchange.sides = [opener, accepter]
        exchange.carryOut(answered, of: 1)
        let outPoint = OutPoint(TransactionID(SHA256.hash(identity.compressed)), 0)
        exchange.receive(.funded(outPoint), at: 0)
        for side in 0...1 { exchange.confirm(side, depth: Self.confirmations) }
        guard exchange.sides.allSatisfy({ $0.state == .normal }) else {
            throw CommandFailure("a channel of the measurement did not open")
        }
        return exchange.writes
    }

    /// Two machines, what passes between them, and what the first one writes.
    private struct Exchange {
        var context: ChannelContext
        let signers: [InProcessSigner]
        var sides: [Channel] = []
        var writes: [RecordWrite] = []

        init(context: ChannelContext, signers: [InProcessSigner]) {
            self.context = context
            self.signers = signers
        }

        mutating func receive(_ input: ChannelInput, at side: Int) {
            carryOut(sides[side].receive(input, context, signers[side]), of: side)
        }

        mutating func carryOut(_ step: ChannelStep, of side: Int) {
            if side == 0 { writes += step.writes }
            for message in step.messages { receive(.message(message), at: 1 - side) }
        }

        /// Mines the funding transaction and blocks on it.
        mutating func confirm(_ side: Int, depth: UInt32) {
            guard let funding = sides[side].commitments?.fundings.first?.funding else { return }
            let height = context.height
            receive(
                .fundingConfirmed(
                    FundingConfirmation(
                        height: height, transactionIndex: 1, output: funding.output)), at: side)
            context.height = height + (depth - 1)
            receive(.blockConnected, at: side)
            context.height = height
        }
    }
}

extension OpenChannels {
    /// Writes the channels of those numbers into a store, and says how far that is.
    func write(_ numbers: Range<UInt32>, into commit: ([RecordWrite]) throws -> Void) throws {
        var writes: [RecordWrite] = []
        for number in numbers {
            writes += try records(number)
            guard (number + 1).isMultiple(of: 500) || number + 1 == numbers.upperBound else {
                continue
            }
            try commit(writes)
            writes = []
            say("  \(grouped(Int(number + 1))) channels opened")
        }
    }
}
