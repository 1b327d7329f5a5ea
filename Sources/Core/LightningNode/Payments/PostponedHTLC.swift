import LightningCommitment
import LightningWire

/// An HTLC of a peer about which nothing is decided before the node knows the present height.
///
/// Not durable: after a start the channels hand in again what is open.
struct PostponedHTLC: Sendable {
    let add: UpdateAddHTLC
    let channel: ChannelKeyNumber
    let exceedsDustExposure: Bool
    let isRepeated: Bool
}
