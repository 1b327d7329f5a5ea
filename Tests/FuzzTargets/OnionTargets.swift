import Bitcoin
import LightningCrypto
import LightningWire

extension FuzzTarget {
    /// What arrives inside onions, and the onions themselves.
    static let onions: [FuzzTarget] =
        [
            stream("tlv-payload", PaymentPayload.self, seeds: [plainPayload, blindedPayload]),
            stream("tlv-recipient-data", RecipientData.self, seeds: [relayData, finalData]),
            stream(
                "tlv-onion-message", OnionMessagePayload.self,
                seeds: [
                    OnionMessagePayload(
                        replyPath: blindedPath([relayData, finalData]),
                        encryptedRecipientData: [1, 2, 3], invoiceRequest: [0, 1, 9])
                ]),
            codec(
                "failure-message",
                seeds: [
                    FailureMessage(.unknownNextPeer), FailureMessage(.mppTimeout, extra: [1, 0]),
                    FailureMessage(.invalidOnionPayload(type: 10, offset: 20)),
                    FailureMessage(.feeInsufficient(amount: MilliSatoshi(5), channelUpdate: [1])),
                ].map(\.encoded),
                isCanonical: true, decode: { try FailureMessage(decoding: $0) },
                encode: \.encoded),
            onionPacket, onionLayer, blindedData, failurePacket,
        ]

    private static func stream<T: TLVStream>(
        _ name: String, _ type: T.Type, seeds: [T]
    ) -> FuzzTarget {
        codec(
            name, seeds: seeds.map(\.encoded), isCanonical: true,
            decode: { try T(decoding: $0) }, encode: \.encoded)
    }

    /// Whatever bytes come as a packet, of a payment or of a message.
    private static let onionPacket = FuzzTarget(
        "onion-packet", seeds: [OnionSealer.shared.packet(plainPayload.encoded)]
    ) { bytes in
        _ = try? OnionPacket(bytes).peel(with: OnionSealer.key, associatedData: [])
        _ = OnionSealer.payment(bytes, pathKey: nil).open(with: OnionSealer.key, height: .fuzz)
        let pathKey = Point(OnionSealer.key.publicKey)
        _ = OnionSealer.payment(bytes, pathKey: pathKey).open(with: OnionSealer.key, height: .fuzz)
        _ = try? OnionMessage(pathKey: pathKey, packet: bytes).open(with: OnionSealer.key)
    }

    /// Whatever a malicious origin seals for this node: the bytes are the decrypted layer.
    private static let onionLayer = FuzzTarget(
        "onion-layer",
        seeds: [plainPayload, blindedPayload].map { [UInt8($0.encoded.count)] + $0.encoded }
    ) { bytes in
        let packet = OnionSealer.shared.packet(bytes)
        let opened = OnionSealer.payment(packet, pathKey: nil)
            .open(with: OnionSealer.key, height: .fuzz)
        switch opened {
        case .forward(let forward):
            guard forward.packet.bytes.count == OnionPacket.paymentSize else {
                throw FuzzFailure("onion-layer: the next packet has another size")
            }
        case .receive(let receipt):
            guard receipt.cltvExpiry == OnionSealer.expiry else {
                throw FuzzFailure("onion-layer: the receipt is of another HTLC")
            }
        case .refuse(.failed(let failure, _)):
            guard try FailureMessage(decoding: FailureMessage(failure).encoded).failure == failure
            else { throw FuzzFailure("onion-layer: the failure is not what is sent") }
        case .refuse(.malformed(let code, _)):
            throw FuzzFailure("onion-layer: \(code) for a packet whose code is right")
        }
    }

    /// Whatever the creator of a blinded path tells a node of it.
    private static let blindedData = FuzzTarget(
        "blinded-data", seeds: [relayData, finalData].map(\.encoded)
    ) { bytes in
        guard let data = try? RecipientData(decoding: bytes) else { return }
        let path = blindedPath([data, finalData])
        let hops = try path.paymentHops(
            introduction: OnionSealer.key.publicKey, amount: MilliSatoshi(900),
            total: MilliSatoshi(900), cltvExpiry: .fuzz)
        let built = try? OnionPacket.build(
            hops, sessionKey: OnionSealer.key, associatedData: [UInt8](repeating: 0, count: 32))
        guard let packet = built?.packet.bytes else { return }
        let opened = OnionSealer.payment(packet, pathKey: nil)
            .open(with: OnionSealer.key, height: .fuzz)
        if case .forward(let forward) = opened, forward.amount > forward.incomingAmount {
            throw FuzzFailure("blinded-data: more goes out than came in")
        }
        let message = try OnionMessage.create(
            OnionMessagePayload(invoice: [1]), along: path,
            introduction: OnionSealer.key.publicKey, sessionKey: OnionSealer.key,
            pathSessionKey: OnionSealer.key)
        _ = try? message.open(with: OnionSealer.key)
    }

    /// Whatever comes back as a failure.
    private static let failurePacket = FuzzTarget(
        "failure-packet",
        seeds: [
            ReturnedFailure.create(
                FailureMessage(.unknownNextPeer), secret: secrets[1], holdTime: 3
            ).reason
        ]
    ) { bytes in
        let failure = ReturnedFailure(reason: bytes)
            .forwarded(secret: secrets[0], holdTime: UInt32(bytes.count))
        let decrypted = failure.decrypt(sharedSecrets: secrets)
        guard failure.reason.count == bytes.count,
            decrypted.holdTimes.first == UInt32(bytes.count)
        else { throw FuzzFailure("failure-packet: forwarding changed it") }
    }

    private static let secrets = (0..<3 as Range<UInt8>).map {
        OnionSharedSecret(SHA256.hash([$0]))
    }

    private static let plainPayload = PaymentPayload(
        amountToForward: MilliSatoshi(900), outgoingCltvValue: .fuzz,
        paymentData: PaymentData(paymentSecret: .zero, total: MilliSatoshi(900)),
        customRecords: [
            TLVRecord(type: PaymentReceipt.keysendType, value: [UInt8](repeating: 0, count: 32))
        ])
    private static let blindedPayload = PaymentPayload(
        encryptedRecipientData: blindedPath([relayData]).hops[0].encryptedRecipientData,
        currentPathKey: blindedPath([relayData]).firstPathKey)
    private static let relayData = RecipientData(
        shortChannelID: ShortChannelID(7),
        paymentRelay: PaymentRelay(
            cltvExpiryDelta: 40, feeProportionalMillionths: 100, feeBase: 5),
        paymentConstraints: PaymentConstraints(
            maxCltvExpiry: BlockHeight(800_000), htlcMinimum: MilliSatoshi(1)))
    private static let finalData = RecipientData(
        padding: [0, 0], pathID: [1, 2, 3], allowedFeatures: Features())

    /// A path whose first node is this one.
    private static func blindedPath(_ data: [RecipientData]) -> BlindedPath {
        let nodes = data.map { PathNode(key: OnionSealer.key.publicKey, data: $0) }
        guard let path = try? BlindedPath.create(nodes, sessionKey: OnionSealer.key) else {
            preconditionFailure("a path of a few nodes can be made")
        }
        return path
    }
}

extension BlockHeight {
    fileprivate static let fuzz = BlockHeight(700_000)
}

/// Makes packets whose codes are right, whatever their layer holds: what only a malicious origin can.
private struct OnionSealer {
    static let key: PrivateKey = {
        guard let key = try? PrivateKey([UInt8](repeating: 0x41, count: 32)) else {
            preconditionFailure("a number in range is a key")
        }
        return key
    }()
    static let expiry = BlockHeight(700_100)
    static let shared = OnionSealer()

    private let header: [UInt8]
    private let stream: [UInt8]
    private let mu: [UInt8]

    /// Learns the stream from a packet that is filled with zeros.
    private init() {
        let zeros = [UInt8](repeating: 0, count: OnionPacket.paymentCapacity - 35)
        let built = try? OnionPacket.build(
            [OnionHop(key: Self.key.publicKey, payload: zeros)], sessionKey: Self.key,
            associatedData: [])
        guard let built else { preconditionFailure("a packet of one hop can be built") }
        var bytes = built.packet.bytes
        header = Array(bytes[..<34])
        bytes = Array(bytes[34..<bytes.count - 32])
        // The length of the zeros.
        for (index, byte) in ([0xfd, 0x04, 0xf1] as [UInt8]).enumerated() { bytes[index] ^= byte }
        stream = bytes
        mu = HMAC.sha256(key: Array("mu".utf8), built.sharedSecrets[0].hash.bytes).bytes
    }

    /// A packet that is decrypted to `layer`, cut off or filled with zeros, for a payment hash of zeros.
    func packet(_ layer: [UInt8]) -> [UInt8] {
        var payloads = stream
        for (index, byte) in layer.prefix(payloads.count).enumerated() { payloads[index] ^= byte }
        let code = HMAC.sha256(key: mu, payloads + [UInt8](repeating: 0, count: 32))
        return header + payloads + code.bytes
    }

    static func payment(_ onion: [UInt8], pathKey: Point?) -> IncomingPayment {
        IncomingPayment(
            amount: MilliSatoshi(1000), paymentHash: PaymentHash(.zero), cltvExpiry: expiry,
            onion: onion, pathKey: pathKey)
    }
}
