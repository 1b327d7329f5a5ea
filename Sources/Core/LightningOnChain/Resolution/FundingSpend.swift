import Bitcoin
import LightningCommitment
import LightningWire

/// What a transaction that spends a channel's funding output is (BOLT 5).
public enum FundingSpend: Hashable, Sendable {
    /// Both sides have closed the channel together.
    case mutual
    /// This side's latest commitment.
    case local
    /// The peer's commitment that is not revoked.
    case remote
    /// The peer's commitment after that, which this side has signed and the peer not acknowledged.
    case remoteNext
    /// A commitment of the peer that it has revoked: all of the channel's money is this side's.
    case revoked(number: UInt64)
    /// None of those. BOLT 5: "MUST warn the user of potentially lost funds."
    case unknown(UnknownFundingSpend)
}

/// Why a spend of the funding output is not one that this side knows of.
public enum UnknownFundingSpend: Hashable, Sendable {
    /// A commitment of the peer with a number that this side has not signed as far as it remembers: its data is old.
    case remoteAhead(number: UInt64)
    /// A commitment of the peer with a current number and other contents than this side remembers.
    case remoteDiffers(number: UInt64)
    /// A commitment of this side that it has revoked, so that the peer can take everything: its data was old.
    case localRevoked(number: UInt64)
    /// A commitment of this side that it does not remember, as after a restore from a backup.
    case localForgotten(number: UInt64)
    /// Nothing of this channel's protocol: a funding key has leaked, or other software has signed.
    case foreign

    /// The number of the commitment; nil for what is none.
    public var number: UInt64? {
        switch self {
        case .remoteAhead(let number), .remoteDiffers(let number), .localRevoked(let number),
            .localForgotten(let number):
            number
        case .foreign: nil
        }
    }
}

extension ChannelSnapshot {
    /// What `transaction`, which spends the funding output, is. `id` is its identifier.
    func recognise(_ transaction: Transaction, id: TransactionID) -> FundingSpend {
        if id == local.id { return .local }
        if id == remote.id { return .remote }
        if id == remoteNext?.id { return .remoteNext }
        if closings.contains(id) { return .mutual }
        guard let number = local.parameters.obscurer.number(of: transaction) else {
            return isMutual(transaction) ? .mutual : .unknown(.foreign)
        }
        if paysPeerAtOnce(transaction), !hasBalanceOfPeer(transaction, number) {
            return .unknown(
                number < local.number
                    ? .localRevoked(number: number) : .localForgotten(number: number))
        }
        // Whatever the 2-of-2 has signed under this number is the peer's: the number decides.
        if number < remote.number, revealedSecrets.secret(commitment: number) != nil {
            return .revoked(number: number)
        }
        let last = remoteNext?.number ?? remote.number
        return .unknown(
            number > last ? .remoteAhead(number: number) : .remoteDiffers(number: number))
    }

    /// Whether all outputs go where the sides want to be paid: a mutual close that this side no longer remembers.
    private func isMutual(_ transaction: Transaction) -> Bool {
        let scripts = [closingScripts.local, closingScripts.remote].compactMap { $0 }
        return transaction.outputs.allSatisfy { scripts.contains($0.scriptPubKey) }
    }

    /// Whether an output is the `to_remote` of this side's commitments, which a peer that took this side's own key for its
    /// payments does not get to confuse with that of its own.
    private func paysPeerAtOnce(_ transaction: Transaction) -> Bool {
        guard remoteBasepoints.payment != localBasepoints.payment else { return false }
        let script = CommitmentScripts.toRemoteOutput(
            remoteBasepoints.payment, local.parameters.format)
        return transaction.outputs.contains { $0.scriptPubKey == script }
    }

    /// Whether an output is the `to_local` of the peer's revoked commitment `number`.
    private func hasBalanceOfPeer(_ transaction: Transaction, _ number: UInt64) -> Bool {
        guard let keys = revokedKeys(number) else { return false }
        let script = CommitmentScripts.toLocal(
            revocation: keys.revocation, delay: remote.parameters.toSelfDelay,
            ownerDelayedPayment: keys.ownerDelayedPayment)
        let output = Script.payToWitnessScriptHash(of: script)
        return transaction.outputs.contains { $0.scriptPubKey == output }
    }

    /// The keys of the peer's revoked commitment `number`; nil where it is not revoked.
    func revokedKeys(_ number: UInt64) -> CommitmentKeys? {
        guard let secret = revealedSecrets.secret(commitment: number),
            let key = try? PrivateKey(secret.hash)
        else { return nil }
        return remoteKeys(key.publicKey)
    }
}
