import Bitcoin
import LightningCrypto
import LightningPayment
import LightningWire

/// A channel, as far as payments see it: two balances, and HTLCs that are irrevocable at once.
struct TestLink {
    let number: UInt32
    let ends: [Int]
    var balances: [Int: MilliSatoshi]
    var nextID: UInt64 = 0

    /// The name in routes.
    var channel: ShortChannelID { ShortChannelID(UInt64(number) + 1) }

    func other(_ node: Int) -> Int { ends[0] == node ? ends[1] : ends[0] }
}

/// An HTLC on a link.
struct TestHTLC {
    enum Origin: Equatable {
        case payment(UInt64)
        case forward(HTLCName)
    }

    enum State: Equatable {
        /// Not yet told to the node that got it.
        case offered
        /// Told.
        case delivered
        /// Ended by the node that got it.
        case answered(HTLCAnswer)
        /// Its preimage has been told to the offerer.
        case fulfilled
    }

    let name: HTLCName
    let from: Int
    let to: Int
    let origin: Origin
    let amount: MilliSatoshi
    let paymentHash: PaymentHash
    let cltvExpiry: BlockHeight
    let onion: [UInt8]
    let pathKey: Point?
    var state = State.offered

    func received(isRepeated: Bool) -> ReceivedHTLC {
        ReceivedHTLC(
            name: name,
            payment: IncomingPayment(
                amount: amount, paymentHash: paymentHash, cltvExpiry: cltvExpiry, onion: onion,
                pathKey: pathKey),
            isAttributed: true, isRepeated: isRepeated)
    }
}

/// What is made to go wrong at a node with the next HTLC of a hash.
enum TestFault: Equatable {
    /// The outgoing channel refuses it.
    case refuse(Failure)
    /// The onion is damaged on its way to the next node.
    case damage
}
