import Bitcoin
import LightningCrypto
import LightningWire

extension Bench {
    /// How fast packets are built by the origin, read by hops, and their failures by the origin.
    static let onions = Bench(
        name: "onions", summary: "building and peeling of packets, beside their curve operations"
    ) {
        let curve = try BareCurve()
        let paymentHash = [UInt8](repeating: 7, count: 32)
        let session = try PrivateKey([UInt8](repeating: 0x41, count: 32))
        let route = try (1...20).map { try hop(UInt8($0)) }
        var figures: [BenchFigure] = []
        for count in [1, 3, 10, 20] {
            let hops = Array(route[..<count])
            // One secret for each hop, and one key that each hop sees.
            figures += try besideCurve(
                "build, \(count) hops", curve,
                CurveCount(sharedSecrets: count, publicKeys: count), calls: 60 / count + 1
            ) { _ = try OnionPacket.build(hops, sessionKey: session, associatedData: paymentHash) }
        }
        let packet = try OnionPacket.build(
            route, sessionKey: session, associatedData: paymentHash
        ).packet
        let first = try PrivateKey([UInt8](repeating: 1, count: 32))
        figures += try besideCurve(
            "peel", curve, CurveCount(sharedSecrets: 1, multiplications: 1, parsings: 1), calls: 20
        ) { _ = try packet.peel(with: first, associatedData: paymentHash) }
        return try figures + [failure(session, route)]
    }

    private static func hop(_ number: UInt8) throws -> OnionHop {
        let payload = PaymentPayload(
            amountToForward: MilliSatoshi(100_000), outgoingCltvValue: BlockHeight(800_000),
            shortChannelID: ShortChannelID(UInt64(number)))
        let key = try PrivateKey([UInt8](repeating: number, count: 32)).publicKey
        return OnionHop(key: key, payload: payload.encoded)
    }

    /// The decryption of a failure, whose work does not depend on where it comes from.
    private static func failure(
        _ session: PrivateKey, _ route: [OnionHop]
    ) throws -> BenchFigure {
        let secrets = try OnionPacket.build(route, sessionKey: session, associatedData: [])
            .sharedSecrets
        var failure = ReturnedFailure.create(
            FailureMessage(.temporaryChannelFailure()), secret: secrets[9], holdTime: 1)
        for secret in secrets[..<9].reversed() {
            failure = failure.forwarded(secret: secret, holdTime: 1)
        }
        let times = try Stopwatch.measure(
            calls: 10, [{ _ = failure.decrypt(sharedSecrets: secrets) }])
        return times[0].time("decrypt a failure")
    }
}
