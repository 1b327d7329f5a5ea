import Bitcoin
import LightningWire

/// Along which path of its script an HTLC's output was spent, as the witness shows (BOLT 3).
enum HTLCPath: Hashable, Sendable {
    /// The commitment's owner, by an HTLC-timeout transaction.
    case ownerTimeout
    /// The commitment's owner, by an HTLC-success transaction.
    case ownerSuccess(PaymentPreimage)
    /// The other side, with the preimage.
    case counterpartyPreimage(PaymentPreimage)
    /// The other side, after the expiry.
    case counterpartyTimeout
    /// The other side, because the commitment is revoked.
    case revocation

    /// Reads the witness of an input that spends an HTLC locked by `paymentHash`; nil where it is none.
    init?(_ witness: [[UInt8]], paymentHash: PaymentHash?) {
        func preimage(_ item: [UInt8]) -> PaymentPreimage? {
            guard let hash = try? Hash256(item) else { return nil }
            let preimage = PaymentPreimage(hash)
            return paymentHash == nil || preimage.paymentHash == paymentHash ? preimage : nil
        }
        switch witness.count {
        case 5:
            if witness[3].isEmpty {
                self = .ownerTimeout
            } else if let preimage = preimage(witness[3]) {
                self = .ownerSuccess(preimage)
            } else {
                return nil
            }
        case 3:
            switch witness[1].count {
            case 0: self = .counterpartyTimeout
            case 33: self = .revocation
            default:
                guard let preimage = preimage(witness[1]) else { return nil }
                self = .counterpartyPreimage(preimage)
            }
        default: return nil
        }
    }

    /// Whether the commitment's owner went along it.
    var isOwners: Bool {
        switch self {
        case .ownerTimeout, .ownerSuccess: true
        case .counterpartyPreimage, .counterpartyTimeout, .revocation: false
        }
    }
}

extension Transaction {
    /// The preimages of `hashes` that the witnesses show, whatever it is that they spend.
    func preimages(of hashes: Set<PaymentHash>) -> [PaymentPreimage] {
        guard !hashes.isEmpty else { return [] }
        return inputs.flatMap { input in
            input.witness.compactMap { item in
                guard item.count == 32, let hash = try? Hash256(item) else { return nil }
                let preimage = PaymentPreimage(hash)
                return hashes.contains(preimage.paymentHash) ? preimage : nil
            }
        }
    }
}
