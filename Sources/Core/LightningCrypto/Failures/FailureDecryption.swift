import Bitcoin
import LightningWire

/// What the origin of a payment learns from a failure (BOLT 4, "Origin node").
public struct DecryptedFailure: Hashable, Sendable {
    /// Who failed the payment.
    public enum Source: Hashable, Sendable {
        /// The hop with that index, the first being 0, and what it says.
        case hop(Int, FailureMessage)
        /// That hop wrote the packet, but what it wrote is no failure.
        case malformed(Int)
        /// Nobody on the route wrote the packet: a hop changed it.
        case unknown
    }

    public let source: Source
    /// How long each hop held the HTLC, in units of 100 ms, first hop first, up to the source or the first hop whose
    /// code is wrong. Empty where there was no attribution data.
    public let holdTimes: [UInt32]
    /// The first hop whose code is wrong: it or the one behind it changed the packet or does not support attribution.
    /// Nil where all are right up to the source.
    public let firstUnattributed: Int?
}

extension ReturnedFailure {
    /// BOLT 4: "SHOULD continue decrypting, until the loop has been repeated 27 times".
    static let rounds = 27

    /// Finds who failed the payment, with the same work whichever hop it was.
    ///
    /// `sharedSecrets` are those of ``BuiltOnion``; of more than 27 the rest is passed over.
    public func decrypt(sharedSecrets: [OnionSharedSecret]) -> DecryptedFailure {
        let hops = sharedSecrets.prefix(Self.rounds)
        let attributable = min(hops.count, AttributionBlock.maximumHops)
        // Rounds behind the route use a constant key, so that their number does not show.
        let dummy = OnionSharedSecret(.zero)
        var packet = reason
        var block = attribution.map { AttributionBlock($0) } ?? AttributionBlock()
        var found = ConstantTimeChoice(length: packet.count)
        var holdTimes: [UInt32] = []
        var authentic: [Bool] = []
        for round in 0..<Self.rounds {
            let secret = round < hops.count ? hops[round] : dummy
            ChaCha20Stream.apply(OnionKey.ammag(secret.hash), to: &packet)
            block.applyStream(secret: secret)
            let distance = max(0, attributable - 1 - round)
            authentic.append(
                block.isAuthentic(distance: distance, covering: packet, secret: secret))
            holdTimes.append(block.holdTime)
            block.shiftBack()
            let isSource = Self.isAuthentic(packet, secret: secret)
            found.consider(packet, index: round, when: isSource && round < hops.count)
        }
        return conclude(found, holdTimes, authentic, attributable: attributable)
    }

    private func conclude(
        _ found: ConstantTimeChoice, _ holdTimes: [UInt32], _ authentic: [Bool], attributable: Int
    ) -> DecryptedFailure {
        let source: DecryptedFailure.Source
        var end = attributable
        if let index = found.index {
            end = min(end, index + 1)
            source =
                (try? FailurePacket.message(found.bytes)).map { .hop(index, $0) }
                ?? .malformed(index)
        } else {
            source = .unknown
        }
        guard attribution != nil else {
            return DecryptedFailure(source: source, holdTimes: [], firstUnattributed: nil)
        }
        let firstWrong = authentic[..<end].firstIndex(of: false)
        return DecryptedFailure(
            source: source, holdTimes: Array(holdTimes[..<(firstWrong ?? end)]),
            firstUnattributed: firstWrong)
    }

    /// Whether the hop that shares `secret` wrote the packet.
    private static func isAuthentic(_ packet: [UInt8], secret: OnionSharedSecret) -> Bool {
        guard packet.count >= 32 else { return false }
        var code = HMACState(key: OnionKey.um(secret.hash))
        return packet.withUnsafeBytes { packet in
            code.update(UnsafeRawBufferPointer(rebasing: packet[32...]))
            // The comparison of `Hash256` takes the same time wherever the bytes differ.
            return code.finalize()
                == Hash256(unsafeFilling: {
                    $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: packet[..<32]))
                })
        }
    }
}

/// Keeps the first of many arrays that fulfils a condition, with the same work whether and when there is one.
private struct ConstantTimeChoice {
    private(set) var bytes: [UInt8]
    private var chosen: Int = -1

    init(length: Int) { bytes = [UInt8](repeating: 0, count: length) }

    /// The index of the array that was kept.
    var index: Int? { chosen < 0 ? nil : chosen }

    mutating func consider(_ candidate: [UInt8], index: Int, when condition: Bool) {
        // All bits set where the candidate is taken. The sign of `chosen` tells whether one was before.
        let take = (condition ? 1 : 0) & ((chosen >> (Int.bitWidth - 1)) & 1)
        let mask = 0 &- take
        chosen = (chosen & ~mask) | (index & mask)
        let byteMask = UInt8(truncatingIfNeeded: mask)
        bytes.withUnsafeMutableBufferPointer { bytes in
            candidate.withUnsafeBufferPointer { candidate in
                for position in 0..<min(bytes.count, candidate.count) {
                    bytes[position] =
                        (bytes[position] & ~byteMask) | (candidate[position] & byteMask)
                }
            }
        }
    }
}
