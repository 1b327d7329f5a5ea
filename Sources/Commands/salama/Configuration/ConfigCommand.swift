import JSON

/// `salama config`.
enum ConfigCommand {
    static let command = Command(
        name: "config", group: .tools,
        summary: "print the options in force and where each came from",
        discussion: discussion, flags: [.json],
        examples: [
            Example(
                "salama config --network regtest",
                "prints what a node started with that flag would run with")
        ],
        run: run)

    private static var discussion: String {
        var text = """
            An option is set by a flag (--alias NAME), else by the environment (SALAMA_ALIAS=NAME), else by a
            line of the file salama.conf in the datadir (alias=NAME), else it has its default. Options:

            """
        for section in ConfigurationOption.Section.allCases {
            let options = ConfigurationOption.all.filter { $0.section == section }
            text +=
                "\n\(section.rawValue)\n" + columns(options.map { ($0.flag.shown, $0.flag.help) })
        }
        return String(text.dropLast())
    }

    private static func run(_ arguments: Arguments) throws {
        let configuration = try Configuration(flags: arguments.configuration)
        let rows = ConfigurationOption.all.flatMap { option -> [ConfigurationRow] in
            guard let entry = configuration.entries[option.name] else {
                return [ConfigurationRow(option: option.name, value: nil, source: "not set")]
            }
            return entry.values.map { value in
                ConfigurationRow(
                    option: option.name, value: option.isSecret ? "(hidden)" : value,
                    source: entry.source.text)
            }
        }
        if arguments.isSet("json") {
            put(JSONValue.array(rows.map(\.json)).prettyPrinted() + "\n")
        } else {
            var table = Table([.left("option"), .left("value"), .left("from")])
            for row in rows { table.add([row.option, row.value ?? "-", row.source]) }
            put(table.text)
        }
    }
}

private struct ConfigurationRow {
    let option: String
    let value: String?
    let source: String

    var json: JSONValue {
        [
            "option": .string(option), "value": value.map(JSONValue.string) ?? .null,
            "source": .string(source),
        ]
    }
}
