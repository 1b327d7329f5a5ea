import Bitcoin
import JSON

/// A result of a call, read field by field; what is not as the protocol has it throws
/// ``ChainError/invalidAnswer(method:detail:)``.
struct BitcoindAnswer {
    let value: JSONValue
    let method: String

    init(_ value: JSONValue, to method: String) {
        self.value = value
        self.method = method
    }

    /// The error that says what is wrong with this answer.
    func invalid(_ detail: String) -> ChainError { .invalidAnswer(method: method, detail: detail) }

    /// Whether the object has that field with a value.
    func has(_ field: String) -> Bool { value[field].map { !$0.isNull } ?? false }

    /// The value of that field.
    func field(_ name: String) throws(ChainError) -> BitcoindAnswer {
        guard let field = value[name] else { throw invalid("`\(name)` is missing") }
        return BitcoindAnswer(field, to: method)
    }

    /// The elements of the list that the answer is.
    func elements() throws(ChainError) -> [BitcoindAnswer] {
        guard let array = value.array else { throw invalid("no list") }
        return array.map { BitcoindAnswer($0, to: method) }
    }

    func string(_ field: String) throws(ChainError) -> String {
        guard let text = value[field]?.string else { throw invalid("`\(field)` is no text") }
        return text
    }

    func bool(_ field: String) throws(ChainError) -> Bool {
        guard let truth = value[field]?.bool else { throw invalid("`\(field)` is no truth value") }
        return truth
    }

    func integer<Integer: FixedWidthInteger>(
        _ field: String, as type: Integer.Type = Integer.self
    ) throws(ChainError) -> Integer {
        guard let number = value[field]?.integer(Integer.self) else {
            throw invalid("`\(field)` is no whole number in range")
        }
        return number
    }

    /// A height, which bitcoind counts in signed numbers of 32 bits.
    func height(_ field: String) throws(ChainError) -> BlockHeight {
        guard let height = UInt32(exactly: try integer(field, as: Int32.self)) else {
            throw invalid("`\(field)` is below zero")
        }
        return BlockHeight(height)
    }

    /// A 32-bit number of eight hexadecimal digits, the most significant first.
    func hexadecimal(_ field: String) throws(ChainError) -> UInt32 {
        guard let text = value[field]?.string, text.utf8.count == 8,
            let number = UInt32(text, radix: 16)
        else { throw invalid("`\(field)` is not eight hexadecimal digits") }
        return number
    }

    func identifier<Identifier: HashIdentifier>(
        _ field: String
    ) throws(ChainError) -> Identifier {
        try self.field(field).identifier()
    }

    /// The identifier that the answer itself is.
    func identifier<Identifier: HashIdentifier>() throws(ChainError) -> Identifier {
        guard let text = value.string, let identifier = Identifier(text) else {
            throw invalid("no identifier of 64 hexadecimal digits")
        }
        return identifier
    }

    /// An amount in bitcoin, read from its text with no rounding.
    func amount(_ field: String) throws(ChainError) -> Satoshi {
        guard let text = value[field]?.number, let amount = try? Satoshi(bitcoinText: text) else {
            throw invalid("`\(field)` is no amount in bitcoin")
        }
        return amount
    }

    /// A fee rate in bitcoin per 1,000 virtual bytes, rounded up to whole sat/kw.
    func feerate(_ field: String) throws(ChainError) -> FeeratePerKw {
        let amount = try amount(field)
        guard let rate = UInt64(exactly: amount.value),
            let feerate = FeeratePerKw(satoshiPerKilovirtualByte: rate)
        else { throw invalid("`\(field)` is no fee rate") }
        return feerate
    }

    /// A script of hexadecimal digits.
    func script(_ field: String) throws(ChainError) -> Script {
        guard let text = value[field]?.string, let script = try? Script(hex: text) else {
            throw invalid("`\(field)` is no script")
        }
        return script
    }

    /// The transaction whose hexadecimal digits the answer itself is.
    func transaction() throws(ChainError) -> Transaction {
        guard let text = value.string, let transaction = try? Transaction(hex: text) else {
            throw invalid("no transaction of hexadecimal digits")
        }
        return transaction
    }
}
