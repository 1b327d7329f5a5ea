import Bitcoin
import JSON
import NodeRuntime
import NodeServer

/// The commands about the node itself.
enum NodeCommands {
    static let all = [getInfo, stop, debugLevel, bakeMacaroon] + MessageCommands.all

    private static let getInfo = Command(
        name: "getinfo", group: .node, summary: "tell who the node is and how far it has come",
        flags: [.json],
        examples: [Example("salama getinfo", "prints identity, chain tip and sync state")],
        run: { arguments in
            let answer = try NodeClient(arguments).get("/v1/getinfo")
            show(answer, arguments, nodeFacts)
        })

    private static func nodeFacts(_ info: JSONValue) -> String {
        let counts = [
            ("usable", info.number("num_active_channels")),
            ("offline", info.number("num_inactive_channels")),
            ("pending", info.number("num_pending_channels")),
        ].filter { $0.1 > 0 }.map { "\(grouped($0.1)) \($0.0)" }
        var rows = [
            ("node", info.text("identity_pubkey")), ("alias", printable(info.text("alias"))),
            ("version", info.text("version")),
            ("network", info.list("chains").first?.text("network") ?? ""),
            ("block", "\(grouped(info.number("block_height")))  \(info.text("block_hash"))"),
            ("synced", synced(info)),
            ("peers", grouped(info.number("num_peers"))),
            ("channels", counts.isEmpty ? "none" : counts.joined(separator: ", ")),
        ]
        for (index, address) in info.list("uris").enumerated() {
            rows.append((index == 0 ? "reached at" : "", address.string ?? ""))
        }
        return facts(rows)
    }

    private static func synced(_ info: JSONValue) -> String {
        let trouble = info.text("chain_backend_error")
        if !trouble.isEmpty { return "no: \(trouble)" }
        return info.flag("synced_to_chain") ? "yes" : "not yet"
    }

    private static let stop = Command(
        name: "stop", group: .node, summary: "stop the node",
        flags: [.json],
        examples: [Example("salama stop", "ends the node once its work at hand is on disk")],
        run: { arguments in
            let answer = try NodeClient(arguments).post("/v1/stop")
            show(answer, arguments) { _ in "The node is stopping.\n" }
        })

    private static let debugLevel = Command(
        name: "debuglevel", group: .node, summary: "change how much the node logs",
        positionals: [
            Positional(
                name: "LEVELS", help: "as debug, or wallet=debug,chain=trace", isOptional: true)
        ],
        flags: [
            .value("level", "LEVELS", "the same"),
            .toggle("show", "list the parts of the node that have a level"), .json,
        ],
        examples: [
            Example("salama debuglevel peer=trace", "logs each message of peers"),
            Example("salama debuglevel --show", "lists the parts and their levels"),
        ],
        run: { arguments in
            var words = Words(arguments)
            let levels = words.take("level")
            let isShown = arguments.isSet("show")
            guard isShown != (levels != nil) else {
                throw UsageError("give either the levels or --show")
            }
            let body: JSONValue = ["show": .bool(isShown), "level_spec": .string(levels ?? "")]
            let answer = try NodeClient(arguments).post("/v1/debuglevel", body)
            show(answer, arguments) { $0.text("sub_systems") + "\n" }
        })

    private static let bakeMacaroon = Command(
        name: "bakemacaroon", group: .node, summary: "make a macaroon with fewer permissions",
        discussion: """
            A permission is ENTITY:ACTION, such as info:read, onchain:write or address:write. Without --save_to the
            macaroon is printed in hexadecimal digits.
            """,
        positionals: [Positional(name: "PERMISSION", help: "what it allows", isRest: true)],
        flags: [
            .value("save_to", "FILE", "write it to a file instead"),
            .value("root_key_id", "NUMBER", "the root key that it stands on (default: 0)"),
            .value("timeout", "SECONDS", "how long it is good for"),
            .value("ip_address", "ADDRESS", "the only address that may use it"),
            .value("ip_range", "ADDRESS/BITS", "the only addresses that may use it"),
            .value(
                "custom_caveat_name", "NAME",
                "a condition that a program in front of the node checks; the node takes none"),
            .value("custom_caveat_condition", "TEXT", "what that program reads of it"),
            .value("root_key", "HEX", "make it of that root key, without asking the node"),
            .toggle("allow_external_permissions", "let entities pass that the node does not know"),
            .json,
        ],
        examples: [
            Example(
                "salama bakemacaroon info:read onchain:read --save_to watch.macaroon",
                "makes a macaroon that can look but not spend")
        ],
        run: runBakeMacaroon)

    private static func runBakeMacaroon(_ arguments: Arguments) throws {
        let permissions = try arguments.positionals.map { word throws(UsageError) -> Permission in
            let parts = word.split(separator: ":", omittingEmptySubsequences: false).map(
                String.init)
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw UsageError("a permission is ENTITY:ACTION, not `\(word)`")
            }
            return Permission(parts[0], parts[1])
        }
        let caveats = try caveats(arguments)
        var macaroon = try baked(permissions, arguments)
        // Whoever holds a macaroon can narrow it: the node need not be asked.
        for caveat in caveats { macaroon.add(caveat: caveat) }
        let bytes = macaroon.encoded()
        guard let path = arguments.value("save_to") else {
            let answer: JSONValue = ["macaroon": .string(Hex.encode(bytes))]
            return show(answer, arguments) { $0.text("macaroon") + "\n" }
        }
        if case .failure(let error) = SmallFile.write(bytes, to: path) {
            throw CommandFailure("cannot write \(path): \(error.reason)")
        }
        put("The macaroon is in \(path).\n")
    }

    /// The macaroon before it is narrowed: of the node, or of the root key that is given.
    private static func baked(
        _ permissions: [Permission], _ arguments: Arguments
    ) throws -> Macaroon {
        let number = try arguments.integer("root_key_id", in: 0...UInt64.max) ?? 0
        if let text = arguments.value("root_key") {
            guard let key = try? Hex.decode(text), key.count == 32 else {
                throw UsageError("--root_key has 64 hexadecimal digits")
            }
            guard !permissions.isEmpty else {
                throw UsageError("a macaroon without permissions is of no use: give ENTITY:ACTION")
            }
            return MacaroonService.bake(permissions, rootKeyID: number, rootKey: key)
        }
        var body: JSONObject = [
            "permissions": .array(
                permissions.map { ["entity": .string($0.entity), "action": .string($0.action)] }),
            "root_key_id": .string("\(number)"),
        ]
        if arguments.isSet("allow_external_permissions") {
            body["allow_external_permissions"] = true
        }
        let answer = try NodeClient(arguments).post("/v1/macaroon", .object(body))
        guard let macaroon = try? Macaroon(decoding: Hex.decode(answer.text("macaroon"))) else {
            throw CommandFailure("the node answered with no macaroon")
        }
        return macaroon
    }

    private static func caveats(_ arguments: Arguments) throws(UsageError) -> [String] {
        var caveats: [String] = []
        if let seconds = try arguments.integer("timeout", in: 1...UInt64(1 << 32)) {
            caveats.append(MacaroonCaveat.timeBefore(WallClock.now.seconds + seconds))
        }
        if let address = arguments.value("ip_address") {
            guard let caveat = MacaroonCaveat.address(address) else {
                throw UsageError("--ip_address must be an IP address, not `\(address)`")
            }
            caveats.append(caveat)
        }
        if let range = arguments.value("ip_range") {
            guard let caveat = MacaroonCaveat.range(range) else {
                throw UsageError("--ip_range must be as in 10.0.0.0/8, not `\(range)`")
            }
            caveats.append(caveat)
        }
        let condition = arguments.value("custom_caveat_condition")
        if let name = arguments.value("custom_caveat_name") {
            guard let caveat = MacaroonCaveat.custom(name, condition ?? "") else {
                throw UsageError("--custom_caveat_name has letters, digits, - and _, not `\(name)`")
            }
            caveats.append(caveat)
        } else if condition != nil {
            throw UsageError("--custom_caveat_condition goes with --custom_caveat_name")
        }
        return caveats
    }
}
