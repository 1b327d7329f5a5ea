import Bitcoin
import LightningInvoice
import LightningNode
import LightningPayment
import LightningWire
import NodeAPI
import NodeRuntime
import NodeServer

/// Making, finding and ending invoices.
extension APIService {
    var invoiceBook: InvoiceBook { InvoiceBook(host: host, names: channelNames) }

    func addInvoice(_ request: InvoiceMessage, _ reply: Reply<AddInvoiceResponse>) {
        add(try InvoiceOrder(request, host.network), isPrivate: request.isPrivate, reply) {
            invoice, number in
            var response = AddInvoiceResponse()
            response.rHash = invoice.content.paymentHash.hash.bytes
            response.paymentRequest = invoice.text
            response.addIndex = number + 1
            response.paymentAddr = invoice.content.paymentSecret.bytes
            return response
        }
    }

    func addHoldInvoice(_ request: AddHoldInvoiceRequest, _ reply: Reply<AddHoldInvoiceResponse>) {
        add(try InvoiceOrder(request, host.network), isPrivate: request.isPrivate, reply) {
            invoice, number in
            var response = AddHoldInvoiceResponse()
            response.paymentRequest = invoice.text
            response.addIndex = number + 1
            response.paymentAddr = invoice.content.paymentSecret.bytes
            return response
        }
    }

    /// Makes an invoice and answers with what `form` makes of it and its number.
    private func add<Response: APIMessage>(
        _ order: @autoclosure () throws(APIError) -> InvoiceOrder, isPrivate: Bool,
        _ reply: Reply<Response>, _ form: @escaping @Sendable (Invoice, UInt64) -> Response
    ) {
        do throws(APIError) {
            ask(.payment(.addInvoice(try order())), reply) { answer in
                guard case .invoice(let invoice, let number) = answer else {
                    throw UnexpectedReply()
                }
                return form(invoice, number)
            }
        } catch {
            reply.fail(error)
        }
    }

    func lookupInvoice(_ request: PaymentHashMessage, _ reply: Reply<InvoiceMessage>) {
        work(reply) { [invoiceBook] in
            let hash: [UInt8]
            if request.rHashStr.isEmpty {
                hash = request.rHash
            } else if let bytes = try? Hex.decode(request.rHashStr) {
                hash = bytes
            } else {
                throw APIError(
                    .invalidArgument,
                    "encoding/hex: `\(request.rHashStr)` is no payment hash in hexadecimal")
            }
            let entry = try invoiceBook.invoice(
                PaymentHash(try Hash256(interface: hash, "payment hash")))
            return try invoiceBook.message(entry)
        }
    }

    func lookupInvoice(_ request: LookupInvoiceRequest, _ reply: Reply<InvoiceMessage>) {
        work(reply) { [invoiceBook] in
            var message: InvoiceMessage
            if let hash = request.paymentHash {
                let hash = PaymentHash(try Hash256(interface: hash, "unable to parse pay hash: it"))
                message = try invoiceBook.message(try invoiceBook.invoice(hash))
            } else if let secret = request.paymentAddr {
                let secret = try Hash256(interface: secret, "the payment address")
                guard let entry = try invoiceBook.history().invoice(paymentSecret: secret) else {
                    throw APIError(
                        .notFound, "unable to locate invoice with payment address \(secret)")
                }
                message = try invoiceBook.messages(try invoiceBook.markingHeld([entry]))[0]
            } else if request.setId != nil {
                throw APIError(.notFound, "unable to locate invoice: this node makes none for AMP")
            } else {
                throw APIError(.invalidArgument, "invoice ref must be set")
            }
            if request.lookupModifier == .setBlank { message.htlcs = [] }
            return message
        }
    }

    func listInvoices(_ request: ListInvoiceRequest, _ reply: Reply<ListInvoiceResponse>) {
        work(reply) { [invoiceBook] in
            var query = InvoiceQuery(
                try NumberRange(indexOffset: request.indexOffset, isReversed: request.reversed),
                limit: PageSize.of(request.numMaxInvoices, usual: 100))
            query.isOpenOnly = request.pendingOnly
            query.created = try DateRange.of(
                request.creationDateStart, request.creationDateEnd)
            var page = try invoiceBook.history().page(query)
            if request.reversed { page.reverse() }
            var response = ListInvoiceResponse()
            response.invoices = try invoiceBook.messages(try invoiceBook.markingHeld(page))
            response.firstIndexOffset = page.first.map { $0.number + 1 } ?? 0
            response.lastIndexOffset = page.last.map { $0.number + 1 } ?? 0
            return response
        }
    }

    func settleInvoice(_ request: SettleInvoiceRequest, _ reply: Reply<Empty>) {
        work(reply) { [host, invoiceBook] in
            let preimage = PaymentPreimage(
                try Hash256(interface: request.preimage, "the preimage"))
            do throws(NodeFailure) {
                _ = try host.perform(.payment(.settleInvoice(preimage)))
            } catch .invoice(.unknownInvoice(let hash)) {
                switch try invoiceBook.invoice(hash).state {
                // Asked again, as after a lost answer: it is as wanted.
                case .settled: break
                case .cancelled, .expired:
                    throw APIError(
                        .failedPrecondition,
                        "invoice already canceled: \(hash); what was held for it was given back")
                case .open, .held:
                    throw APIError(.aborted, "the invoice has just changed: try again")
                }
            }
            return Empty()
        }
    }

    func cancelInvoice(_ request: CancelInvoiceRequest, _ reply: Reply<Empty>) {
        work(reply) { [host, invoiceBook] in
            let hash = PaymentHash(try Hash256(interface: request.paymentHash, "the payment hash"))
            do throws(NodeFailure) {
                _ = try host.perform(.payment(.cancelInvoice(hash)))
            } catch .invoice(.unknownInvoice) {
                switch try invoiceBook.invoice(hash).state {
                case .cancelled, .expired: break
                case .settled:
                    throw APIError(
                        .failedPrecondition, "invoice already settled: \(hash); the money is here")
                case .open, .held:
                    throw APIError(.aborted, "the invoice has just changed: try again")
                }
            }
            return Empty()
        }
    }

    func deleteCanceledInvoice(
        _ request: DeleteCanceledInvoiceRequest, _ reply: Reply<StatusResponse>
    ) {
        work(reply) { [host, invoiceBook] in
            guard let bytes = try? Hex.decode(request.invoiceHash) else {
                throw APIError(.invalidArgument, "invoice_hash is no payment hash in hexadecimal")
            }
            let hash = PaymentHash(try Hash256(interface: bytes, "payment hash"))
            _ = try host.perform(.payment(.forgetInvoice(try invoiceBook.invoice(hash))))
            return StatusResponse("canceled invoice deleted successfully")
        }
    }

    func decodePayReq(_ request: PayReqString, _ reply: Reply<PayReq>) {
        do throws(APIError) {
            reply(PayReq(try Invoice(interface: request.payReq, host.network)))
        } catch {
            reply.fail(error)
        }
    }
}
