import JSON

/// The commands that sign and check messages with a node's key.
enum MessageCommands {
    static let all = [signMessage, verifyMessage]

    private static let signMessage = Command(
        name: "signmessage", group: .node, summary: "sign a message with the node's key",
        positionals: [Positional(name: "MESSAGE", help: "what to sign", isOptional: true)],
        flags: [.value("msg", "MESSAGE", "what to sign"), .json],
        examples: [Example("salama signmessage \"it is me\"", "prints the signature")],
        run: { arguments in
            var words = Words(arguments)
            let text = try words.require("msg", "salama signmessage MESSAGE")
            try words.requireEnd()
            let body: JSONValue = ["msg": .string(Base64.encode(Array(text.utf8)))]
            let answer = try NodeClient(arguments).post("/v1/signmessage", body)
            show(answer, arguments) { $0.text("signature") + "\n" }
        })

    private static let verifyMessage = Command(
        name: "verifymessage", group: .node, summary: "check who has signed a message",
        discussion: """
            The signature is good where the signer is a node that the network knows. The exit status is 1 where it is not.
            """,
        positionals: [
            Positional(name: "MESSAGE", help: "what was signed", isOptional: true),
            Positional(name: "SIGNATURE", help: "the signature", isOptional: true),
        ],
        flags: [
            .value("msg", "MESSAGE", "what was signed"),
            .value("sig", "SIGNATURE", "the signature"), .json,
        ],
        examples: [Example("salama verifymessage \"it is me\" SIGNATURE", "prints who has signed")],
        run: { arguments in
            var words = Words(arguments)
            let text = try words.require("msg", "salama verifymessage MESSAGE SIGNATURE")
            let signature = try words.require("sig", "salama verifymessage MESSAGE SIGNATURE")
            try words.requireEnd()
            let body: JSONValue = [
                "msg": .string(Base64.encode(Array(text.utf8))), "signature": .string(signature),
            ]
            let answer = try NodeClient(arguments).post("/v1/verifymessage", body)
            if arguments.isSet("json") { return put(answer.prettyPrinted() + "\n") }
            let key = answer.text("pubkey")
            guard answer.flag("valid") else {
                throw CommandFailure(
                    key.isEmpty
                        ? "nobody has signed this message so"
                        : "signed by \(key), which is no node that the network knows")
            }
            put("signed by \(key)\n")
        })
}
