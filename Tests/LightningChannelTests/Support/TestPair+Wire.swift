import LightningChannel
import LightningWire

extension TestPair {
    /// Delivers the next message that `name` sent, or a whole batch; answers whether there was one.
    @discardableResult
    mutating func deliver(from name: Name) throws -> Bool {
        guard let first = self[name].wire.first else { return false }
        var count = 1
        if case .startBatch(let batch) = first { count += Int(batch.batchSize) }
        // What crosses the wire is bytes.
        let messages = try self[name].wire.prefix(count).map {
            try Message(decoding: $0.encoded)
        }
        self[name].wire.removeFirst(count)
        try self[name.other].receive(messages)
        return true
    }

    /// Delivers everything that is on the wire, in turns.
    mutating func deliverAll() throws {
        while try deliver(from: .opener) || deliver(from: .accepter) {}
    }

    /// Signs and delivers until both sides are at rest.
    mutating func settle() throws {
        repeat {
            try deliverAll()
            for name in Name.allCases where self[name].commitments.hasUpdatesToSign {
                if !self[name].commitments.isAwaitingRevocation { try self[name].sign() }
            }
        } while !opener.wire.isEmpty || !accepter.wire.isEmpty
    }

    /// Loses the connection with everything on the wire, and comes back on another.
    mutating func reconnect() throws {
        for name in Name.allCases {
            self[name].wire = []
            self[name].commitments.disconnect()
        }
        let hellos = (opener.commitments.reestablish, accepter.commitments.reestablish)
        opener.carryOut(
            try opener.commitments.retransmission(after: hellos.1, opener.signer))
        accepter.carryOut(
            try accepter.commitments.retransmission(after: hellos.0, accepter.signer))
    }

    /// A channel in which `name` offers HTLCs of `amounts`, all irrevocably committed. Their preimages are numbered like
    /// their ids.
    static func withHTLCs(
        from name: Name = .opener, _ amounts: [MilliSatoshi] = [MilliSatoshi(50_000_000)],
        _ terms: TestTerms = TestTerms()
    ) throws -> TestPair {
        var pair = try open(terms)
        for (id, amount) in amounts.enumerated() {
            try pair[name].add(amount, preimage(UInt64(id)))
        }
        try pair.settle()
        return pair
    }
}
