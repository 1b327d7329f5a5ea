import Bitcoin
import JSON

/// The commands about backups of channels.
enum BackupCommands {
    static let all = [export, verify, restore]

    private static let limit = 16 << 20
    private static let sources: [Flag] = [
        .value("multi_file", "FILE", "a file with backups, as the node keeps one"),
        .value("single_file", "FILE", "a file with the backup of one channel"),
        .value("multi_backup", "HEX", "backups as `exportchanbackup --all` prints them"),
        .value("single_backup", "HEX", "the backup of one channel"), .json,
    ]

    private static let export = Command(
        name: "exportchanbackup", group: .channels,
        summary: "print or write backups of channels",
        discussion: """
            With the seed's words, a backup lets another node ask the peers to close the channels and take what they pay \
            out. It never grows old, but knows only the channels that there were; the node keeps a fresh one in \
            channel.backup beside its database.
            """,
        positionals: ChannelOutpoint.positionals,
        flags: ChannelOutpoint.flags + [
            .toggle("all", "one backup of all channels"),
            .value("output_file", "FILE", "write it there, in bytes, instead of printing it"),
            .json,
        ],
        examples: [
            Example(
                "salama exportchanbackup --all --output_file /media/usb/channel.backup",
                "writes the backup of all channels")
        ],
        run: { arguments in
            let client = try NodeClient(arguments)
            let (answer, backup): (JSONValue, String)
            if arguments.isSet("all") {
                try requireNone(arguments)
                answer = try client.get("/v1/channels/backup")
                backup = answer["multi_chan_backup"]?.text("multi_chan_backup") ?? ""
            } else {
                var words = Words(arguments)
                let point = try ChannelOutpoint.named(by: &words) { client }
                try words.requireEnd()
                answer = try client.get("/v1/channels/backup/\(point.path)")
                backup = answer.text("chan_backup")
            }
            let bytes = Base64.decode(backup) ?? []
            guard let file = arguments.value("output_file") else {
                return show(answer, arguments) { _ in Hex.encode(bytes) + "\n" }
            }
            let path = Configuration.expanded(file)
            if case .failure(let error) = SmallFile.write(bytes, to: path) {
                throw CommandFailure("cannot write \(path): \(error.reason)")
            }
            show(answer, arguments) { _ in "\(bytes.count) bytes are in \(path)\n" }
        })

    private static func requireNone(_ arguments: Arguments) throws(UsageError) {
        let named = ["funding_txid", "output_index", "chan_point"].contains {
            arguments.value($0) != nil
        }
        try Words(arguments).requireEnd()
        if named { throw UsageError("--all takes all channels: leave the channel out") }
    }

    private static let verify = Command(
        name: "verifychanbackup", group: .channels,
        summary: "check that this node's seed can read a backup", flags: sources,
        examples: [
            Example(
                "salama verifychanbackup --multi_file channel.backup", "lists its channels")
        ],
        run: { arguments in
            let (key, value) = try source(arguments)
            let body: JSONValue =
                key == "multi"
                ? ["multi_chan_backup": ["multi_chan_backup": value]]
                : ["single_chan_backups": ["chan_backups": [["chan_backup": value]]]]
            let answer = try NodeClient(arguments).post("/v1/channels/backup/verify", body)
            show(answer, arguments) { answer in
                let channels = answer.list("chan_points").compactMap(\.string)
                return channels.isEmpty
                    ? "it is whole, and holds no channel\n"
                    : "it is whole, and holds\n"
                        + channels.map { "  \($0)\n" }.joined()
            }
        })

    private static let restore = Command(
        name: "restorechanbackup", group: .channels,
        summary: "have the peers of a backup's channels close them",
        discussion: """
            For a node whose database is lost: make it anew from the words of its seed (`salama create`), and before it \
            opens any channel restore the backup. Each peer is then asked to close its channel, and what that pays this node \
            is taken into the wallet. The channels are not usable again, and HTLCs that were on their way may be lost. Never \
            do it while a node with the database still runs.
            """,
        flags: sources + [.toggle("force", "do not ask", aliases: ["f"])],
        examples: [
            Example(
                "salama restorechanbackup --multi_file /media/usb/channel.backup",
                "asks the peers to close")
        ],
        run: { arguments in
            let (key, value) = try source(arguments)
            let body: JSONValue =
                key == "multi"
                ? ["multi_chan_backup": value]
                : ["chan_backups": ["chan_backups": [["chan_backup": value]]]]
            let client = try NodeClient(arguments)
            let question =
                "The channels of the backup that this node does not know will be closed. Go on?"
            guard arguments.isSet("force") || arguments.isSet("json") || Prompt.confirms(question)
            else { throw CommandFailure("no channel was restored") }
            let answer = try client.post("/v1/channels/backup/restore", body)
            show(answer, arguments) { answer in
                let count = answer.number("num_restored")
                return count == 0
                    ? "nothing to restore: the node has all of its channels\n"
                    : "\(count) \(count == 1 ? "channel" : "channels") restored:"
                        + " `salama pendingchannels` tells when they are closed\n"
            }
        })

    /// Whether the arguments have one backup or one of all, and its bytes as the interface takes them.
    private static func source(_ arguments: Arguments) throws -> (kind: String, value: JSONValue) {
        let given = ["multi_file", "single_file", "multi_backup", "single_backup"].filter {
            arguments.value($0) != nil
        }
        guard given.count == 1, let name = given.first, let text = arguments.value(name) else {
            throw UsageError(
                "give the backup with one of --multi_file, --single_file, --multi_backup and"
                    + " --single_backup")
        }
        try Words(arguments).requireEnd()
        let kind = name.hasPrefix("multi") ? "multi" : "single"
        guard !name.hasSuffix("file") else { return (kind, try contents(ofFile: text)) }
        guard let bytes = try? Hex.decode(text) else {
            throw UsageError("--\(name) is in hex, as `salama exportchanbackup` prints it")
        }
        return (kind, .string(Base64.encode(bytes)))
    }

    /// What is in a file with a backup, as the interface takes it.
    static func contents(ofFile path: String) throws(CommandFailure) -> JSONValue {
        switch SmallFile.read(Configuration.expanded(path), limit: limit) {
        case .success(let bytes): return .string(Base64.encode(bytes))
        case .failure(let error): throw CommandFailure("cannot read \(path): \(error.reason)")
        }
    }
}
