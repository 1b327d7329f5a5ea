/// What users are told of invoices that cannot be read (BOLT 11).
extension InvoiceError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .bech32(let error): "\(error)"
        case .wrongChecksum: "the checksum is that of bech32m, not of bech32"
        case .unknownPrefix(let prefix): "`\(prefix)` is the prefix of no network's invoices"
        case .invalidAmount(let amount, let position):
            "the amount `\(amount)` is malformed at position \(position)"
        case .amountOutOfRange(let amount):
            "the amount `\(amount)` begins with 0, or is more than all bitcoin"
        case .amountTooPrecise(let amount): "the amount `\(amount)` is no whole millisatoshi"
        case .tooShort(let count, let minimum):
            "\(count) characters of data, at least \(minimum) are needed"
        case .truncatedField(let tag, let position, let length, let available):
            "field `\(tag)` at position \(position) has \(length) characters, \(available) are left"
        case .malformedField(let tag, let position, let expected):
            "field `\(tag)` at position \(position) is malformed: it has to be \(expected)"
        case .missingField(let tag, let name): "field `\(tag)` (\(name)) is missing"
        case .twoDescriptions: "there is a description and the hash of one"
        case .features(let problem): "\(problem)"
        case .invalidSignature: "the signature does not hold"
        case .highS: "the signature is not in its lower form"
        }
    }
}
