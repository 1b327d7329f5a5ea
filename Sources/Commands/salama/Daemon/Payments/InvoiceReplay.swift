import LightningPayment
import NodeAPI
import NodeRuntime
import NodeServer

/// What a client has missed of invoices: it is told of those that were added, and then of those that were settled, in
/// pieces, no faster than it reads.
struct InvoiceReplay: Sendable {
    /// How a piece went.
    enum Progress {
        /// The client was told of something.
        case told
        /// The client has not read yet what it was told.
        case waits
        /// The client has gone.
        case gone
        /// There is nothing more.
        case done
    }

    let client: Subscriber<InvoiceMessage>
    /// The numbers of the first invoice and settlement that the client was not told of; nil where it wants nothing of the
    /// past.
    private(set) var next: InvoicePlace
    /// What is read already and not told.
    private var page: ArraySlice<InvoiceEntry> = []
    /// The numbers of invoices whose settlements are to be told yet.
    private var settled: ArraySlice<UInt64> = []

    private static let pageSize = 100

    init(_ client: Subscriber<InvoiceMessage>, from next: InvoicePlace) {
        self.client = client
        self.next = next
    }

    /// Tells what the client has room for, as far as one page goes. Blocks while that is read.
    mutating func step(_ book: InvoiceBook) throws -> Progress {
        if page.isEmpty {
            page = try nextPage(book.history())[...]
            guard !page.isEmpty else { return .done }
        }
        var hasTold = false
        while let entry = page.first {
            guard client.hasRoom else { return hasTold ? .told : .waits }
            guard client.send(try book.message(entry)) else { return .gone }
            page.removeFirst()
            hasTold = true
        }
        return .told
    }

    /// Goes on where the client was not told of news, which began there.
    mutating func goOn(from missed: InvoicePlace) {
        next.added = next.added ?? missed.added
        next.settled = next.settled ?? missed.settled
    }

    private mutating func nextPage(_ history: InvoiceHistory) throws -> [InvoiceEntry] {
        if let first = next.added, settled.isEmpty {
            let range = NumberRange(after: first == 0 ? nil : first - 1)
            let added = try history.page(InvoiceQuery(range, limit: Self.pageSize))
            if let last = added.last {
                next.added = last.number + 1
                return added
            }
        }
        if let first = next.settled, settled.isEmpty {
            let end = try history.settlementCount()
            settled = try history.settled(from: first, upTo: end)[...]
            next.settled = max(first, end)
        }
        let numbers = settled.prefix(Self.pageSize)
        settled.removeFirst(numbers.count)
        return try numbers.compactMap { try history.invoice(number: $0) }
    }
}

/// A place in the news of invoices: the numbers of the first invoice and of the first settlement behind it.
struct InvoicePlace: Sendable {
    var added: UInt64?
    var settled: UInt64?
}
