import Bitcoin
import JSON
import LightningNode
import NodeRuntime
import Synchronization

/// Payments that are held, so that they take the places of others.
extension SoakAttacks {
    /// Mallory pays Trudy over the channel of two honest nodes, and Trudy neither takes nor gives back.
    func jam() throws -> SoakRecord.Event {
        let (mallory, trudy) = (network.attackers[0], network.attackers[1])
        let held = HeldHashes()
        let what = try Siege.run(16) { siege, _ in
            let hash = SystemEntropy.bytes(32)
            let request = try trudy.client.post(
                "/v2/invoices/hodl",
                ["hash": .string(Base64.encode(hash)), "value": "1000", "expiry": "3600"]
            ).text("payment_request")
            held.add(hash)
            var isUnderWay = false
            try mallory.client.stream(
                .post, "/v2/router/send",
                [
                    "payment_request": .string(request), "timeout_seconds": 60,
                    "fee_limit_sat": "1000",
                ]
            ) { event in
                // What has been sent stays so when nobody listens any more.
                let payment = event["result"] ?? event
                isUnderWay = !payment.list("htlcs").isEmpty && payment.text("status") == "IN_FLIGHT"
                return !isUnderWay && payment.text("status") == "IN_FLIGHT"
            }
            siege.count(isUnderWay ? "payments held" : "payments refused")
            if !isUnderWay { siege.rest(200) }
        } meanwhile: {
            try network.pass(seconds * 0.8)
        }
        for hash in held.all {
            _ = try? trudy.client.post(
                "/v2/invoices/cancel", ["payment_hash": .string(Base64.encode(hash))])
        }
        return .done(what)
    }
}

/// The payment hashes that are held.
private final class HeldHashes: Sendable {
    private let hashes = Mutex<[[UInt8]]>([])

    var all: [[UInt8]] { hashes.withLock { $0 } }

    func add(_ hash: [UInt8]) { hashes.withLock { $0.append(hash) } }
}
