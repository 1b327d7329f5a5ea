import JSON

/// A named part of a method's call.
struct RPCParameter: Sendable {
    /// The name, then others for the same.
    let names: [String]
    let isOptional: Bool
}

/// One method: its name, what it takes, and what it does.
struct RPCMethod: Sendable {
    let name: String
    let category: Category
    let parameters: [RPCParameter]
    let summary: String
    let run: @Sendable (ChainService, RPCArguments) throws(RPCError) -> JSONValue

    /// The headings of `help`.
    enum Category: String, CaseIterable, Sendable {
        case blockchain = "Blockchain"
        case control = "Control"
        case mining = "Mining"
        case network = "Network"
        case rawTransactions = "Rawtransactions"
        case utility = "Util"
        case wallet = "Wallet"
        case notifications = "Zmq"
    }

    /// A method whose parameters are the words of `usage` behind its name; `?` ends those that may be missing, `|` stands
    /// between two names for one.
    init(
        _ category: Category, _ usage: String, _ summary: String,
        run: @escaping @Sendable (ChainService, RPCArguments) throws(RPCError) -> JSONValue
    ) {
        let words = usage.split(separator: " ")
        name = String(words[0])
        parameters = words.dropFirst().map { word in
            RPCParameter(
                names: word.filter { $0 != "?" }.split(separator: "|").map(String.init),
                isOptional: word.hasSuffix("?"))
        }
        self.category = category
        self.summary = summary
        self.run = run
    }

    /// The name and the parameters, optional ones in parentheses.
    var usage: String {
        var words = [name]
        for parameter in parameters {
            words.append(parameter.isOptional ? "( \(parameter.names[0]) )" : parameter.names[0])
        }
        return words.joined(separator: " ")
    }

    /// The usage and what the method does.
    var help: String { "\(usage)\n\n\(summary)\n" }
}
