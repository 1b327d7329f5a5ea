import Bitcoin

/// One line of a message's or record's table in the specification: a type and a name.
public struct FieldLayout: Hashable, Sendable, CustomStringConvertible {
    /// The type as the specification writes it, such as `u16`, `len*byte` or `...*chain_hash`.
    public let type: String
    /// The name as the specification writes it.
    public let name: String

    /// A line of a table.
    public init(type: String, name: String) {
        self.type = type
        self.name = name
    }

    public var description: String { "[`\(type)`:`\(name)`]" }
}

/// The table of one TLV stream.
public struct StreamLayout: Hashable, Sendable {
    /// One record of the stream.
    public struct Record: Hashable, Sendable {
        public let type: UInt64
        public let name: String
        public let fields: [FieldLayout]
    }

    public let name: String
    public let records: [Record]
}

/// Lists the fields of a message instead of reading or writing them: the codecs' own account of the wire format.
public struct LayoutLister: FieldCoder {
    /// The fields in order.
    public private(set) var fields: [FieldLayout] = []
    /// The stream that ends the message.
    public private(set) var tlvs: StreamLayout?

    /// Starts with no fields.
    public init() {}

    private mutating func add(_ type: String, _ name: StaticString) {
        fields.append(FieldLayout(type: type, name: "\(name)"))
    }

    public mutating func field<V: WireValue>(
        _ name: StaticString, _ value: inout V
    ) throws(WireError) {
        add("\(V.wireName)", name)
    }

    public mutating func signed(_ name: StaticString, _ value: inout Satoshi) throws(WireError) {
        add("s64", name)
    }

    public mutating func truncated<V: FixedWidthInteger & UnsignedInteger & Sendable>(
        _ name: StaticString, _ value: inout V
    ) throws(WireError) {
        add("tu\(V.bitWidth)", name)
    }

    public mutating func bigSize(_ name: StaticString, _ value: inout UInt64) throws(WireError) {
        add("bigsize", name)
    }

    public mutating func bytes(
        _ name: StaticString, count: Int, _ value: inout [UInt8]
    ) throws(WireError) {
        add("\(count)*byte", name)
    }

    public mutating func bytes(
        _ name: StaticString, length: StaticString, _ value: inout [UInt8]
    ) throws(WireError) {
        add("u16", length)
        add("\(length)*byte", name)
    }

    public mutating func remainingBytes(
        _ name: StaticString, _ value: inout [UInt8]
    ) throws(WireError) {
        add("...*byte", name)
    }

    public mutating func list<V: WireValue>(
        _ name: StaticString, count: StaticString, _ values: inout [V]
    ) throws(WireError) {
        add("u16", count)
        add("\(count)*\(V.wireName)", name)
    }

    public mutating func list<V: WireValue>(
        _ name: StaticString, count: Int, _ values: inout [V]
    ) throws(WireError) {
        add("\(count)*\(V.wireName)", name)
    }

    public mutating func remainingList<V: WireValue>(
        _ name: StaticString, _ values: inout [V]
    ) throws(WireError) {
        add("...*\(V.wireName)", name)
    }

    public mutating func stream<T: TLVStream>(_ value: inout T) throws(WireError) {
        tlvs = StreamLayout(of: T.self)
    }
}

extension StreamLayout {
    /// The records that `stream` lists.
    public init<T: TLVStream>(of stream: T.Type) {
        var lister = TLVLayoutLister()
        var value = T()
        do {
            try value.code(&lister)
        } catch {
            preconditionFailure("listing a layout cannot fail: \(error)")
        }
        self.init(name: "\(T.name)", records: lister.records)
    }
}

private struct TLVLayoutLister: TLVCoder {
    var records: [StreamLayout.Record] = []

    mutating func record<V>(
        _ type: UInt64, _ name: StaticString, _ value: inout V?, blank: V,
        _ body: (inout LayoutLister, inout V) throws(WireError) -> Void
    ) throws(WireError) {
        var lister = LayoutLister()
        var value = blank
        try body(&lister, &value)
        records.append(.init(type: type, name: "\(name)", fields: lister.fields))
    }
}
