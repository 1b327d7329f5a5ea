import Bitcoin
import LightningChannel
import LightningWire
import Testing

@Suite("Reestablishing a channel")
struct ReestablishTests {
    /// Both sides have an update signed and the other's signature on the wire or beyond.
    private func crossing() throws -> TestPair {
        var pair = try TestPair.open()
        for name in TestPair.Name.allCases {
            try pair[name].add(MilliSatoshi(50_000_000))
            try pair[name].sign()
        }
        return pair
    }

    private func types(_ messages: [Message]) -> [UInt16] {
        messages.map { UInt16($0.encoded[0]) << 8 | UInt16($0.encoded[1]) }
    }

    @Test("updates that were signed are sent again with their commitment_signed, byte for byte")
    func lostCommitment() throws {
        var pair = try crossing()
        let sent = pair.opener.wire
        try pair.reconnect()
        #expect(pair.opener.wire == sent)
        try pair.settle()
        #expect(pair.accepter.commitments.openReceived.count == 1)
        #expect(pair.opener.commitments.openReceived.count == 1)
    }

    @Test("a revoke_and_ack that was lost is sent again")
    func lostRevocation() throws {
        var pair = try crossing()
        while try pair.deliver(from: .opener) {}
        let sent = pair.accepter.wire.last
        try pair.reconnect()
        #expect(types(pair.opener.wire) == [])
        #expect(pair.accepter.wire.last == sent)
        try pair.settle()
        #expect(pair.opener.commitments.offered[0].addition == .irrevocable)
    }

    @Test("commitment_signed and revoke_and_ack are sent again in the order in which they went out")
    func order() throws {
        // The accepter signed first and then revoked.
        var pair = try crossing()
        while try pair.deliver(from: .opener) {}
        try pair.reconnect()
        #expect(types(pair.accepter.wire) == [128, 132, 133])
        // The accepter revoked first and then signed.
        var other = try TestPair.open()
        try other.opener.add(MilliSatoshi(50_000_000))
        try other.opener.sign()
        while try other.deliver(from: .opener) {}
        try other.accepter.add(MilliSatoshi(1000))
        try other.accepter.sign()
        try other.reconnect()
        #expect(types(other.accepter.wire) == [133, 128, 132])
        try other.settle()
    }

    @Test("what was proposed and not signed is taken back on both sides, and its id used again")
    func uncommitted() throws {
        var pair = try TestPair.withHTLCs()
        try pair.opener.add(MilliSatoshi(1000))
        try pair.opener.fee(3000)
        try pair.accepter.add(MilliSatoshi(3000))
        try pair.deliverAll()
        let before = try TestPair.withHTLCs()
        let dropped = pair.opener.commitments.disconnect()
        #expect(
            dropped
                == ChannelStep(events: [.offeredDropped(id: 1, origin: .payment(attempt: 1))]))
        _ = pair.accepter.commitments.disconnect()
        for name in TestPair.Name.allCases {
            var start = before[name].commitments
            _ = start.disconnect()
            #expect(pair[name].commitments == start)
        }
        try pair.reconnect()
        try pair.opener.add(MilliSatoshi(2000))
        try pair.settle()
        #expect(pair.accepter.commitments.received.map(\.key.id) == [0, 1])
    }

    @Test("a state that is older than the channel is noticed, and never published")
    func outdated() throws {
        var pair = try TestPair.withHTLCs()
        var backup = pair.opener.commitments
        try pair.accepter.fulfill(0)
        try pair.settle()
        let hello = pair.accepter.commitments.reestablish
        let error = ChannelError.outdated(
            local: backup.localNumber, proven: pair.opener.commitments.localNumber)
        #expect(throws: error) {
            try backup.retransmission(after: hello, pair.opener.signer)
        }
        #expect(error.disposition(.remote) == .failChannel)
        // A claim without proof is not believed.
        var lie = hello
        lie.yourLastPerCommitmentSecret = PerCommitmentSecret(.zero)
        #expect(throws: ChannelError.wrongLastSecret) {
            try backup.retransmission(after: lie, pair.opener.signer)
        }
        // And the peer sees that the other side has lost its state.
        #expect(
            throws: ChannelError.unexpectedCommitmentNumber(
                expected: pair.accepter.commitments.remoteNumber + 1,
                actual: backup.reestablish.nextCommitmentNumber)
        ) {
            try pair.accepter.commitments.retransmission(
                after: backup.reestablish, pair.accepter.signer)
        }
    }

    @Test("numbers that cannot be are refused")
    func numbers() throws {
        var pair = try TestPair.withHTLCs()
        try pair.settle()
        var commitments = pair.opener.commitments
        let signer = pair.opener.signer
        let hello = pair.accepter.commitments.reestablish
        var wrong = hello
        wrong.nextCommitmentNumber = 0
        #expect(throws: ChannelError.nextCommitmentIsZero) {
            try commitments.retransmission(after: wrong, signer)
        }
        for number in [hello.nextCommitmentNumber - 1, hello.nextCommitmentNumber + 1, .max] {
            wrong.nextCommitmentNumber = number
            #expect(
                throws: ChannelError.unexpectedCommitmentNumber(
                    expected: hello.nextCommitmentNumber, actual: number)
            ) { try commitments.retransmission(after: wrong, signer) }
        }
        wrong = hello
        wrong.nextRevocationNumber = .max
        #expect(
            throws: ChannelError.unexpectedRevocationNumber(
                expected: commitments.localNumber, actual: .max)
        ) { try commitments.retransmission(after: wrong, signer) }
    }
}
