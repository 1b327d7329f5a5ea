import Bitcoin
import LightningWire
import Testing

@Suite("Messages") struct MessageTests {
    static let point = Point(try! PrivateKey([UInt8](repeating: 1, count: 32)).publicKey)

    @Test("a message of an odd type that is not known is kept, one of an even type is refused")
    func unknownTypes() throws {
        #expect(
            try Message(decoding: [0x7f, 0xff, 1, 2]) == .unknown(type: 0x7fff, payload: [1, 2]))
        #expect(throws: WireError.unknownEvenMessage(type: 0x7ffe)) {
            try Message(decoding: [0x7f, 0xfe, 1, 2])
        }
        #expect(throws: WireError.noType(count: 1)) { try Message(decoding: [1]) }
    }

    @Test("what is not known and odd survives a round trip in its place")
    func unknownRecords() throws {
        var tlvs = ClosingTLVs()
        tlvs.unknownRecords = [TLVRecord(type: 5, value: [9]), TLVRecord(type: 0xfd01, value: [])]
        tlvs.closerOutputOnly = WireSignature.blank
        let message = ClosingSig(
            channelID: .all, closerScript: Script([1]), closeeScript: Script([]),
            fee: Satoshi(12), lockTime: .none, tlvs: tlvs)
        let again = try Message(decoding: message.encoded)
        #expect(again == .closingSig(message))
        #expect(again.encoded == message.encoded)
    }

    @Test("a field that is cut off is named, with what was needed and what was there")
    func truncated() throws {
        let bytes = UpdateFee(channelID: .all, feerate: FeeratePerKw(253)).encoded.dropLast()
        #expect(
            throws: WireError.malformedField(
                message: "update_fee", field: "feerate_per_kw",
                reason: .truncated(needed: 4, available: 3))
        ) { try Message(decoding: Array(bytes)) }
    }

    @Test("an amount above all bitcoin is refused")
    func absurdAmount() throws {
        var writer = ByteWriter()
        writer.writeBigEndian(UInt64(2_100_000_000_000_001))
        let bytes = writer.bytes
        #expect(throws: DecodeError.self) {
            var reader = ByteReader(bytes.span.bytes)
            _ = try Satoshi(fromWire: &reader)
        }
    }

    @Test("channel ids of two outputs of one transaction differ in the last two bytes")
    func channelID() throws {
        let id = TransactionID(try Hash256([UInt8](repeating: 0xaa, count: 32)))
        let channel = ChannelID(funding: OutPoint(id, 0x0102))
        #expect(channel.hash.bytes.suffix(2) == [0xab, 0xa8])
        #expect(channel.hash.bytes.dropLast(2) == id.hash.bytes.dropLast(2))
    }

    @Test("a preimage and a per-commitment secret are not printed by accident")
    func secretsAreNotPrinted() throws {
        let hash = try Hash256([UInt8](repeating: 0x5a, count: 32))
        for text in ["\(PaymentPreimage(hash))", "\(PerCommitmentSecret(hash))"] {
            #expect(!text.contains("5a5a5a5a"))
        }
    }

    @Test(
        "every message decodes to what was encoded, whatever its fields hold",
        arguments: Message.all.indices)
    func roundTrip(index: Int) throws {
        for seed in 0..<50 {
            let message = try Self.random(Message.all[index], seed: UInt64(seed * 1000 + index))
            let bytes = message.encoded
            let decoded = try Message(decoding: bytes)
            #expect(decoded.content.map { AnyHashable($0) } == AnyHashable(message))
            #expect(decoded.encoded == bytes)
            // A message that is cut off anywhere is refused or, where it ends before its records, still whole.
            for count in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 40)) {
                let part = Array(bytes[..<count])
                if let message = try? Message(decoding: part) { #expect(message.encoded == part) }
            }
        }
    }

    static func random<M: LightningMessage>(
        _ type: M.Type, seed: UInt64
    ) throws -> any LightningMessage {
        var filler = RandomFiller(seed: seed)
        var message = M()
        try message.code(&filler)
        return message
    }

    @Test("features of dependencies left out, and demands that are not known, are refused")
    func features() throws {
        let known = Features(bits: [14, 16, 26, 60].map { $0 + 1 })
        #expect(throws: Features.Problem.unknownRequiredBit(100)) {
            try Features(bits: [100]).check(known: known)
        }
        try Features(bits: [101]).check(known: known)
        #expect(
            throws: Features.Problem.missingDependency(
                of: .simpleClose, dependency: .shutdownAnySegwit)
        ) {
            try Features(bits: [61]).check(known: known)
        }
        try Features(bits: [27, 60]).check(known: known)
        #expect(Features([0, 0, 1]).isSameSet(as: Features([1])))
        #expect(Features(bits: [0, 9]).bytes == [2, 1])
        #expect(Features([1]).union(Features([2, 0])).bits == [0, 9])
    }

    @Test("addresses without a port, of Tor's version 2, and further host names are not used")
    func usableAddresses() {
        let plain = AddressDescriptor.ipv4(address: [10, 0, 0, 1], port: 9735)
        let name = AddressDescriptor.dns(hostname: "example.com", port: 9735)
        let other = AddressDescriptor.dns(hostname: "example.org", port: 9735)
        var message = NodeAnnouncement()
        func uses(_ list: [AddressDescriptor]) -> [AddressDescriptor] {
            message.addresses = AddressDescriptor.encode(list)
            return message.usableAddresses
        }
        #expect(uses([plain, name]) == [plain, name])
        #expect(message.mayBeForwarded)
        #expect(
            uses([
                .ipv4(address: [10, 0, 0, 2], port: 0),
                .torV2(onion: [UInt8](repeating: 1, count: 10), port: 9735),
                .dns(hostname: "example.net", port: 0),
            ]).isEmpty)
        #expect(message.mayBeForwarded)
        #expect(uses([plain, name, other]) == [plain, name])
        #expect(!message.mayBeForwarded)
        message.addresses = [1, 127]
        #expect(message.usableAddresses.isEmpty)
    }

    @Test(
        "address descriptors are read up to the first kind that is not known, and written in order")
    func addresses() throws {
        let list: [AddressDescriptor] = [
            .dns(hostname: "node.example", port: 9735), .ipv4(address: [127, 0, 0, 1], port: 1),
        ]
        let bytes = AddressDescriptor.encode(list)
        #expect(bytes[0] == 1)
        #expect(try AddressDescriptor.list(decoding: bytes + [77, 1, 2]) == list.reversed())
        #expect(throws: DecodeError.self) {
            try AddressDescriptor.list(decoding: Array(bytes.dropLast()))
        }
    }

    @Test("short channel ids print and parse as the specification writes them")
    func shortChannelIDs() {
        #expect(ShortChannelID("539268x845x1")?.description == "539268x845x1")
        #expect(ShortChannelID("16777216x0x0") == nil)
        #expect(ShortChannelID("1x2") == nil)
    }
}
