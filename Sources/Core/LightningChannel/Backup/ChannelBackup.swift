import Bitcoin
import LightningCommitment
import LightningWire

/// What has to be known of a channel, besides the seed, to take what the peer's commitment pays this side.
///
/// All of it is fixed when the channel opens, so that a backup never grows old. It holds no secret key, and no state: with it the peer is asked to close, and nothing can be published.
public struct ChannelBackup: Hashable, Sendable {
    /// The node across.
    public let peer: PublicKey
    /// What was agreed at the opening.
    public let parameters: ChannelParameters
    /// The output that commitments spend.
    public let funding: ChannelFunding
    /// Where in the chain that is; nil while it is not.
    public let position: FundingPosition?
    let localKey: PublicKey
    let remoteKey: PublicKey
    let alias: ShortChannelID
    let isAnnounced: Bool
    let waitingSince: BlockHeight

    /// The height of the first block that may concern the channel.
    public var firstHeight: BlockHeight { position?.height ?? waitingSince }
}

extension EstablishedChannel {
    /// The backup of the channel.
    public var backup: ChannelBackup {
        let active = commitments.fundings[0]
        return ChannelBackup(
            peer: peer, parameters: commitments.parameters, funding: active.funding,
            position: life.position, localKey: active.localKey, remoteKey: active.remoteKey,
            alias: life.alias, isAnnounced: life.isAnnounced, waitingSince: life.waitingSince)
    }

    /// Whether only a backup of the channel was left.
    public var isRestored: Bool { life.failure?.kind == .restored }

    /// Whether this side has not the channel's latest state, and must publish nothing.
    public var isOutdated: Bool {
        switch life.failure?.kind {
        case .outdated, .restored: true
        case .failed, nil: false
        }
    }

    /// The channel that a backup is of, whose peer is to close it.
    ///
    /// Commitments numbered 0 stand in for those that are lost: no transaction is made of them. Throws where they would have
    /// no keys, or the backup does not add up.
    fileprivate init(_ backup: ChannelBackup, _ signer: some ChannelSigner) throws(BackupFault) {
        let amount = MilliSatoshi(backup.funding.amount)
        var settled = Balances(local: .zero, remote: .zero)
        settled[backup.parameters.opener] = amount
        let points: (PublicKey, PublicKey)
        let basepoints: ChannelBasepoints
        // Any signature will do where no commitment is published.
        let signature: ECDSASignature
        do {
            points = (try signer.perCommitmentPoint(0), try signer.perCommitmentPoint(1))
            basepoints = try signer.basepoints(funding: backup.funding.number)
            signature = try ECDSASignature(
                compact: [UInt8](repeating: 0, count: 31) + [1]
                    + [UInt8](repeating: 0, count: 31) + [1])
        } catch {
            throw .noKeys
        }
        guard basepoints.payment == backup.parameters.local.basepoints.payment else {
            throw .ofAnotherSeed
        }
        let active = ActiveFunding(
            funding: backup.funding, localKey: backup.localKey, remoteKey: backup.remoteKey,
            settled: settled,
            signatures: CommitmentSignatures(commitment: signature, htlcs: []))
        var commitments = Commitments(
            parameters: backup.parameters, fundings: [active], feerate: .minimumRelay,
            localPoints: points,
            // Nothing that this side gets depends on it (`option_static_remotekey`), until the peer tells its own.
            remotePoint: backup.parameters.remote.basepoints.payment)
        commitments.isConnected = false
        do {
            try commitments.validate()
        } catch {
            throw .inconsistent(error)
        }
        var life = ChannelLife(
            peer: backup.peer, isAnnounced: backup.isAnnounced, minimumDepth: 1,
            alias: backup.alias, waitingSince: backup.waitingSince)
        life.failure = ChannelLife.Failure(
            kind: .restored,
            text: Array("the state of this channel is lost: please close it".utf8))
        self.init(commitments: commitments, life: life)
    }
}

extension Channel {
    /// The channel that a backup is of, which its peer is asked to close as soon as it is there; with all of its records.
    ///
    /// Throws where the backup is of another seed's channel, or does not add up.
    public static func restore(
        _ backup: ChannelBackup, _ signer: some ChannelSigner
    ) throws(BackupFault) -> (Channel, [RecordWrite]) {
        let established = try EstablishedChannel(backup, signer)
        let writes = established.commitments.openingWrites + [established.lifeWrite()]
        let channel = Channel(
            keys: backup.parameters.keys, peer: backup.peer, .established(established))
        return (channel, writes)
    }
}

/// Why there is no channel to make of a backup.
public enum BackupFault: Error, Equatable, Sendable {
    /// The keys of the channel do not derive from this node's seed.
    case ofAnotherSeed
    /// Its keys cannot be derived.
    case noKeys
    /// What it says does not add up.
    case inconsistent(RecordError)
}
