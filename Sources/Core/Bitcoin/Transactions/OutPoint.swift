/// One output of a transaction, as an input names it.
public struct OutPoint: Hashable, Sendable {
    /// The transaction that has the output.
    public let transactionID: TransactionID

    /// The position of the output, from 0.
    public let index: UInt32

    /// Names output `index` of transaction `transactionID`.
    public init(_ transactionID: TransactionID, _ index: UInt32) {
        self.transactionID = transactionID
        self.index = index
    }

    /// What the input of a coinbase transaction names: no output at all.
    public static let null = OutPoint(TransactionID(.zero), .max)
}

extension OutPoint: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        transactionID = try TransactionID(from: &reader)
        index = try reader.readLittleEndian()
    }

    public func write(to writer: inout ByteWriter) {
        transactionID.write(to: &writer)
        writer.writeLittleEndian(index)
    }
}

extension OutPoint: Comparable {
    /// Orders by transaction identifier, then by index.
    public static func < (left: OutPoint, right: OutPoint) -> Bool {
        (left.transactionID, left.index) < (right.transactionID, right.index)
    }
}

extension OutPoint: CustomStringConvertible {
    /// The identifier as printed, a colon and the index.
    public var description: String { "\(transactionID):\(index)" }
}
