import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import TestSupport

/// A node with one channel, as far as the channel needs one: a signer, a disk, a clock of blocks, and the chain's word.
struct ChannelSide {
    var channel: Channel?
    let signer: InProcessSigner
    let id: PublicKey
    var shelf = RecordShelf()
    /// What it sent and the other side has not received yet.
    var wire: [Message] = []
    var events: [ChannelEvent] = []
    var context: ChannelContext

    init(_ name: TestPair.Name, features: Features, height: UInt32 = 1000) throws {
        let seed = SecretBytes([UInt8](repeating: name == .opener ? 0x0b : 0xbc, count: 32))
        let root = try ExtendedPrivateKey(seed: seed)
        id = root.key.publicKey
        let family = try root.derive(DerivationPath("m/9735'/1'/1'"))
        signer = try ChannelKeyring(family: family).signer(Self.keys)
        context = ChannelContext(
            height: BlockHeight(height), features: features,
            feerates: ChannelFeerates(FeeratePerKw(2500)))
    }

    static var keys: ChannelKeyNumber {
        get throws {
            guard let number = ChannelKeyNumber(5) else { throw TestPairError.setup }
            return number
        }
    }

    /// What a node does with a step: first the disk, then the wire and the rest.
    mutating func carryOut(_ step: ChannelStep) {
        shelf.apply(step.writes)
        wire += step.messages
        events += step.events
    }

    mutating func receive(_ input: ChannelInput) {
        guard let step = channel?.receive(input, context, signer) else { return }
        carryOut(step)
    }

    mutating func perform(_ command: ChannelCommand) throws {
        guard let step = try channel?.perform(command, context, signer) else { return }
        carryOut(step)
    }

    /// What restarting the node leaves: what is not durable is gone.
    mutating func restart() throws {
        guard !shelf.records(.channelLife).isEmpty else {
            channel = nil
            return
        }
        channel = try Channel(keys: Self.keys, records: shelf.records)
    }

    var state: ChannelState? { channel?.state }

    /// The events since the last look.
    mutating func takeEvents() -> [ChannelEvent] {
        defer { events = [] }
        return events
    }
}
