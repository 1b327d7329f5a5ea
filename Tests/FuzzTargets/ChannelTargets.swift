import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire

extension FuzzTarget {
    /// What the database holds of a channel, should it be damaged.
    static let channels: [FuzzTarget] = [
        FuzzTarget("channel-records", seeds: SampleRecords.seeds) { bytes in
            let shelf = SampleRecords(decoding: bytes)
            guard let channel = try? Commitments(records: shelf.records) else { return }
            var copy = channel
            copy.disconnect()
            guard copy == channel else {
                throw FuzzFailure("channel-records: what was proposed came back")
            }
            for funding in channel.fundings {
                let total = MilliSatoshi(funding.funding.amount)
                for view in [CommitmentView.local, .remoteSigned, .remoteUnrevoked] {
                    let state = channel.state(view, funding)
                    let sum = state.htlcs.reduce(state.ownerBalance + state.counterpartyBalance) {
                        $0 + $1.amount
                    }
                    guard sum == total else {
                        throw FuzzFailure("channel-records: a commitment loses money")
                    }
                }
                _ = try? channel.localCommitment(funding)
                _ = try? channel.remoteCommitments(funding)
            }
            _ = (channel.openReceived, channel.reestablish, channel.canSign)
        },
        FuzzTarget(
            "channel-past-htlc",
            seeds: [[7, 0, 0, 0, 3, 0x01, 5, 0, 32] + [UInt8](repeating: 9, count: 32)]
        ) { bytes in
            guard let length = bytes.first, bytes.count > Int(length) else { return }
            let rest = bytes.dropFirst()
            _ = try? PastHTLC(
                recordKey: Array(rest.prefix(Int(length))),
                record: Array(rest.dropFirst(Int(length))))
        },
    ]
}

/// The records of one channel, and a form of them in one row of bytes: table, length of the key, length of the value,
/// both.
struct SampleRecords {
    private var tables: [RecordTable: [[UInt8]: [UInt8]]] = [:]

    /// The records of a channel with HTLCs on their way in both directions, of either side.
    static let seeds: [[UInt8]] = ((try? SampleChannel.records()) ?? [])
        .filter { (try? Commitments(records: $0.records)) != nil }.map(\.encoded)

    init() {}

    /// Reads as many records as there are.
    init(decoding bytes: [UInt8]) {
        var reader = ByteReader(bytes.span.bytes)
        while let raw = try? reader.readByte(), let table = RecordTable(rawValue: raw) {
            guard let keyLength = try? reader.readByte(),
                let length: UInt16 = try? reader.readBigEndian(),
                let key = try? reader.readBytes(Int(keyLength)),
                let value = try? reader.readBytes(Int(length))
            else { return }
            tables[table, default: [:]][key] = value
        }
    }

    mutating func apply(_ writes: [RecordWrite]) {
        for write in writes { tables[write.table, default: [:]][write.key] = write.value }
    }

    func records(_ table: RecordTable) -> [(key: [UInt8], value: [UInt8])] {
        (tables[table] ?? [:]).sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { (key: $0.key, value: $0.value) }
    }

    var encoded: [UInt8] {
        var writer = ByteWriter()
        for table in RecordTable.allCases {
            for (key, value) in records(table) {
                writer.writeByte(table.rawValue)
                writer.writeByte(UInt8(key.count))
                writer.writeBigEndian(UInt16(value.count))
                writer.write(key)
                writer.write(value)
            }
        }
        return writer.bytes
    }
}

/// Two machines with a channel, stopped in the middle of everything.
private enum SampleChannel {
    static func records() throws -> [SampleRecords] {
        let signers = try ([1, 2] as [UInt8]).map { seed in
            guard let number = ChannelKeyNumber(0) else { throw FuzzFailure("zero is a number") }
            return try ChannelKeyring(
                family: ExtendedPrivateKey(seed: SecretBytes([UInt8](repeating: seed, count: 32)))
            ).signer(number)
        }
        var sides = [try commitments(signers, 0), try commitments(signers, 1)]
        var shelves = [SampleRecords(), SampleRecords()]
        for side in 0...1 { shelves[side].apply(sides[side].openingWrites) }

        func carryOut(_ step: ChannelStep, by side: Int) throws {
            shelves[side].apply(step.writes)
            for message in step.messages {
                let other = 1 - side
                if case .updateAddHTLC(let message) = message {
                    try carryOut(sides[other].receive(message), by: other)
                } else if case .commitmentSigned(let message) = message {
                    try carryOut(sides[other].receive([message], signers[other]), by: other)
                } else if case .revokeAndAck(let message) = message {
                    try carryOut(sides[other].receive(message), by: other)
                }
            }
        }
        for side in 0...1 {
            try carryOut(sides[side].sendAdd(offer), by: side)
            try carryOut(sides[side].flush(signers[side]), by: side)
        }
        try carryOut(sides[0].flush(signers[0]), by: 0)
        // One decision waits, one removal and one more HTLC are signed and on the wire.
        shelves[0].apply(try sides[0].resolve(0, HTLCResolution.fail(reason: [1, 2, 3])).writes)
        _ = try sides[1].resolve(0, HTLCResolution.fulfill(preimage))
        _ = try sides[1].sendAdd(offer)
        shelves[1].apply(try sides[1].flush(signers[1]).writes)
        return shelves
    }

    private static let preimage = PaymentPreimage(SHA256.hash([1]))
    private static let offer = HTLCOffer(
        amount: MilliSatoshi(50_000_000), paymentHash: preimage.paymentHash,
        cltvExpiry: BlockHeight(800_000), onionPacket: [UInt8](repeating: 0, count: 1366),
        origin: .payment(attempt: 1))

    private static func commitments(
        _ signers: [InProcessSigner], _ mine: Int
    ) throws -> Commitments {
        let basepoints = try signers.map { signer in try signer.basepoints(funding: 0) }
        let funding = ChannelFunding(
            outPoint: OutPoint(TransactionID(.zero), 0), amount: Satoshi(1_000_000),
            script: FundingScript(basepoints[0].funding, basepoints[1].funding))
        let parties = basepoints.map {
            PartyParameters(
                dustLimit: Satoshi(354), maximumInFlight: .maximumMoney,
                reserveOfOther: Satoshi(1000), htlcMinimum: MilliSatoshi(1), delayOfOther: 144,
                maximumAcceptedHTLCs: 30, basepoints: $0)
        }
        guard let number = ChannelKeyNumber(0),
            let parameters = ChannelParameters(
                keys: number, channelID: ChannelID(funding: funding.outPoint),
                channelType: Features(
                    bits: [Feature.staticRemoteKey.evenBit, Feature.anchors.evenBit]),
                opener: mine == 0 ? .local : .remote, local: parties[mine],
                remote: parties[1 - mine], maximumDustExposure: MilliSatoshi(5_000_000))
        else { throw FuzzFailure("anchors are a format of commitments") }
        let half = MilliSatoshi(500_000_000)
        var commitments = Commitments(
            parameters: parameters,
            fundings: [
                ActiveFunding(
                    funding: funding, localKey: basepoints[mine].funding,
                    remoteKey: basepoints[1 - mine].funding,
                    settled: Balances(local: half, remote: half),
                    signatures: CommitmentSignatures(
                        commitment: try PrivateKey(SHA256.hash([2])).sign(.zero), htlcs: []))
            ],
            feerate: FeeratePerKw(1000),
            localPoints: (
                try signers[mine].perCommitmentPoint(0), try signers[mine].perCommitmentPoint(1)
            ),
            remotePoint: try signers[1 - mine].perCommitmentPoint(0))
        _ = commitments.setRemoteNextPoint(try signers[1 - mine].perCommitmentPoint(1))
        return commitments
    }
}
