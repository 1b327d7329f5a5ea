import Bitcoin
import LightningCrypto
import LightningInvoice
import LightningPayment
import LightningWallet
import LightningWire

/// The node's own key and the secrets of its invoices, which never change: what is needed to read invoices of the past and
/// to sign texts beside the loop.
public struct NodeSigner: Sendable {
    private let key: PrivateKey
    private let secrets: PaymentSecrets
    /// The network that invoices are for.
    public let network: Network

    init(_ keys: WalletKeys, _ secrets: PaymentSecrets) {
        key = keys.nodeKey
        network = keys.network
        self.secrets = secrets
    }

    /// The node as peers and payers know it.
    public var nodeID: NodeID { NodeID(key.publicKey) }

    /// Signs a text: 104 characters of z-base-32, always the same for the same text. `isSingleHash` hashes once, not twice.
    public func sign(_ message: [UInt8], isSingleHash: Bool = false) -> String {
        SignedMessage.sign(message, key: key, isSingleHash: isSingleHash)
    }

    /// The hash that locks payments of an invoice.
    public func paymentHash(of entry: InvoiceEntry) -> PaymentHash { entry.paymentHash(secrets) }

    /// The secret that payers of an invoice show.
    public func paymentSecret(of entry: InvoiceEntry) -> Hash256 {
        entry.content(secrets, network: network).paymentSecret
    }

    /// An invoice with all that follows from its record, its text among it.
    public func report(_ entry: InvoiceEntry) -> InvoiceReport {
        InvoiceReport(
            entry: entry, preimage: entry.preimage(secrets),
            request: key.sign(entry.content(secrets, network: network)))
    }
}

/// An invoice of this node with all that follows from its record.
public struct InvoiceReport: Sendable {
    /// What was asked for, and what became of it.
    public let entry: InvoiceEntry
    /// The preimage, where this node knows it.
    public let preimage: PaymentPreimage?
    /// What payers read.
    public let request: Invoice
}

extension LightningNode {
    /// What does not change while the node runs, for reading and signing beside the loop.
    public var signer: NodeSigner { NodeSigner(keys, invoices.secrets) }
}
