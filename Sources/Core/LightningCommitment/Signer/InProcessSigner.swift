import Bitcoin
import LightningCrypto
import LightningWire

/// A channel's signer in this process: its keys, derived from the wallet's seed, are wiped when the last copy goes.
///
/// It signs what the channel asks for once it has seen that the request is for this channel. That nothing is signed which
/// was revoked is the channel's part.
public struct InProcessSigner: ChannelSigner {
    private let fundings: ExtendedPrivateKey
    private let firstFunding: PrivateKey
    private let revocation: PrivateKey
    private let payment: PrivateKey
    private let delayedPayment: PrivateKey
    private let htlc: PrivateKey
    private let seed: PerCommitmentSeed
    /// The public keys with that of the first funding.
    private let basepoints: ChannelBasepoints
    /// Who helps with the HTLCs of a commitment.
    private let work: any ParallelWork

    /// Derives the keys below `channel`, which is `m/9735'/coin'/1'/number'`, or takes those of `fixed`.
    init(
        channel: ExtendedPrivateKey, fixed: FixedChannelKeys?, work: any ParallelWork
    ) throws(DerivationError) {
        self.work = work
        func key(_ purpose: ChannelKeyPurpose) throws(DerivationError) -> ExtendedPrivateKey {
            try channel.child(ChannelNumbering.hardened(purpose))
        }
        fundings = try key(.funding)
        if let fixed {
            (firstFunding, revocation) = (fixed.funding, fixed.revocation)
            (payment, delayedPayment) = (fixed.payment, fixed.delayedPayment)
            htlc = fixed.htlc
            seed = PerCommitmentSeed(fixed.perCommitmentSeed)
        } else {
            firstFunding = try fundings.child(ChannelNumbering.hardened(0)).key
            revocation = try key(.revocation).key
            payment = try key(.payment).key
            delayedPayment = try key(.delayedPayment).key
            htlc = try key(.htlc).key
            var bytes = try key(.perCommitmentSeed).key.exposedBytes()
            seed = PerCommitmentSeed(SecretBytes(wiping: &bytes))
        }
        basepoints = ChannelBasepoints(
            funding: firstFunding.publicKey, revocation: revocation.publicKey,
            payment: payment.publicKey, delayedPayment: delayedPayment.publicKey,
            htlc: htlc.publicKey)
    }

    public func basepoints(funding: UInt32) throws(SignerError) -> ChannelBasepoints {
        guard funding != 0 else { return basepoints }
        var other = basepoints
        other.funding = try fundingKey(funding).publicKey
        return other
    }

    public func perCommitmentPoint(_ number: UInt64) throws(SignerError) -> PublicKey {
        try key(of: perCommitmentSecret(number)).publicKey
    }

    public func perCommitmentSecret(_ number: UInt64) throws(SignerError) -> PerCommitmentSecret {
        guard number <= CommitmentNumberObscurer.maximum else {
            throw .commitmentNumberTooHigh(number)
        }
        return seed.secret(commitment: number)
    }

    public func validate(_ received: ReceivedCommitment) throws(SignerError) {
        let parameters = received.commitment.parameters
        _ = try fundingKey(parameters.funding.number, is: parameters.ownerFundingKey)
        do throws(RequestFault) {
            try received.signatures.verify(received.commitment, work)
        } catch {
            throw .inconsistent(error)
        }
    }

    public func sign(
        _ request: CounterpartyCommitmentRequest
    ) throws(SignerError) -> CommitmentSignatures {
        let commitment = request.commitment
        let parameters = commitment.parameters
        let funding = try fundingKey(
            parameters.funding.number, is: parameters.counterpartyFundingKey)
        // A small r would take twice as long on average; in messages all signatures have 64 bytes.
        var signatures = CommitmentSignatures(
            commitment: funding.sign(commitment.signatureHash, grindLowR: false), htlcs: [])
        guard commitment.outputs.contains(where: \.purpose.isHTLC) else { return signatures }
        let key = try derived(htlc, basepoints.htlc, for: commitment.keys.perCommitmentPoint)
        try check(key, is: commitment.keys.counterpartyHTLC)
        signatures.htlcs = commitment.mapHTLCTransactions(work) { _, htlc in
            key.sign(htlc.counterpartySignatureHash, grindLowR: false)
        }
        return signatures
    }

    public func sign(_ request: OwnCommitmentRequest) throws(SignerError) -> ECDSASignature {
        let parameters = request.commitment.parameters
        let funding = try fundingKey(parameters.funding.number, is: parameters.ownerFundingKey)
        return funding.sign(request.commitment.signatureHash)
    }

    public func sign(_ request: HTLCTransactionRequest) throws(SignerError) -> [ECDSASignature] {
        let keys = request.commitment.keys
        let key = try derived(htlc, basepoints.htlc, for: keys.perCommitmentPoint)
        try check(key, is: keys.ownerHTLC)
        var signatures: [ECDSASignature] = []
        for resolution in request.resolutions {
            do throws(RequestFault) {
                let htlc = try request.htlcTransaction(resolution)
                signatures.append(
                    key.sign(
                        htlc.signatureHash(
                            of: request.transaction, input: resolution.input, .all)))
            } catch {
                throw .inconsistent(error)
            }
        }
        return signatures
    }

    public func sign(_ request: ClaimRequest) throws(SignerError) -> [ECDSASignature] {
        let cache = SignatureHashCache(request.transaction)
        var signatures: [ECDSASignature] = []
        for input in request.inputs {
            guard request.transaction.inputs.indices.contains(input.index),
                request.transaction.inputs[input.index].previousOutput == input.claim.outPoint
            else { throw .inconsistent(.wrongInput(input.index)) }
            guard let key = input.claim.key else { continue }
            let hash = input.claim.signatureHash(request.transaction, input: input.index, cache)
            signatures.append(try privateKey(key).sign(hash))
        }
        return signatures
    }

    public func sign(_ request: ClosingRequest) throws(SignerError) -> ECDSASignature {
        let funding = request.closing.funding
        let key = try fundingKey(funding.number)
        let point = key.publicKey
        guard [funding.script.firstKey, funding.script.secondKey].contains(point) else {
            throw .foreignKey(expected: point, actual: funding.script.firstKey)
        }
        return key.sign(request.closing.signatureHash)
    }

    public func sign(_ request: AnnouncementRequest) throws(SignerError) -> ECDSASignature {
        let key = try fundingKey(request.funding)
        let announced = [request.announcement.bitcoinKey1, request.announcement.bitcoinKey2]
        guard announced.contains(Point(key.publicKey)) else {
            throw .refused(reason: "the announcement does not name the channel's funding key")
        }
        return key.sign(request.signatureHash)
    }

    // MARK: Keys

    private func fundingKey(_ number: UInt32) throws(SignerError) -> PrivateKey {
        guard number != 0 else { return firstFunding }
        guard number < 1 << 31 else {
            throw .derivation(.invalidStep("\(number)'", position: 0))
        }
        do {
            return try fundings.child(ChannelNumbering.hardened(number)).key
        } catch {
            throw .derivation(error)
        }
    }

    /// The key of that funding, which the request takes to be `claimed`.
    private func fundingKey(
        _ number: UInt32, is claimed: PublicKey
    ) throws(SignerError) -> PrivateKey {
        let key = try fundingKey(number)
        let point = number == 0 ? basepoints.funding : key.publicKey
        guard point == claimed else { throw .foreignKey(expected: point, actual: claimed) }
        return key
    }

    private func check(_ key: PrivateKey, is claimed: PublicKey) throws(SignerError) {
        let point = key.publicKey
        guard point == claimed else { throw .foreignKey(expected: point, actual: claimed) }
    }

    private func privateKey(_ key: ClaimKey) throws(SignerError) -> PrivateKey {
        switch key {
        case .payment: return payment
        case .delayedPayment(let point):
            return try derived(delayedPayment, basepoints.delayedPayment, for: point)
        case .htlc(let point): return try derived(htlc, basepoints.htlc, for: point)
        case .funding(let number): return try fundingKey(number)
        case .revocation(let secret):
            let secret = try self.key(of: secret)
            do {
                return try revocation.revocationKey(for: secret)
            } catch {
                throw .unusableKey(error)
            }
        }
    }

    private func derived(
        _ base: PrivateKey, _ basepoint: PublicKey, for point: PublicKey
    ) throws(SignerError) -> PrivateKey {
        do {
            return try base.derived(for: point, basepoint: basepoint)
        } catch {
            throw .unusableKey(error)
        }
    }

    private func key(of secret: PerCommitmentSecret) throws(SignerError) -> PrivateKey {
        do {
            return try PrivateKey(secret.hash)
        } catch {
            throw .unusableKey(error)
        }
    }
}
