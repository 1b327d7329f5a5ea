import Bitcoin
import LightningCrypto
import LightningWire
import TestSupport
import Testing

@Suite("Onion messages") struct OnionMessageTests {
    /// A message to node 2 over node 1, as node 1 gets it; `data` is what the creator of the path tells both.
    static func message(
        _ payload: OnionMessagePayload,
        data: [RecipientData] = [
            RecipientData(nextNodeID: NodeID(OnionFixture.key(2).publicKey)),
            RecipientData(pathID: [5]),
        ]
    ) throws -> OnionMessage {
        let path = try BlindedPathTests.path(data)
        return try .create(
            payload, along: path, introduction: OnionFixture.key(1).publicKey,
            sessionKey: OnionFixture.key(0x66), pathSessionKey: OnionFixture.key(0x67))
    }

    @Test("a message and its answer arrive over relays, and each uses the path that it was given")
    func reply() throws {
        let replyPath = try BlindedPath.create(
            [
                PathNode(
                    key: OnionFixture.key(3).publicKey,
                    data: RecipientData(nextNodeID: NodeID(OnionFixture.key(9).publicKey))),
                PathNode(key: OnionFixture.key(9).publicKey, data: RecipientData(pathID: [8, 8])),
            ], sessionKey: OnionFixture.key(0x21))
        let path = try BlindedPath.create(
            [PathNode(key: OnionFixture.key(2).publicKey, data: RecipientData())],
            sessionKey: OnionFixture.key(0x22))
        var message = try OnionMessage.create(
            OnionMessagePayload(replyPath: replyPath, invoiceRequest: [1, 2]), along: path,
            introduction: OnionFixture.key(2).publicKey,
            relays: [OnionFixture.key(4).publicKey, OnionFixture.key(5).publicKey],
            sessionKey: OnionFixture.key(0x23), pathSessionKey: OnionFixture.key(0x24))
        for (relay, next) in [(4, 5), (5, 2)] as [(UInt8, UInt8)] {
            guard
                case .forward(let forwarded, let peer) = try message.open(
                    with: OnionFixture.key(relay))
            else { return #expect(Bool(false)) }
            #expect(peer == .node(NodeID(OnionFixture.key(next).publicKey)))
            message = forwarded
        }
        guard
            case .receive(let payload, let pathID) = try message.open(with: OnionFixture.key(2)),
            let answerPath = payload.replyPath
        else { return #expect(Bool(false)) }
        #expect(payload.invoiceRequest == [1, 2] && pathID == nil && answerPath == replyPath)
        var answer = try OnionMessage.create(
            OnionMessagePayload(invoice: [3]), along: answerPath,
            introduction: OnionFixture.key(3).publicKey, sessionKey: OnionFixture.key(0x25),
            pathSessionKey: OnionFixture.key(0x26))
        guard case .forward(let next, _) = try answer.open(with: OnionFixture.key(3)) else {
            return #expect(Bool(false))
        }
        answer = next
        guard case .receive(let content, let id) = try answer.open(with: OnionFixture.key(9)) else {
            return #expect(Bool(false))
        }
        #expect(content.invoice == [3] && id == [8, 8])
    }

    @Test("a long content takes the larger packet, and one too long is not sent")
    func sizes() throws {
        let content = OnionMessagePayload(invoice: [UInt8](repeating: 1, count: 20000))
        let message = try Self.message(content)
        #expect(message.packet.count == 32834)
        #expect(try Self.message(OnionMessagePayload(invoice: [1])).packet.count == 1366)
        guard case .forward(let next, _) = try message.open(with: OnionFixture.key(1)),
            case .receive(let payload, _) = try next.open(with: OnionFixture.key(2))
        else { return #expect(Bool(false)) }
        #expect(payload.invoice?.count == 20000)
        #expect(throws: OnionMessageBuildError.self) {
            try Self.message(OnionMessagePayload(invoice: [UInt8](repeating: 1, count: 33000)))
        }
    }

    @Test("a relay ignores what is not for it or names no way")
    func relayRules() throws {
        let next = NodeID(OnionFixture.key(2).publicKey)
        let wrong: [RecipientData] = [
            RecipientData(), RecipientData(nextNodeID: next, pathID: [1]),
            RecipientData(shortChannelID: ShortChannelID(1), nextNodeID: next),
        ]
        for data in wrong {
            let message = try Self.message(
                OnionMessagePayload(), data: [data, RecipientData()])
            #expect(throws: OnionMessageError.invalidRelayData) {
                try message.open(with: OnionFixture.key(1))
            }
        }
        let features = Features(bits: [1])
        let message = try Self.message(
            OnionMessagePayload(),
            data: [RecipientData(nextNodeID: next, allowedFeatures: features), RecipientData()])
        #expect(throws: OnionMessageError.unknownFeatures(features)) {
            try message.open(with: OnionFixture.key(1))
        }
        let channel = try Self.message(
            OnionMessagePayload(),
            data: [RecipientData(shortChannelID: ShortChannelID(4)), RecipientData()])
        guard
            case .forward(_, .channel(ShortChannelID(4))) = try channel.open(
                with: OnionFixture.key(1))
        else { return #expect(Bool(false)) }
    }

    /// A packet for node 1 with a payload as given, sealed for the path key of `BlindedPathTests.path`.
    static func raw(_ payload: [UInt8], hasNext: Bool) throws -> OnionMessage {
        let path = try BlindedPathTests.path([RecipientData(nextNodeID: nil), RecipientData()])
        var hops = [OnionHop(key: try path.hops[0].blindedNodeID.publicKey(), payload: payload)]
        if hasNext {
            hops.append(OnionHop(key: OnionFixture.key(2).publicKey, payload: [4, 0]))
        }
        let packet = try OnionPacket.build(
            hops, sessionKey: OnionFixture.key(0x31), associatedData: []
        ).packet
        return OnionMessage(pathKey: path.firstPathKey, packet: packet.bytes)
    }

    @Test("a layer that breaks a rule is ignored")
    func payloadRules() throws {
        let data = try BlindedPathTests.path([RecipientData(), RecipientData()])
            .hops[0].encryptedRecipientData
        let key = OnionFixture.key(1)
        #expect(throws: OnionMessageError.noRecipientData) {
            try Self.raw([1, 1, 1], hasNext: false).open(with: key)
        }
        let withContent = OnionMessagePayload(encryptedRecipientData: data, invoice: [1])
        #expect(throws: OnionMessageError.fieldsForReceiver) {
            try Self.raw(withContent.encoded, hasNext: true).open(with: key)
        }
        let two = OnionMessagePayload(
            encryptedRecipientData: data, invoiceRequest: [1], invoice: [1])
        #expect(throws: OnionMessageError.severalContents) {
            try Self.raw(two.encoded, hasNext: false).open(with: key)
        }
        var odd = OnionMessagePayload(encryptedRecipientData: data, invoice: [1])
        odd.unknownRecords = [TLVRecord(type: 71, value: [])]
        #expect(throws: OnionMessageError.severalContents) {
            try Self.raw(odd.encoded, hasNext: false).open(with: key)
        }
        #expect(throws: OnionMessageError.path(.wrongTag)) {
            try Self.raw([4, 1, 1], hasNext: false).open(with: key)
        }
        #expect(throws: OnionMessageError.self) {
            try Self.raw([4, 0, 6, 0], hasNext: false).open(with: key)
        }
    }

    @Test("a path key off the curve, a short packet and another's message are ignored")
    func hostile() throws {
        var message = try Self.message(OnionMessagePayload(invoice: [1]))
        #expect(throws: OnionMessageError.onion(.wrongHMAC)) {
            try message.open(with: OnionFixture.key(2))
        }
        let packet = message.packet
        message.packet = Array(packet.prefix(100))
        #expect(throws: OnionMessageError.onion(.wrongSize(expected: 101, actual: 100))) {
            try message.open(with: OnionFixture.key(1))
        }
        message.packet = packet
        message.pathKey = try Point([2] + [UInt8](repeating: 0xff, count: 32))
        #expect(throws: OnionMessageError.path(.invalidPathKey)) {
            try message.open(with: OnionFixture.key(1))
        }
    }
}
