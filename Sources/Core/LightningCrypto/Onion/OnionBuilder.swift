import Bitcoin
import LightningWire

/// One hop of an onion to be built.
public struct OnionHop: Sendable {
    /// The key of the node, or its blinded key.
    public var key: PublicKey
    /// What the hop reads: the bytes of a TLV stream, without their length.
    public var payload: [UInt8]

    /// A hop with its payload.
    public init(key: PublicKey, payload: [UInt8]) {
        self.key = key
        self.payload = payload
    }

    /// The bytes that the hop takes in a packet: length, payload and code.
    var size: Int { prefix.count + payload.count + 32 }

    /// The length before the payload.
    var prefix: [UInt8] {
        var writer = ByteWriter(capacity: 3)
        writer.writeBigSize(UInt64(payload.count))
        return writer.bytes
    }
}

/// A packet that was built, and what reads the answers to it.
public struct BuiltOnion: Sendable {
    public let packet: OnionPacket
    /// What the origin shares with each hop, first hop first: decrypts failures.
    public let sharedSecrets: [OnionSharedSecret]
}

extension OnionPacket {
    /// Builds the packet for a route (BOLT 4, "Packet Construction").
    ///
    /// - Parameters:
    ///   - hops: the nodes from the first that receives the packet to the last.
    ///   - sessionKey: fresh and random for each packet.
    ///   - associatedData: what each hop checks with the packet: the payment hash; empty for messages.
    ///   - capacity: the bytes of payloads, 1300 for a payment.
    public static func build(
        _ hops: [OnionHop], sessionKey: PrivateKey, associatedData: [UInt8],
        capacity: Int = paymentCapacity
    ) throws(OnionBuildError) -> BuiltOnion {
        guard !hops.isEmpty else { throw .noHops }
        for (index, hop) in hops.enumerated() where hop.payload.count < 2 {
            throw .payloadTooShort(hop: index, count: hop.payload.count)
        }
        let total = hops.reduce(0) { $0 + $1.size }
        guard total <= capacity else {
            throw .payloadsTooLong(count: total, limit: capacity)
        }
        let (secrets, firstKey) = try sharedSecrets(hops, sessionKey: sessionKey)
        let filler = filler(hops, secrets: secrets, capacity: capacity)
        var payloads = [UInt8](repeating: 0, count: capacity)
        var session = sessionKey.exposedBytes()
        ChaCha20Stream.apply(
            OnionKey.pad(Hash256(unsafeFilling: { $0.copyBytes(from: session) })), to: &payloads)
        session.wipe()
        let hmac = payloads.withUnsafeMutableBytes { payloads in
            wrap(hops, secrets: secrets, filler: filler, associatedData, payloads)
        }
        let packet = payloads.withUnsafeBytes {
            OnionPacket(publicKey: firstKey, payloads: $0, hmac: hmac)
        }
        return BuiltOnion(packet: packet, sharedSecrets: secrets.map { OnionSharedSecret($0) })
    }

    /// The secrets shared with the hops, and the key that the first hop sees.
    private static func sharedSecrets(
        _ hops: [OnionHop], sessionKey: PrivateKey
    ) throws(OnionBuildError) -> (secrets: [Hash256], firstKey: [UInt8]) {
        var secrets: [Hash256] = []
        secrets.reserveCapacity(hops.count)
        var ephemeral = sessionKey
        let firstKey = sessionKey.publicKey.compressed
        var publicKey = firstKey
        for (index, hop) in hops.enumerated() {
            let secret = ephemeral.sharedSecret(with: hop.key)
            secrets.append(secret)
            guard index < hops.count - 1 else { break }
            do throws(KeyError) {
                ephemeral = try ephemeral.multiplying(
                    by: OnionKey.blindingFactor(publicKey, secret))
            } catch {
                throw .degenerateKey(hop: index)
            }
            publicKey = ephemeral.publicKey.compressed
        }
        return (secrets, firstKey)
    }

    /// What the zeros that each hop but the last appends have become at the last hop (BOLT 4, "Filler Generation").
    private static func filler(
        _ hops: [OnionHop], secrets: [Hash256], capacity: Int
    ) -> [UInt8] {
        let sizes = hops.dropLast().map(\.size)
        let length = sizes.reduce(0, +)
        guard length > 0 else { return [] }
        // A stand-in for the packet of one hop, of which only the end behind `start` matters.
        var scratch = [UInt8](repeating: 0, count: capacity + (sizes.max() ?? 0))
        var start = capacity
        for (size, secret) in zip(sizes, secrets) {
            scratch.withUnsafeMutableBytes { scratch in
                scratch[capacity...].initializeMemory(as: UInt8.self, repeating: 0)
                ChaCha20Stream.apply(
                    OnionKey.rho(secret), to: .init(rebasing: scratch[..<(capacity + size)]))
                // What one hop reads is gone from the front for the next.
                if let base = scratch.baseAddress {
                    base.advanced(by: start - size).copyMemory(
                        from: base + start, byteCount: capacity + size - start)
                }
            }
            start -= size
        }
        return Array(scratch[start..<capacity])
    }

    /// Puts the layers around each other, last hop first; answers with the code of the first hop's.
    private static func wrap(
        _ hops: [OnionHop], secrets: [Hash256], filler: [UInt8], _ associatedData: [UInt8],
        _ payloads: UnsafeMutableRawBufferPointer
    ) -> Hash256 {
        guard let base = payloads.baseAddress else { return .zero }
        var hmac = Hash256.zero
        for index in hops.indices.reversed() {
            let (hop, secret) = (hops[index], secrets[index])
            let (size, prefix) = (hop.size, hop.prefix)
            // `memmove`, in effect: the ranges overlap.
            (base + size).copyMemory(from: base, byteCount: payloads.count - size)
            payloads[..<prefix.count].copyBytes(from: prefix)
            payloads[prefix.count..<size - 32].copyBytes(from: hop.payload)
            hmac.withUnsafeBytes { payloads[(size - 32)..<size].copyBytes(from: $0) }
            ChaCha20Stream.apply(OnionKey.rho(secret), to: payloads)
            if index == hops.count - 1 {
                payloads[(payloads.count - filler.count)...].copyBytes(from: filler)
            }
            var code = HMACState(key: OnionKey.mu(secret))
            code.update(UnsafeRawBufferPointer(payloads))
            code.update(associatedData)
            hmac = code.finalize()
        }
        return hmac
    }
}
