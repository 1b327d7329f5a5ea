import JSON
import Synchronization
import Threads

/// A channel on its way, from the request to the funding transaction or until it can be used.
struct OpeningProgress {
    let client: NodeClient
    /// Whether to go on until the channel can be used.
    let waits: Bool
    let isJSON: Bool

    /// Opens, and answers to `onFunding` where the funding transaction comes from another wallet.
    func run(_ body: JSONObject, onFunding: (JSONValue) throws -> Void = { _ in }) throws {
        let progress = Progress("opening the channel with the peer", isSilent: isJSON)
        let watch = ConfirmationWatch(client, progress)
        defer {
            watch.end()
            progress.finish()
        }
        var facts = JSONObject()
        var isOpen = false
        try client.stream(.post, "/v1/channels/stream", .object(body)) { update in
            if let funding = update["psbt_fund"] {
                progress.finish()
                try onFunding(funding)
            } else if let pending = update["chan_pending"] {
                let id = transactionText(ofBase64: pending.text("txid"))
                let index = pending.number("output_index")
                facts["funding_txid"] = .string(id)
                facts["output_index"] = .integer(index)
                guard waits else { return false }
                progress.update("funding transaction \(id)")
                watch.begin("\(id):\(index)")
            } else if let open = update["chan_open"] {
                facts["channel_point"] = .string(channelPointText(open["channel_point"]))
                isOpen = true
                return false
            }
            return true
        }
        watch.end()
        progress.finish()
        guard let id = facts["funding_txid"]?.string ?? facts["channel_point"]?.string else {
            throw CommandFailure(
                "the node ended the opening without a word of a funding transaction; see its log, and"
                    + " `salama pendingchannels` for whether there is a channel")
        }
        if isJSON { return put(JSONValue.object(facts).prettyPrinted() + "\n") }
        if isOpen {
            return put("The channel \(facts["channel_point"]?.string ?? id) can be used.\n")
        }
        if waits {
            throw CommandFailure(
                "the node stopped telling of the channel; its funding transaction \(id) is out, and"
                    + " `salama pendingchannels` tells how far it is")
        }
        put(
            """
            The channel is being opened; its funding transaction is
              \(id)
            `salama pendingchannels` tells how far it is.

            """)
    }
}

/// Asks the node in the background how many confirmations a channel still needs, and shows it.
final class ConfirmationWatch: Sendable {
    private let client: NodeClient
    private let progress: Progress
    private let isOver = Mutex(false)
    private let thread = Mutex<SystemThread?>(nil)

    init(_ client: NodeClient, _ progress: Progress) {
        self.client = client
        self.progress = progress
    }

    /// Begins to ask about that channel.
    func begin(_ point: String) {
        let thread = SystemThread("confirmations") { [self] in
            var turns = 0
            while !isOver.withLock({ $0 }) {
                if turns % 10 == 0, let text = state(of: point) { progress.update(text) }
                turns += 1
                SystemThread.sleep(milliseconds: 100)
            }
        }
        self.thread.withLock { $0 = thread }
    }

    /// Asks no more. May be called again.
    func end() {
        isOver.withLock { $0 = true }
        thread.withLock { $0.take() }?.join()
    }

    private func state(of point: String) -> String? {
        guard let answer = try? client.get("/v1/channels/pending") else { return nil }
        let channel = answer.list("pending_open_channels").first {
            $0["channel"]?.text("channel_point") == point
        }
        guard let channel else { return nil }
        let missing = channel.number("confirmations_until_active")
        return channel.number("confirmation_height") > 0 && missing > 0
            ? "the funding transaction is mined; \(count(missing, "confirmation")) to go"
            : "waiting for the funding transaction \(point) to be mined"
    }
}

/// A number with its noun: `1 block`, `2 blocks`.
func count(_ number: some BinaryInteger, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
}
