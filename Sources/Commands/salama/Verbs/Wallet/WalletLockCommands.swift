import JSON

/// The commands for the time before the wallet is open.
enum WalletLockCommands {
    static let all = [create, unlock, changePassword, state]

    private static let passwordFile = Flag.value(
        "password-file", "FILE", "read the password from the first line of a file")

    private static let create = Command(
        name: "create", group: .wallet, summary: "make the node's wallet",
        discussion: """
            Without files it asks on the terminal. A new mnemonic is printed once, before the wallet is made of it:
            write it down on paper. Whoever has it has the money; without it the money is lost with the disk.
            """,
        flags: [
            passwordFile,
            .value(
                "mnemonic-file", "FILE", "restore the wallet of the 12 or 24 words in that file"),
            .value(
                "passphrase-file", "FILE",
                "the BIP 39 passphrase that goes with the words, if there is one"),
            .value(
                "recovery_window", "COUNT",
                "when restoring: how many addresses in a row may be unused (default: 250)"),
            .value(
                "multi_file", "FILE",
                "when restoring: a channel.backup, whose channels the peers are asked to close"),
            .toggle("stateless_init", "keep no macaroons in files; --save_to gets the admin's"),
            .value("save_to", "FILE", "with --stateless_init: where the admin macaroon goes"),
            .json,
        ],
        examples: [
            Example("salama create", "asks for a password and prints the mnemonic"),
            Example(
                "salama create --password-file pw.txt --mnemonic-file words.txt",
                "restores a wallet without a terminal"),
        ],
        run: runCreate)

    private static func runCreate(_ arguments: Arguments) throws {
        guard arguments.value("save_to") == nil || arguments.isSet("stateless_init") else {
            throw UsageError("--save_to goes with --stateless_init")
        }
        let client = try NodeClient(arguments, needsMacaroon: false)
        // The words of a new mnemonic are not to be shown for a node that has others already.
        guard try client.get("/v1/state").text("state") == "NON_EXISTING" else {
            throw CommandFailure("the node has a wallet already: `salama unlock` opens it")
        }
        let password: String
        if let file = arguments.value("password-file") {
            password = try SecretInput.password(inFile: file)
            try SecretInput.checkNewPassword(password)
        } else {
            try requireTerminal()
            password = try SecretInput.askNewPassword()
        }
        let window = try arguments.integer("recovery_window", in: 1...UInt32(100_000))
        var words: [String]?
        if let file = arguments.value("mnemonic-file") {
            words = try SecretInput.mnemonic(inFile: file)
        } else if arguments.value("password-file") == nil {
            put(
                "Do you have a mnemonic to restore from? Type it, or press Enter for a new wallet.\n"
            )
            let typed = try SecretInput.ask("Mnemonic: ").split(separator: " ").map(String.init)
            words = typed.isEmpty ? nil : typed
        }
        let isNew = words == nil
        let mnemonic = try words ?? newMnemonic(client)
        var body: JSONObject = [
            "wallet_password": .string(base64(password)),
            "cipher_seed_mnemonic": .array(mnemonic.map(JSONValue.string)),
        ]
        if let file = arguments.value("passphrase-file") {
            body["aezeed_passphrase"] = .string(base64(try SecretInput.password(inFile: file)))
        }
        if !isNew { body["recovery_window"] = .integer(window ?? 250) }
        if let file = arguments.value("multi_file") {
            let backup = try BackupCommands.contents(ofFile: file)
            body["channel_backups"] = ["multi_chan_backup": ["multi_chan_backup": backup]]
        }
        if arguments.isSet("stateless_init") { body["stateless_init"] = true }
        let showsSheet = isNew && !arguments.isSet("json")
        if showsSheet {
            // Before there is a wallet: whatever ends this program, no money can come to words that nobody has.
            put(sheet(mnemonic))
            try Console.requireWritten()
        }
        var answer = try initialised(client, body, saying: showsSheet ? Self.voidWords : "")
        if let path = arguments.value("save_to") {
            let bytes = Base64.decode(answer["admin_macaroon"]?.string ?? "") ?? []
            if case .failure(let error) = SmallFile.write(bytes, to: path) {
                throw CommandFailure("the wallet is made; cannot write \(path): \(error.reason)")
            }
        }
        if arguments.isSet("json") {
            if isNew { answer["cipher_seed_mnemonic"] = .array(mnemonic.map(JSONValue.string)) }
            put(JSONValue.object(answer).prettyPrinted() + "\n")
        } else if isNew {
            put("The wallet is made.\n")
        } else {
            put("The wallet is restored; the chain is searched for its coins.\n")
        }
    }

    /// What it means for words that were shown where the node refuses to make the wallet.
    private static let voidWords = "; no wallet was made: cross these words out"

    /// Has the node make the wallet; where it refuses, its reason is followed by `more`.
    private static func initialised(
        _ client: NodeClient, _ body: JSONObject, saying more: String
    ) throws(CommandFailure) -> JSONObject {
        do throws(CommandFailure) {
            return try client.post("/v1/initwallet", .object(body)).object ?? JSONObject()
        } catch {
            // Without the node's word nobody knows whether it has made the wallet: then the words may count.
            guard let code = error.code else { throw error }
            throw CommandFailure(error.message + more, status: error.status, code: code)
        }
    }

    private static func newMnemonic(_ client: NodeClient) throws -> [String] {
        try client.get("/v1/genseed").list("cipher_seed_mnemonic").compactMap(\.string)
    }

    /// The words in numbered columns, to copy onto paper.
    private static func sheet(_ words: [String]) -> String {
        var text = "Write these words down in their order, on paper:\n\n"
        for row in stride(from: 0, to: words.count, by: 4) {
            let cells = (row..<min(row + 4, words.count)).map { index -> String in
                let number = String(index + 1)
                let cell =
                    String(repeating: " ", count: 3 - number.count) + number + ". " + words[index]
                return cell + String(repeating: " ", count: max(0, 16 - cell.count))
            }
            text += cells.joined() + "\n"
        }
        return text + "\nWhoever has them has the money. They are not shown again.\n\n"
    }

    private static let unlock = Command(
        name: "unlock", group: .wallet, summary: "open the wallet of a node that has started",
        flags: [
            passwordFile, .toggle("stdin", "read the password from standard input"), .json,
        ],
        examples: [Example("salama unlock", "asks for the password")],
        run: { arguments in
            let client = try NodeClient(arguments, needsMacaroon: false)
            let password: String
            if let file = arguments.value("password-file") {
                password = try SecretInput.password(inFile: file)
            } else if arguments.isSet("stdin") {
                password = try SecretInput.password(inFile: "/dev/stdin")
            } else {
                try requireTerminal()
                password = try SecretInput.ask("Password of the wallet: ")
            }
            let answer = try client.post(
                "/v1/unlockwallet", ["wallet_password": .string(base64(password))])
            show(answer, arguments) { _ in "The wallet is open.\n" }
        })

    private static let changePassword = Command(
        name: "changepassword", group: .wallet,
        summary: "change the password of a locked wallet, and open it",
        flags: [
            .value("password-file", "FILE", "the present password"),
            .value("new-password-file", "FILE", "the new password"),
            .json,
        ],
        examples: [Example("salama changepassword", "asks for both passwords")],
        run: { arguments in
            let client = try NodeClient(arguments, needsMacaroon: false)
            let current: String
            let new: String
            if let file = arguments.value("password-file"),
                let newFile = arguments.value("new-password-file")
            {
                current = try SecretInput.password(inFile: file)
                new = try SecretInput.password(inFile: newFile)
                try SecretInput.checkNewPassword(new)
            } else {
                try requireTerminal()
                current = try SecretInput.ask("Present password: ")
                new = try SecretInput.askNewPassword()
            }
            let body: JSONValue = [
                "current_password": .string(base64(current)), "new_password": .string(base64(new)),
            ]
            let answer = try client.post("/v1/changepassword", body)
            show(answer, arguments) { _ in "The password is changed, and the wallet is open.\n" }
        })

    private static let state = Command(
        name: "state", group: .node, summary: "tell how far the node's start has come",
        flags: [.json],
        examples: [Example("salama state", "prints NON_EXISTING, LOCKED, ... or SERVER_ACTIVE")],
        run: { arguments in
            let answer = try NodeClient(arguments, needsMacaroon: false).get("/v1/state")
            show(answer, arguments) { $0.text("state") + "\n" }
        })

    private static func requireTerminal() throws(UsageError) {
        guard SecretInput.isTerminal else {
            throw UsageError("without a terminal, --password-file FILE must tell the password")
        }
    }

    private static func base64(_ text: String) -> String { Base64.encode(Array(text.utf8)) }
}
