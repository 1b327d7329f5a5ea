import Bitcoin
import LightningInvoice
import LightningNode
import LightningPayment
import LightningWire
import NodeAPI

extension InvoiceMessage {
    /// An invoice of this node; `channels` has the short identifiers of channels by the numbers of their keys.
    init(_ report: InvoiceReport, channels: [UInt32: ShortChannelID]) {
        self.init()
        let (entry, content) = (report.entry, report.request.content)
        switch entry.order.description {
        case .text(let text): memo = text
        case .hash(let hash):
            memo = entry.order.note
            descriptionHash = hash.bytes
        }
        rPreimage = report.preimage?.hash.bytes ?? []
        rHash = content.paymentHash.hash.bytes
        value = entry.order.amount?.interfaceSatoshis ?? 0
        valueMsat = entry.order.amount?.interfaceValue ?? 0
        creationDate = Int64(clamping: entry.created)
        // Nobody asked for a keysend: there is no invoice that somebody could read.
        paymentRequest = entry.isKeysend ? "" : report.request.text
        expiry = Int64(clamping: entry.order.expiry)
        fallbackAddr = content.fallbackAddress
        cltvExpiry = UInt64(entry.order.minFinalCLTVExpiryDelta)
        routeHints = content.routeHints.map { RouteHintMessage($0) }
        isPrivate = !content.routeHints.isEmpty
        addIndex = entry.number + 1
        features = [String: FeatureMessage](entry.features)
        isKeysend = entry.isKeysend
        paymentAddr = content.paymentSecret.bytes
        takeState(of: report, channels)
    }

    private mutating func takeState(
        of report: InvoiceReport, _ channels: [UInt32: ShortChannelID]
    ) {
        switch report.entry.state {
        case .open: state = .open
        case .cancelled, .expired: state = .canceled
        case .held(let parts):
            state = .accepted
            htlcs = parts.map { InvoiceHTLCMessage($0, .accepted, channels) }
            pay(parts)
        case .settled(let settlement):
            state = .settled
            settled = true
            settleDate = Int64(clamping: settlement.time)
            settleIndex = settlement.number + 1
            htlcs = settlement.parts.map { InvoiceHTLCMessage($0, .settled, channels) }
            for index in htlcs.indices {
                htlcs[index].acceptTime = settleDate
                htlcs[index].resolveTime = settleDate
                htlcs[index].mppTotalAmtMsat = settlement.amount.value
            }
            pay(settlement.parts)
            // The records are kept once for all parts.
            if !htlcs.isEmpty { htlcs[0].customRecords = records(settlement, report.preimage) }
        }
    }

    private mutating func pay(_ parts: [Settlement.Part]) {
        let amount = parts.reduce(MilliSatoshi.zero) { $0.adding($1.amount) ?? .maximumMoney }
        amtPaidSat = amount.interfaceSatoshis
        amtPaidMsat = amount.interfaceValue
        amtPaid = amtPaidMsat
    }

    private func records(
        _ settlement: Settlement, _ preimage: PaymentPreimage?
    ) -> [UInt64: [UInt8]] {
        var records: [UInt64: [UInt8]] = [:]
        for record in settlement.records { records[record.type] = record.value }
        if isKeysend { records[SendPaymentRequest.keysendType] = preimage?.hash.bytes }
        return records
    }
}

extension InvoiceHTLCMessage {
    fileprivate init(
        _ part: Settlement.Part, _ state: InvoiceHTLCState, _ channels: [UInt32: ShortChannelID]
    ) {
        self.init()
        chanId = channels[part.name.channel]?.value ?? 0
        htlcIndex = part.name.id
        amtMsat = part.amount.value
        self.state = state
    }
}

extension SendPaymentRequest {
    /// The type of the record that carries the preimage of a payment nobody asked for.
    static let keysendType: UInt64 = 5_482_373_484
}

extension InvoiceContent {
    /// The preferred address to pay on the chain instead; empty where there is none.
    var fallbackAddress: String {
        fallbacks.first.flatMap { Address(script: $0, network: network) }?.description ?? ""
    }
}

extension PayReq {
    init(_ invoice: Invoice) {
        self.init()
        let content = invoice.content
        destination = invoice.payee.description
        paymentHash = content.paymentHash.description
        numSatoshis = content.amount?.interfaceSatoshis ?? 0
        numMsat = content.amount?.interfaceValue ?? 0
        timestamp = Int64(clamping: content.timestamp)
        expiry = Int64(clamping: content.expiry)
        switch content.description {
        case .text(let text): description = text
        case .hash(let hash): descriptionHash = Hex.encode(hash.bytes)
        }
        fallbackAddr = content.fallbackAddress
        cltvExpiry = Int64(clamping: content.minFinalCLTVExpiryDelta)
        routeHints = content.routeHints.map { RouteHintMessage($0) }
        paymentAddr = content.paymentSecret.bytes
        features = [String: FeatureMessage](content.features)
    }
}

extension Invoice {
    /// Reads an invoice of that network; throws in the words that clients of lnd look for.
    init(interface text: String, _ network: Network) throws(APIError) {
        do throws(InvoiceError) {
            try self.init(decoding: text)
        } catch {
            throw APIError(.invalidArgument, "this is no invoice that can be paid: \(error)")
        }
        // The two test networks share their prefix.
        guard content.network.invoicePrefix == network.invoicePrefix else {
            throw APIError(
                .invalidArgument,
                "invoice not for current active network '\(network.rawValue)': it is for"
                    + " \(content.network.rawValue), and nothing was sent")
        }
    }
}
