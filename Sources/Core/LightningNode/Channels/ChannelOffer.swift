import Bitcoin
import LightningChannel
import LightningCommitment
import LightningWire

/// A channel that a peer wants to open, while the user is asked about it.
public struct ChannelOffer: Sendable {
    public let peer: PublicKey
    /// What the peer asks for.
    public let message: OpenChannel
    /// When it is refused unless the user has answered, in seconds since 1970.
    public let deadline: UInt64
}

/// What a user says to a channel that a peer wants to open.
public enum OfferAnswer: Hashable, Sendable {
    /// It is taken, with these terms.
    case accept(OfferTerms)
    /// It is refused; the peer is told why.
    case refuse(reason: String)
}

/// How the terms of one channel differ from the node's usual ones; nil where they do not.
public struct OfferTerms: Hashable, Sendable {
    /// Whether the peer is trusted not to spend the funding twice, so that the channel is used before it is mined.
    public var trustsZeroConfirmation = false
    public var minimumDepth: UInt32?
    public var htlcMinimum: MilliSatoshi?
    public var maximumInFlight: MilliSatoshi?
    public var maximumAcceptedHTLCs: UInt16?
    public var delayOfPeer: UInt16?
    public var reserve: Satoshi?
    public var upfrontShutdownScript: Script?

    /// The usual terms.
    public init() {}

    func apply(to policy: inout AcceptPolicy) {
        policy.trustsZeroConfirmation = policy.trustsZeroConfirmation || trustsZeroConfirmation
        policy.minimumDepth = minimumDepth ?? policy.minimumDepth
        policy.terms.htlcMinimum = htlcMinimum ?? policy.terms.htlcMinimum
        policy.terms.maximumInFlight = maximumInFlight ?? policy.terms.maximumInFlight
        policy.terms.maximumAcceptedHTLCs =
            maximumAcceptedHTLCs ?? policy.terms.maximumAcceptedHTLCs
        policy.terms.delayOfPeer = delayOfPeer ?? policy.terms.delayOfPeer
        policy.terms.reserve = reserve ?? policy.terms.reserve
        policy.terms.upfrontShutdownScript =
            upfrontShutdownScript ?? policy.terms.upfrontShutdownScript
    }
}

/// The channels that the user is asked about. Not durable: whoever is asked goes with the process, and the peer's wish with
/// the connection.
struct ChannelOffers: Sendable {
    private struct Name: Hashable {
        let peer: PublicKey
        let id: ChannelID
    }

    /// How long a user has for an answer, in seconds; lnd gives as much.
    static let patience: UInt64 = 15

    /// Whether the user wants to be asked at all.
    var isAsking = false
    private var offers: [Name: ChannelOffer] = [:]

    var count: Int { offers.count }

    func count(of peer: PublicKey) -> Int { offers.keys.count { $0.peer == peer } }

    func contains(_ id: ChannelID, of peer: PublicKey) -> Bool {
        offers[Name(peer: peer, id: id)] != nil
    }

    mutating func insert(_ offer: ChannelOffer) {
        offers[Name(peer: offer.peer, id: offer.message.temporaryChannelID)] = offer
    }

    mutating func take(_ id: ChannelID, of peer: PublicKey) -> ChannelOffer? {
        offers.removeValue(forKey: Name(peer: peer, id: id))
    }

    /// Forgets the wishes of a peer, and answers which those were.
    mutating func takeAll(of peer: PublicKey) -> [ChannelOffer] {
        let gone = offers.values.filter { $0.peer == peer }.inOrder
        offers = offers.filter { $0.key.peer != peer }
        return gone
    }

    /// The offers that nobody has answered in time, in the order of their deadlines.
    func late(at time: UInt64) -> [ChannelOffer] {
        offers.values.filter { $0.deadline <= time }.inOrder
    }
}

extension Sequence<ChannelOffer> {
    /// In the order of their deadlines.
    fileprivate var inOrder: [ChannelOffer] {
        sorted {
            ($0.deadline, "\($0.message.temporaryChannelID)")
                < ($1.deadline, "\($1.message.temporaryChannelID)")
        }
    }
}

extension LightningNode {
    /// Asks the user about a channel that a peer wants to open.
    mutating func ask(
        about message: OpenChannel, from peer: PublicKey, at moment: Moment
    ) -> Step {
        let offer = ChannelOffer(
            peer: peer, message: message, deadline: moment.time + ChannelOffers.patience)
        offers.insert(offer)
        var step = Step()
        step.request(.notify(.channel(.offered(offer))))
        return step
    }

    /// Takes the user's answer about a channel.
    mutating func answer(
        _ id: ChannelID, of peer: PublicKey, _ answer: OfferAnswer, at moment: Moment
    ) throws(ChannelRequestError) -> Step {
        guard let offer = offers.take(id, of: peer) else {
            throw .notNow(reason: "no such channel waits for an answer")
        }
        let step = Self.ended(offer)
        switch answer {
        case .accept(let terms):
            return step + accept(offer.message, from: peer, terms, at: moment)
        case .refuse(let reason): return step + refuse(offer.message, of: peer, because: reason)
        }
    }

    /// The peer is gone, and its wishes with it.
    mutating func forgetOffers(of peer: PublicKey) -> Step {
        offers.takeAll(of: peer).reduce(into: Step()) { $0.append(Self.ended($1)) }
    }

    private static func ended(_ offer: ChannelOffer) -> Step {
        var step = Step()
        step.request(.notify(.channel(.offerEnded(offer))))
        return step
    }

    /// Refuses the channels that nobody has answered about in time.
    mutating func refuseLateOffers(at moment: Moment) -> Step {
        offers.late(at: moment.time).reduce(into: Step()) { step, offer in
            _ = offers.take(offer.message.temporaryChannelID, of: offer.peer)
            step.append(Self.ended(offer))
            step.append(
                refuse(offer.message, of: offer.peer, because: "the operator did not answer"))
        }
    }

    /// Tells a peer that its channel is not taken.
    func refuse(
        _ message: OpenChannel, of peer: PublicKey, because reason: String
    ) -> Step {
        var step = Step(events: [
            NodeEvent(.info, .channel, "a channel of \(peer.short) is refused: \(reason)")
        ])
        let error = ErrorMessage(
            channelID: message.temporaryChannelID, data: Array(reason.utf8.prefix(500)))
        step.request(.send(peer, [.error(error)]))
        return step
    }
}
