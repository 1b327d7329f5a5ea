import Bitcoin
import LightningCrypto
import LightningWire

/// Where and why one part of a payment failed.
public struct AttemptFailure: Hashable, Sendable {
    /// Why a part failed.
    public enum Reason: Hashable, Sendable {
        /// What the hop says.
        case reported(Failure)
        /// The hop wrote something that is no failure.
        case unreadable
        /// The answer was changed on its way, so that nobody can tell who failed.
        case unknownSource
        /// It did not leave this node.
        case notSent(LocalFailure)
        /// Its peer let the HTLC expire, and it was taken back on the chain.
        case timedOutOnChain
    }

    /// Why an HTLC did not leave this node.
    public enum LocalFailure: Hashable, Sendable {
        /// This node has no such channel.
        case unknownChannel
        /// The channel does not take it now: balance, limits, connection.
        case refusedByChannel
        /// It was never signed when the node stopped or the connection was lost.
        case interrupted
    }

    public let reason: Reason
    /// Which hop, the first peer being 0; nil where nobody can tell, or where this node itself failed.
    public let hop: Int?
    /// Its key; nil also inside a blinded path.
    public let node: NodeID?
    /// The channel behind the hop; nil where the failure is not about a channel that is known. For a failure of this node
    /// the first channel of the route.
    public let channel: ShortChannelID?
    /// Whether the last node of the route speaks.
    public let isPayee: Bool
    /// How long each hop held the HTLC, in units of 100 ms, as far as that can be proven.
    public let holdTimes: [UInt32]
    /// The first hop whose attribution is wrong: it or the one behind it changed the answer, or does not support it.
    public let firstUnattributed: Int?

    init(_ local: LocalFailure, on route: PaymentRoute) {
        self.init(.notSent(local), route, hop: nil, channel: route.hops.first?.channel)
    }

    init(timedOutOnChain route: PaymentRoute) {
        self.init(.timedOutOnChain, route, hop: nil, channel: route.hops.first?.channel)
    }

    /// The first peer could not read the onion, and says so itself.
    init(malformed code: FailureCode, onionHash: Hash256, on route: PaymentRoute) {
        let failure = Failure(malformed: code, onionHash: onionHash)
        self.init(.reported(failure), route, hop: 0, channel: route.hops.first?.channel)
    }

    init(_ decrypted: DecryptedFailure, on route: PaymentRoute) {
        let (reason, hop): (Reason, Int?) =
            switch decrypted.source {
            case .hop(let index, let message): (.reported(message.failure), index)
            case .malformed(let index): (.unreadable, index)
            case .unknown: (.unknownSource, nil)
            }
        let behind = hop.map { $0 + 1 }.flatMap { route.hops.indices.contains($0) ? $0 : nil }
        self.init(
            reason, route, hop: hop, channel: behind.map { route.hops[$0].channel },
            holdTimes: decrypted.holdTimes, firstUnattributed: decrypted.firstUnattributed)
    }

    private init(
        _ reason: Reason, _ route: PaymentRoute, hop: Int?, channel: ShortChannelID?,
        holdTimes: [UInt32] = [], firstUnattributed: Int? = nil
    ) {
        self.reason = reason
        self.hop = hop
        self.channel = channel
        node = hop.flatMap { route.hops.indices.contains($0) ? route.hops[$0].node : nil }
        isPayee = hop == route.layerCount - 1
        self.holdTimes = holdTimes
        self.firstUnattributed = firstUnattributed
    }
}

extension AttemptFailure: CustomStringConvertible {
    /// One line for a person.
    public var description: String {
        let place =
            if isPayee {
                "the payee"
            } else if let hop {
                "hop \(hop + 1)" + (node.map { " (\($0))" } ?? "")
                    + (channel.map { ", channel \($0)" } ?? "")
            } else if let channel {
                "this node, channel \(channel)"
            } else {
                "an unknown hop"
            }
        return "\(place): \(why)"
    }

    private var why: String {
        switch reason {
        case .reported(let failure): failure.code.description
        case .unreadable: "an answer that is no failure"
        case .unknownSource: "the answer was changed on its way"
        case .notSent(.unknownChannel): "there is no such channel"
        case .notSent(.refusedByChannel): "the channel does not take the payment now"
        case .notSent(.interrupted): "the payment was interrupted before it left"
        case .timedOutOnChain: "the payment was taken back on the chain"
        }
    }
}
