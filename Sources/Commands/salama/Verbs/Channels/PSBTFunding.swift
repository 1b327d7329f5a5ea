import Bitcoin
import Glibc
import JSON
import NodeRuntime
import NodeStorage

/// A channel's funding with a transaction of another wallet: the node says what to pay, a person brings the transaction.
struct PSBTFunding {
    private let client: NodeClient
    private let pendingID = JSONValue.string(Base64.encode(SystemEntropy.bytes(32)))
    private let basePSBT: String?
    private let isPublished: Bool

    init(_ client: NodeClient, _ arguments: Arguments) throws(UsageError) {
        self.client = client
        basePSBT = arguments.value("base_psbt")
        isPublished = !arguments.isSet("no_publish")
        guard arguments.all("utxo").isEmpty, !arguments.isSet("fundmax") else {
            throw UsageError("--psbt brings its own coins: leave --utxo and --fundmax out")
        }
    }

    /// Opens the channel of `body`. A failure before the transaction is signed costs nothing, and the node is told of it.
    func run(_ body: JSONObject, _ opening: OpeningProgress) throws {
        var shim: JSONObject = ["pending_chan_id": pendingID, "no_publish": .bool(!isPublished)]
        if let basePSBT { shim["base_psbt"] = .string(basePSBT) }
        var body = body
        body["funding_shim"] = ["psbt_shim": .object(shim)]
        do {
            try opening.run(body, onFunding: fund)
        } catch {
            _ = try? client.post(
                "/v1/funding/step", ["shim_cancel": ["pending_chan_id": pendingID]])
            throw error
        }
    }

    private func fund(_ funding: JSONValue) throws {
        complain(
            """
            Make a transaction that pays exactly \(satoshis(funding.number("funding_amount"))) to
              \(funding.text("funding_address"))
            and do not publish it: the node does, once the peer has signed. The PSBT to start from:

            \(funding.text("psbt"))


            """)
        let funded = try ask("The funded PSBT, unsigned (base64, or a file with it): ")
        _ = try client.post(
            "/v1/funding/step",
            [
                "psbt_verify": [
                    "funded_psbt": .string(funded), "pending_chan_id": pendingID,
                ]
            ])
        complain("The peer has agreed. Now it is safe to sign.\n")
        let signed = try ask("The signed PSBT (base64, or a file with it): ")
        _ = try client.post(
            "/v1/funding/step",
            ["psbt_finalize": ["signed_psbt": .string(signed), "pending_chan_id": pendingID]])
    }

    private func ask(_ question: String) throws(CommandFailure) -> String {
        guard let line = Prompt.line(question), !line.isEmpty else {
            throw CommandFailure("no PSBT was given: the channel is not opened, nothing was spent")
        }
        guard Base64.decode(line) == nil else { return line }
        switch SmallFile.read(Configuration.expanded(line), limit: 1 << 20) {
        case .success(let bytes):
            let isBinary = bytes.starts(with: Array("psbt".utf8) + [0xff])
            let text = String(decoding: bytes, as: UTF8.self)
            return isBinary ? Base64.encode(bytes) : String(text.filter { !$0.isWhitespace })
        case .failure(let error): throw CommandFailure("cannot read \(line): \(error.reason)")
        }
    }
}
