import Bitcoin
import LightningCrypto
import LightningPayment
import LightningWire

/// Makes HTLCs for a node by hand, and reads how they were answered.
struct TestSender {
    let key: PrivateKey
    private(set) var secrets: [HTLCName: [OnionSharedSecret]] = [:]
    private var count: UInt64 = 0
    var time: UInt64 = 1_800_000_000_000
    var height = BlockHeight(800_000)

    /// Sends to the node that has `key`.
    init(to key: PrivateKey) { self.key = key }

    var moment: PaymentMoment { PaymentMoment(time: time, height: height) }

    /// An HTLC whose onion has `payload` for the node, and where it is to go on another layer for `next`.
    mutating func htlc(
        _ payload: PaymentPayload, hash: PaymentHash, amount: MilliSatoshi, expiry: UInt32,
        next: PrivateKey? = nil, sessionKey: UInt8? = nil
    ) throws -> ReceivedHTLC {
        count += 1
        var hops = [OnionHop(key: key.publicKey, payload: payload.encoded)]
        if let next { hops.append(OnionHop(key: next.publicKey, payload: [2, 1, 1, 4, 1, 1])) }
        let seed = sessionKey.map { [$0] } ?? Array("session \(count)".utf8)
        let built = try OnionPacket.build(
            hops, sessionKey: PrivateKey(SHA256.hash(seed)), associatedData: hash.hash.bytes)
        let name = HTLCName(channel: 9, id: count)
        secrets[name] = built.sharedSecrets
        return ReceivedHTLC(
            name: name,
            payment: IncomingPayment(
                amount: amount, paymentHash: hash, cltvExpiry: BlockHeight(expiry),
                onion: built.packet.bytes))
    }

    /// What an answer tells the sender.
    func read(_ answered: AnsweredHTLC) -> Outcome {
        switch answered.answer {
        case .fulfill(let preimage, _): return .fulfilled(preimage)
        case .failMalformed(let code, _): return .malformed(code)
        case .fail(let returned):
            let source = returned.decrypt(sharedSecrets: secrets[answered.name] ?? []).source
            guard case .hop(0, let message) = source else { return .unreadable }
            return .failed(message.failure)
        }
    }

    enum Outcome: Equatable {
        case fulfilled(PaymentPreimage)
        case failed(Failure)
        case malformed(FailureCode)
        case unreadable
    }
}
