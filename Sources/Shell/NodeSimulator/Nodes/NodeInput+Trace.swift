import Bitcoin
import LightningNode
import LightningWire

/// What of an input the trace's hash covers, and what its line says.
extension NodeInput {
    var traceBytes: [UInt8] {
        switch self {
        case .chain(_, let input): input.traceBytes
        case .transactionSeen(let transaction): [1] + transaction.id.hash.bytes
        case .transactionsEvicted(let ids): [2] + ids.flatMap { $0.hash.bytes }
        case .broadcastAnswered(let id, let outcome):
            [3] + id.hash.bytes + Array("\(outcome)".utf8)
        case .rebroadcastDue: [4]
        case .request(let id, let request):
            [5] + Array("\(id.value) \(request.traceText)".utf8)
        case .peerConnected(let peer): [6] + peer.compressed
        case .peerMessage(let peer, let bytes): [7] + peer.compressed + bytes
        case .peerDisconnected(let peer): [8] + peer.compressed
        case .feeEstimates(let estimates):
            [9]
                + estimates.byTarget.sorted { $0.key < $1.key }.flatMap {
                    Array("\($0.key):\($0.value.value) ".utf8)
                }
        case .loaded(_, let records): [10] + records.flatMap { $0.key + $0.value }
        case .routesFound(let id, let routes): [12] + Array("\(id.value) \(routes)".utf8)
        case .tick: [11]
        case .peerTerms(let update): [12] + update.encoded
        case .reachable(let addresses): [13] + AddressDescriptor.encode(addresses)
        }
    }

    var traceText: String {
        switch self {
        case .chain(_, let input): input.traceText
        case .transactionSeen(let transaction): "sees \(transaction.id) in the mempool"
        case .transactionsEvicted(let ids): "the mempool lost \(ids)"
        case .broadcastAnswered(let id, let outcome): "\(id) was \(outcome)"
        case .rebroadcastDue: "rebroadcast"
        case .request(_, let request): "is asked \(request.traceText)"
        case .peerConnected(let peer): "connected to \(String("\(peer)".prefix(8)))"
        case .peerMessage(let peer, let bytes):
            "from \(String("\(peer)".prefix(8))): \(Self.name(of: bytes))"
        case .peerDisconnected(let peer): "lost \(String("\(peer)".prefix(8)))"
        case .feeEstimates(let estimates): "fee estimates \(estimates.byTarget)"
        case .loaded(_, let records): "\(records.count) records"
        case .routesFound(let id, let routes): "routes \(id.value): \(routes)"
        case .tick: "tick"
        case .peerTerms(let update): "a peer's terms for \(update.shortChannelID)"
        case .reachable(let addresses): "reachable at \(addresses.count) addresses"
        }
    }

    private static func name(of bytes: [UInt8]) -> String {
        guard let message = try? Message(decoding: bytes) else { return "\(bytes.count) bytes" }
        return message.traceText
    }
}

extension Message {
    /// The message, short.
    var traceText: String { String("\(self)".prefix(160)) }
}

extension NodeRequest {
    /// The request, short.
    var traceText: String { String("\(self)".prefix(200)) }
}

extension ChainInput {
    fileprivate var traceBytes: [UInt8] {
        switch self {
        case .blocksConnected(let matches): [20] + matches.flatMap { $0.block.hash.hash.bytes }
        case .blockDisconnected(let hash): [21] + hash.hash.bytes
        case .blocksRescanned(let matches): [22] + matches.flatMap { $0.block.hash.hash.bytes }
        case .positionWanted: [23]
        case .caughtUp: [24]
        case .behind: [25]
        }
    }

    fileprivate var traceText: String {
        switch self {
        case .blocksConnected(let matches):
            "blocks \(matches.map { "\($0.block.height)" }.joined(separator: " "))"
        case .blockDisconnected(let hash): "block \(hash) is gone"
        case .blocksRescanned(let matches): "\(matches.count) blocks again"
        case .positionWanted: "where are you"
        case .caughtUp: "no more blocks"
        case .behind: "more blocks than that"
        }
    }
}
