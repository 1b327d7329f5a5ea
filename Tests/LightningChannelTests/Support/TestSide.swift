import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import TestSupport

/// One side of a test channel: its commitments, its signer, its disk and what it was told.
struct TestSide {
    var commitments: Commitments
    let signer: InProcessSigner
    var shelf = RecordShelf()
    /// What it sent and the other side has not received yet.
    var wire: [Message] = []
    var events: [ChannelEvent] = []
    /// What it would find acceptable as a fee.
    var feerates = FeeratePerKw(253)...FeeratePerKw(100_000)

    init(_ commitments: Commitments, _ signer: InProcessSigner) {
        self.commitments = commitments
        self.signer = signer
        shelf.apply(commitments.openingWrites)
    }

    /// What a node does with a step: first the disk, then the wire.
    mutating func carryOut(_ step: ChannelStep) {
        shelf.apply(step.writes)
        wire += step.messages
        events += step.events
    }

    @discardableResult
    mutating func add(
        _ amount: MilliSatoshi, _ preimage: PaymentPreimage = TestPair.preimage(0),
        expiry: UInt32 = 500
    ) throws(ChannelError) -> ChannelStep {
        let step = try commitments.sendAdd(TestPair.offer(amount, preimage, expiry: expiry))
        carryOut(step)
        return step
    }

    mutating func fulfill(
        _ id: UInt64, _ preimage: PaymentPreimage = TestPair.preimage(0)
    ) throws(ChannelError) {
        try resolve(id, .fulfill(preimage))
    }

    mutating func fail(_ id: UInt64) throws(ChannelError) {
        try resolve(id, .fail(reason: [1, 2, 3]))
    }

    mutating func failMalformed(_ id: UInt64) throws(ChannelError) {
        try resolve(id, .failMalformed(onionHash: .zero, failureCode: 0x8000 | 5))
    }

    mutating func fee(_ feerate: UInt32) throws(ChannelError) {
        carryOut(try commitments.sendFee(FeeratePerKw(feerate)))
    }

    @discardableResult
    mutating func resolve(
        _ id: UInt64, _ resolution: HTLCResolution
    ) throws(ChannelError) -> ChannelStep {
        let step = try commitments.resolve(id, resolution)
        carryOut(step)
        return step
    }

    @discardableResult
    mutating func flush() throws(ChannelError) -> ChannelStep {
        let step = try commitments.flush(signer)
        carryOut(step)
        return step
    }

    mutating func sign() throws(ChannelError) {
        carryOut(try commitments.sendCommitmentSigned(signer))
    }

    /// Takes one message, or a batch of `commitment_signed`.
    mutating func receive(_ messages: [Message]) throws {
        if case .commitmentSigned = messages.last {
            let batch = messages.compactMap { message in
                if case .commitmentSigned(let signed) = message { signed } else { nil }
            }
            carryOut(try commitments.receive(batch, signer))
            return
        }
        for message in messages { carryOut(try step(message)) }
    }

    private mutating func step(_ message: Message) throws -> ChannelStep {
        if case .revokeAndAck(let message) = message { return try commitments.receive(message) }
        switch CommitmentUpdate(message) {
        case .add(let message): return try commitments.receive(message)
        case .fulfill(let message): return try commitments.receive(message)
        case .fail(let message): return try commitments.receive(message)
        case .failMalformed(let message): return try commitments.receive(message)
        case .fee(let message):
            return try commitments.receive(message, acceptable: feerates)
        case nil: throw TestPairError.unexpected(message)
        }
    }

    /// What losing the connection leaves in memory.
    var disconnected: Commitments {
        var copy = commitments
        copy.disconnect()
        return copy
    }

    /// What restarting the node leaves.
    mutating func restart() throws { commitments = try shelf.commitments() }
}

enum TestPairError: Error {
    case unexpected(Message)
    case setup
}
