import Bitcoin
import LightningChannel
import LightningNode
import LightningWallet
import NodeAPI

/// Why a channel is not opened, in the words that clients of lnd look for.
extension APIError {
    init(opening failure: NodeFailure, with peer: PublicKey) {
        switch failure {
        case .channel(let error): self.init(opening: error, with: peer)
        case .spend(.insufficientFunds(let available, let needed)):
            self.init(
                .failedPrecondition,
                "not enough witness outputs to create funding transaction, need \(needed.btc) only"
                    + " have \(available.btc) available")
        case .spend(.reserveNotMet(let left, let reserve)):
            self.init(
                .failedPrecondition,
                "reserved wallet balance invalidated: transaction would leave insufficient funds"
                    + " for fee bumping anchor channel closings: \(left) of \(reserve) would be left"
            )
        case .wallet, .spend, .invoice, .payment, .backup, .unavailable, .stopping:
            self.init(failure)
        }
    }

    init(opening error: ChannelRequestError, with peer: PublicKey) {
        switch error {
        case .notConnected(let peer): self.init(.unavailable, "peer \(peer) is not online")
        case .forgotten(let reason): self.init(opening: reason, with: peer)
        case .opening(.below(.fundingAmount, let minimum, _)):
            self.init(
                .invalidArgument,
                "channel is too small, the minimum channel size is: \(minimum) SAT")
        case .opening(.above(.fundingAmount, let maximum, _)):
            self.init(
                .invalidArgument,
                "funding amount is too large, the max channel size is: \(Satoshi(Int64(clamping: maximum)))"
            )
        case .opening(let error): self.init(.failedPrecondition, "\(error)")
        case .unknownChannel, .unknownFunding, .channel, .fundingOutputMissing, .fundingNotFinal,
            .wrongFunding, .fundingNotSigned, .fundingRefused, .notNow, .policy, .noKeys:
            self.init(error)
        }
    }

    private init(opening reason: ForgottenReason, with peer: PublicKey) {
        switch reason {
        // What the peer said comes first: clients compare its beginning.
        case .failed(.peerFailed(let bytes)):
            self.init(.failedPrecondition, "\(bytes.printable) (received from peer \(peer))")
        case .failed(let failure): self.init(.failedPrecondition, "\(failure)")
        case .disconnected:
            self.init(
                .unavailable,
                "the connection was lost before the channel was agreed upon: peer"
                    + " \(peer) is not online")
        case .fundingTimeout, .fundingDoubleSpent, .abandoned:
            self.init(.failedPrecondition, "\(reason)")
        }
    }

    /// A request about channels that was not granted.
    init(_ error: ChannelRequestError) {
        switch error {
        case .notConnected(let peer): self.init(.unavailable, "peer \(peer) is not connected")
        case .unknownChannel(let id): self.init(.notFound, "channel not found: \(id)")
        case .unknownFunding:
            self.init(.notFound, "no pending funding is known by that pending channel id")
        case .opening(let error): self.init(.failedPrecondition, "\(error)")
        case .channel(let error): self.init(.failedPrecondition, "\(error)")
        case .forgotten(let reason): self.init(.failedPrecondition, "\(reason)")
        case .fundingOutputMissing(let output):
            self.init(
                .invalidArgument,
                "no output of the transaction pays \(output.amount) to \(Hex.encode(output.scriptPubKey.bytes))"
            )
        case .fundingNotFinal(let id):
            self.init(
                .invalidArgument,
                "signing would change the identifier of transaction \(id): all inputs must be"
                    + " segwit, and the PSBT must show what they spend")
        case .wrongFunding(let expected, let actual):
            self.init(
                .invalidArgument,
                "this is transaction \(actual), and not \(expected) for which the peers have signed"
            )
        case .fundingNotSigned(let error):
            self.init(.invalidArgument, "the transaction is not signed: \(error)")
        case .fundingRefused(let id, let reason, let isGivenUp):
            let consequence =
                isGivenUp
                ? "no channel is opened, and the coins are free again"
                : "the channels wait for it: it is offered again with each block, until it is mined"
                    + " or the channels are abandoned"
            self.init(
                .failedPrecondition,
                "the chain refused funding transaction \(id): \(reason); \(consequence)")
        case .notNow(let reason): self.init(.failedPrecondition, reason)
        case .policy(let problem): self.init(.invalidArgument, "\(problem)")
        case .noKeys: self.init(.resourceExhausted, "no keys are left for channels")
        }
    }
}

extension [UInt8] {
    /// What a peer said, as it may be shown: BOLT 1 wants it unescaped only where it is printable.
    fileprivate var printable: String {
        let start = prefix(500)
        return start.allSatisfy { (32...126).contains($0) }
            ? String(decoding: start, as: UTF8.self) : Hex.encode(Array(start))
    }
}

extension Satoshi {
    /// The amount in bitcoin, as lnd writes it in its messages.
    fileprivate var btc: String {
        let (whole, rest) = value.magnitude.quotientAndRemainder(dividingBy: 100_000_000)
        var digits = String(String(100_000_000 + rest).dropFirst())
        while digits.hasSuffix("0") { digits.removeLast() }
        return (value < 0 ? "-" : "") + "\(whole)" + (digits.isEmpty ? "" : ".\(digits)") + " BTC"
    }
}
