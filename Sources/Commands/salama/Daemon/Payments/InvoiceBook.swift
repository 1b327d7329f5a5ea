import Bitcoin
import LightningInvoice
import LightningNode
import LightningPayment
import LightningWire
import NodeAPI
import NodeRuntime

/// The node's invoices of present and past, as the interface tells of them. Everything blocks.
struct InvoiceBook: Sendable {
    let host: NodeHost
    let names: ChannelNames

    /// Reads and signs beside the node's thread; throws while the wallet is locked.
    func signer() throws(APIError) -> NodeSigner {
        guard let signer = host.signer else { throw .walletLocked }
        return signer
    }

    func history() throws(APIError) -> InvoiceHistory {
        InvoiceHistory(host.store, signer: try signer())
    }

    /// The invoice with that hash; throws ``APICode/notFound`` where there is none.
    func invoice(_ hash: PaymentHash) throws -> InvoiceEntry {
        // First the present: what has left it since is in the past, durably.
        guard case .invoices(let open) = try host.perform(.payment(.openInvoice(hash))) else {
            throw UnexpectedReply()
        }
        guard let entry = try open.first ?? history().past(hash) else {
            throw APIError.unknownInvoice(hash)
        }
        return entry
    }

    /// The same invoices with those that are held marked so.
    func markingHeld(_ entries: [InvoiceEntry]) throws -> [InvoiceEntry] {
        guard entries.contains(where: { $0.state == .open }) else { return entries }
        guard case .invoices(let held) = try host.perform(.payment(.heldInvoices)) else {
            throw UnexpectedReply()
        }
        let byNumber = Dictionary(uniqueKeysWithValues: held.map { ($0.number, $0) })
        return entries.map { $0.state == .open ? byNumber[$0.number] ?? $0 : $0 }
    }

    /// Invoices as messages.
    func messages(_ entries: [InvoiceEntry]) throws -> [InvoiceMessage] {
        let signer = try signer()
        let channels = try names.names(of: Set(entries.flatMap(\.parts).map(\.name.channel)))
        return entries.map { InvoiceMessage(signer.report($0), channels: channels) }
    }

    /// An invoice as a message.
    func message(_ entry: InvoiceEntry) throws -> InvoiceMessage {
        guard let message = try messages([entry]).first else { throw UnexpectedReply() }
        return message
    }
}

extension InvoiceEntry {
    /// The HTLCs that pay it.
    fileprivate var parts: [Settlement.Part] {
        switch state {
        case .open, .cancelled, .expired: []
        case .held(let parts): parts
        case .settled(let settlement): settlement.parts
        }
    }
}
