import Bitcoin
import LightningWire

/// Who spent an output, and how.
struct SpendPath {
    let isOurs: Bool
    /// Whether it is by an HTLC transaction of the commitment's owner, which makes another output.
    var isSecondStage = false
    /// Whether no signature tells who it was.
    var isAnybodys = false

    /// The spend of `output` with `witness`. `isOwnersOurs` tells whether the commitment is this side's own.
    init(_ output: TrackedOutput, _ witness: [[UInt8]], isOwnersOurs: Bool) {
        switch output.purpose {
        case .balance, .forfeitedBalance, .secondStage:
            // The script has two paths: the owner's after the delay, and with a 1 the one that revocation opens. What pays
            // the other side at once has only its own.
            let isRevocation = witness.count == 3 && witness[1] == [1]
            isOurs = output.claim?.isPenalty ?? false ? isRevocation : !isRevocation
        case .anchor, .peersAnchor:
            isAnybodys = witness.first?.isEmpty ?? false
            isOurs = output.purpose == .anchor && !isAnybodys
        case .htlc, .unidentified:
            guard let path = HTLCPath(witness, paymentHash: output.paymentHash) else {
                isOurs = false
                return
            }
            isOurs = path.isOwners == isOwnersOurs
            isSecondStage = path.isOwners
        }
    }
}
