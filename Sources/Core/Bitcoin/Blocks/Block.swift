/// A block: a header and its transactions, the coinbase first.
public struct Block: Hashable, Sendable {
    /// What commits to the transactions and carries the proof of work.
    public var header: BlockHeader
    /// The transactions in their order, the coinbase first.
    public var transactions: [Transaction]

    /// A block of these parts, valid or not.
    public init(header: BlockHeader, transactions: [Transaction]) {
        self.header = header
        self.transactions = transactions
    }

    /// The hash of the header.
    public var hash: BlockHash { header.hash }
}

extension Block: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        header = try BlockHeader(from: &reader)
        let count = try reader.readCompactSize(field: "transactions")
        transactions = []
        transactions.reserveCapacity(min(count, reader.remaining / 60))
        for _ in 0..<count { transactions.append(try Transaction(from: &reader)) }
    }

    public func write(to writer: inout ByteWriter) {
        header.write(to: &writer)
        writer.writeCompactSize(transactions.count)
        for transaction in transactions { transaction.write(to: &writer) }
    }
}
