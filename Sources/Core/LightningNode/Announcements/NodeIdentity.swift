import LightningWire

/// How a node presents itself to the network in `node_announcement` (BOLT 7).
public struct NodeIdentity: Hashable, Sendable {
    /// A name that anybody may choose: at most 32 bytes of UTF-8, cut where it is longer.
    public var alias: String
    /// Red, green and blue.
    public var color: Color
    /// Where the node listens; none for a node that is not to be connected to.
    public var addresses: [AddressDescriptor]

    /// A colour for maps of the network.
    public struct Color: Hashable, Sendable {
        public var red: UInt8
        public var green: UInt8
        public var blue: UInt8

        /// The colour of these parts.
        public init(red: UInt8, green: UInt8, blue: UInt8) {
            self.red = red
            self.green = green
            self.blue = blue
        }

        /// Parses `#3399ff`; nil for anything else.
        public init?(_ text: String) {
            let digits = text.dropFirst()
            guard text.hasPrefix("#"), digits.utf8.count == 6, let value = UInt32(digits, radix: 16)
            else { return nil }
            self.init(
                red: UInt8(value >> 16), green: UInt8(value >> 8 & 0xff), blue: UInt8(value & 0xff))
        }
    }

    /// A node of that name; without one it is called by the first digits of its key.
    public init(
        alias: String = "", color: Color = Color(red: 0x33, green: 0x99, blue: 0xff),
        addresses: [AddressDescriptor] = []
    ) {
        self.alias = alias
        self.color = color
        self.addresses = addresses
    }

    /// BOLT 7: "MUST set `alias` to a valid UTF-8 string, with any `alias` trailing-bytes equal to 0."
    func aliasBytes(of node: NodeID) -> [UInt8] {
        var text = alias.isEmpty ? String("\(node)".prefix(20)) : alias
        while text.utf8.count > 32 { text.removeLast() }
        let bytes = Array(text.utf8)
        return bytes + [UInt8](repeating: 0, count: 32 - bytes.count)
    }
}
