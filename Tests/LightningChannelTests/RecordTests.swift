import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire
import Testing

@Suite("Records of a channel")
struct RecordTests {
    @Test("a channel is rebuilt from its records, at each message of a payment")
    func rebuild() throws {
        var pair = try TestPair.open()
        func check(_ pair: TestPair) throws {
            for name in TestPair.Name.allCases {
                var memory = pair[name].commitments
                memory.disconnect()
                #expect(try pair[name].shelf.commitments() == memory)
            }
        }
        try pair.opener.add(MilliSatoshi(50_000_000))
        try pair.opener.sign()
        try check(pair)
        while try pair.deliver(from: .opener) || pair.deliver(from: .accepter) { try check(pair) }
        try pair.accepter.sign()
        while try pair.deliver(from: .opener) || pair.deliver(from: .accepter) { try check(pair) }
        try pair.accepter.fulfill(0)
        try pair.accepter.sign()
        try check(pair)
        while try pair.deliver(from: .opener) || pair.deliver(from: .accepter) { try check(pair) }
        try pair.opener.sign()
        while try pair.deliver(from: .opener) || pair.deliver(from: .accepter) { try check(pair) }
    }

    @Test("an update writes as much in a full channel as in an empty one")
    func writesOfAChange() throws {
        // HTLCs without outputs, so that no signatures of others are in the way.
        func bytes(_ others: Int) throws -> Int {
            var terms = TestTerms()
            terms.maximumDustExposure = MilliSatoshi(900_000_000)
            var pair = try TestPair.withHTLCs(
                [MilliSatoshi](repeating: MilliSatoshi(1000), count: others), terms)
            let before = pair.accepter.shelf.bytesWritten
            try pair.opener.add(MilliSatoshi(1000))
            try pair.settle()
            return pair.accepter.shelf.bytesWritten - before
        }
        // Numbers may take a byte more.
        #expect(try bytes(200) <= bytes(0) + 12)
    }

    @Test("what is left of a payment is what a penalty needs, in under 55 bytes")
    func leftovers() throws {
        var pair = try TestPair.withHTLCs(
            [MilliSatoshi](repeating: MilliSatoshi(2_000_000), count: 20))
        for id in 0..<10 as Range<UInt64> {
            try pair.accepter.fulfill(id, TestPair.preimage(id))
        }
        try pair.settle()
        let before = pair.opener.shelf.bytesStored
        for id in 10..<20 as Range<UInt64> { try pair.accepter.fail(id) }
        try pair.settle()
        // Ten records became ten shorter ones.
        #expect(pair.opener.shelf.bytesStored < before)
        let past = try pair.opener.shelf.records(.channelPastHTLC).map {
            try PastHTLC(recordKey: $0.key, record: $0.value)
        }
        #expect(past.count == 20)
        for (id, htlc) in past.enumerated() {
            #expect(htlc.key == HTLCKey(offerer: .local, id: UInt64(id)))
            #expect(htlc.paymentHash == TestPair.preimage(UInt64(id)).paymentHash)
            #expect(htlc.remoteCommitments == (id < 10 ? 1..<2 : 1..<3))
        }
        let size = pair.opener.shelf.records(.channelPastHTLC).reduce(0) {
            $0 + $1.key.count + $1.value.count
        }
        #expect(size / 20 < 55)
        #expect(pair.opener.shelf.records(.channelMessage).isEmpty)
        #expect(pair.accepter.shelf.records(.channelMessage).isEmpty)
        #expect(pair.opener.shelf.records(.channelSignedUpdate).isEmpty)
    }

    @Test("a channel whose records are missing or torn is not rebuilt")
    func torn() throws {
        let pair = try TestPair.withHTLCs()
        for table: RecordTable in [
            .channelState, .channelParameters, .channelFunding, .channelSignatures,
        ] {
            #expect(throws: RecordError.self) {
                try Commitments(records: {
                    $0 == table ? [] : pair.opener.shelf.records($0)
                })
            }
            #expect(throws: RecordError.self) {
                try Commitments(records: { asked in
                    pair.opener.shelf.records(asked).map {
                        (key: $0.key, value: asked == table ? Array($0.value.dropLast()) : $0.value)
                    }
                })
            }
        }
    }

    @Test("records that contradict each other are not worked with")
    func contradictions() throws {
        var pair = try TestPair.withHTLCs()
        try pair.accepter.add(MilliSatoshi(30_000_000))
        try pair.settle()
        try pair.accepter.resolve(0, .fail(reason: []))
        let shelf = pair.accepter.shelf
        func expectRefusal(
            without table: RecordTable, location: SourceLocation = #_sourceLocation,
            _ other: [(key: [UInt8], value: [UInt8])] = []
        ) {
            #expect(throws: RecordError.self, sourceLocation: location) {
                try Commitments(records: { $0 == table ? other : shelf.records($0) })
            }
        }
        // The HTLC of the peer without its onion; HTLCs of another time; balances of another time.
        expectRefusal(without: .channelMessage)
        let before = try TestPair.open().accepter.shelf
        expectRefusal(without: .channelState, before.records(.channelState))
        expectRefusal(without: .channelState, Array(before.records(.channelState).prefix(1)))
        let htlcs = shelf.records(.channelHTLC)
        expectRefusal(without: .channelHTLC, htlcs.map { ($0.key + [1], $0.value) })
        expectRefusal(without: .channelHTLC, htlcs.reversed() + htlcs)
        expectRefusal(
            without: .channelResolution,
            shelf.records(.channelResolution).map { (key: $0.key.dropLast() + [0], $0.value) })
        _ = try shelf.commitments()
    }

    @Test("a payment on its own writes little more than its onion, on either side")
    func writesOfAPayment() throws {
        var pair = try TestPair.withHTLCs()
        let before = TestPair.Name.allCases.map { pair[$0].shelf.bytesWritten }
        try pair.opener.add(MilliSatoshi(2_000_000), TestPair.preimage(1))
        try pair.settle()
        try pair.accepter.fulfill(1, TestPair.preimage(1))
        try pair.settle()
        for (name, before) in zip(TestPair.Name.allCases, before) {
            let written = pair[name].shelf.bytesWritten - before
            #expect(written < 1452 + 1550)
        }
    }
}
