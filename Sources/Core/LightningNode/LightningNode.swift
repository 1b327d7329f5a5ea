import Bitcoin
import LightningCommitment
import LightningWallet

/// A whole node as a value: inputs go in, steps come out.
///
/// It does nothing by itself. ``receive(_:at:)`` in Dispatch.swift is its only way in; the runtime makes the writes of a
/// step durable before anything of its effects is seen.
public struct LightningNode: Sendable {
    /// The wallet's bookkeeping.
    public internal(set) var wallet: Wallet
    let keys: WalletKeys
    let policy: NodePolicy
    /// The connections. They are not durable: a restart begins without.
    var links: [PublicKey: PeerLink] = [:]
    /// The fee rates last heard of.
    var feeEstimates: FeeEstimates?

    /// A node of this wallet and the keys that sign for it.
    public init(wallet: Wallet, keys: WalletKeys, policy: NodePolicy = NodePolicy()) {
        self.wallet = wallet
        self.keys = keys
        self.policy = policy
    }
}
