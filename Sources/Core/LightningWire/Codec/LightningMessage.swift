import Bitcoin

/// A message between two nodes (BOLT 1).
public protocol LightningMessage: Hashable, Sendable {
    /// The number that stands before the payload.
    static var type: UInt16 { get }

    /// How many bytes a message mostly takes, so that writing one takes memory once.
    static var usualSize: Int { get }

    /// The specification's name, such as `open_channel`.
    static var name: StaticString { get }

    /// A message to start decoding from, all of whose fields decoding replaces. To build one, use the initializer with
    /// all fields.
    init()

    /// Lists the fields in order, once for reading, writing and comparing with the specification.
    mutating func code<C: FieldCoder>(_ coder: inout C) throws(WireError)
}

extension LightningMessage {
    /// Enough for all but onions, lists and texts.
    public static var usualSize: Int { 256 }

    /// Decodes the payload behind the type, whose first byte is at `start`.
    public init(payload bytes: [UInt8], from start: Int = 0) throws(WireError) {
        var decoder = WireDecoder(bytes, from: start, context: Self.name)
        self.init()
        try code(&decoder)
    }

    /// The type and the payload: what the transport encrypts.
    public var encoded: [UInt8] {
        var encoder = WireEncoder(capacity: Self.usualSize)
        var (type, copy) = (Self.type, self)
        do {
            try encoder.field("type", &type)
            try copy.code(&encoder)
        } catch {
            preconditionFailure("writing a message cannot fail: \(error)")
        }
        return encoder.bytes
    }

    /// The fields and records as this code reads and writes them.
    public static var layout: (fields: [FieldLayout], tlvs: StreamLayout?) {
        var lister = LayoutLister()
        var blank = Self()
        do {
            try blank.code(&lister)
        } catch {
            preconditionFailure("listing a layout cannot fail: \(error)")
        }
        return (lister.fields, lister.tlvs)
    }
}
