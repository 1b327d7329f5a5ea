import Bitcoin
import LightningWire

/// What a node found in its layer of a packet.
public struct PeeledOnion: Hashable, Sendable {
    /// What the layer says: the bytes of a TLV stream, at least two.
    public let payload: [UInt8]
    /// What this node shares with the origin: encrypts failures on their way back.
    public let sharedSecret: OnionSharedSecret
    /// The packet for the next hop; nil where this node is the last.
    public let next: OnionPacket?
}

extension OnionPacket {
    /// Takes off this node's layer (BOLT 4, "Onion Decryption").
    ///
    /// - Parameters:
    ///   - key: the key of this node.
    ///   - associatedData: what the origin made the packet with: the payment hash; empty for messages.
    ///   - path: this node's part of the blinded path through which the packet came, if it came through one.
    public func peel(
        with key: some OnionNodeKey, associatedData: [UInt8], inside path: PathSecret? = nil
    ) throws(OnionError) -> PeeledOnion {
        // BOLT 4: "if `version` is not 0: MUST abort processing the packet and fail."
        guard version == 0 else { throw .unknownVersion(version) }
        let publicKey = Array(bytes[Self.keyRange])
        let point: PublicKey
        let secret: Hash256
        do throws(KeyError) {
            point = try PublicKey(compressed: publicKey)
            secret =
                if let path {
                    try key.sharedSecret(with: point, multiplyingKeyBy: path.keyFactor)
                } else {
                    key.sharedSecret(with: point)
                }
        } catch {
            throw .invalidKey
        }
        var code = HMACState(key: OnionKey.mu(secret))
        bytes.withUnsafeBytes { code.update(UnsafeRawBufferPointer(rebasing: $0[payloadRange])) }
        code.update(associatedData)
        // BOLT 4: "MUST use a constant time comparison of the computed HMAC and `hmac`." That of `Hash256` is one.
        guard code.finalize() == hmac else { throw .wrongHMAC }
        return try unwrap(publicKey, point, secret)
    }

    /// Decrypts the payloads, which are authentic.
    private func unwrap(
        _ publicKey: [UInt8], _ point: PublicKey, _ secret: Hash256
    ) throws(OnionError) -> PeeledOnion {
        let capacity = payloadRange.count
        let sharedSecret = OnionSharedSecret(secret)
        // The zeros behind the payloads become what the next packet ends with.
        var unwrapped = [UInt8](repeating: 0, count: 2 * capacity)
        unwrapped.withUnsafeMutableBytes { $0.copyBytes(from: bytes[payloadRange]) }
        ChaCha20Stream.apply(OnionKey.rho(secret), to: &unwrapped)
        guard let range = Self.payload(unwrapped, capacity: capacity) else {
            throw .malformedLength(sharedSecret)
        }
        let payload = Array(unwrapped[range])
        let end = range.upperBound + 32
        let nextHMAC = Hash256(unsafeFilling: {
            $0.copyBytes(from: unwrapped[range.upperBound..<end])
        })
        guard nextHMAC != .zero else {
            return PeeledOnion(payload: payload, sharedSecret: sharedSecret, next: nil)
        }
        let nextKey: PublicKey
        do throws(KeyError) {
            nextKey = try point.multiplying(by: OnionKey.blindingFactor(publicKey, secret))
        } catch {
            throw .invalidKey
        }
        let next = unwrapped.withUnsafeBytes {
            OnionPacket(
                publicKey: nextKey.compressed,
                payloads: UnsafeRawBufferPointer(rebasing: $0[end..<end + capacity]),
                hmac: nextHMAC)
        }
        return PeeledOnion(payload: payload, sharedSecret: sharedSecret, next: next)
    }

    /// Where the payload stands, if its length is valid and leaves room for the next hop's code.
    private static func payload(_ unwrapped: [UInt8], capacity: Int) -> Range<Int>? {
        var reader = ByteReader(unwrapped.span.bytes)
        // BOLT 4: "If the `payload_length` is less than two: MUST abort processing the packet and fail."
        guard let length = try? reader.readBigSize(), length >= 2 else { return nil }
        let start = reader.position
        guard length <= UInt64(capacity), start + Int(length) + 32 <= capacity else { return nil }
        return start..<start + Int(length)
    }
}
