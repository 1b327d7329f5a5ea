import LightningPayment
import LightningWire
import NodeAPI
import NodeRuntime
import NodeServer

/// What was forwarded.
extension APIService {
    func forwardingHistory(
        _ request: ForwardingHistoryRequest, _ reply: Reply<ForwardingHistoryResponse>
    ) {
        work(reply) { [self] in
            let forwards = try forwards(request)
            let names = request.peerAliasLookup ? peerNames(of: forwards) : [:]
            var response = ForwardingHistoryResponse()
            response.forwardingEvents = forwards.map { ForwardingEventMessage($0, names) }
            // The offset with which the next page begins.
            response.lastOffsetIndex = UInt32(
                clamping: Int(request.indexOffset) + forwards.count)
            return response
        }
    }

    private func forwards(_ request: ForwardingHistoryRequest) throws -> [PastForward] {
        let end = request.endTime == 0 ? UInt64.max : request.endTime
        guard request.startTime <= end else {
            throw APIError(
                .invalidArgument,
                "start_time \(request.startTime) is after end_time \(request.endTime)")
        }
        let limit = Int(min(request.numMaxEvents, UInt32(ForwardingQuery.largestPage)))
        var query = ForwardingQuery()
        query.first = Self.milliseconds(request.startTime)
        let last = Self.milliseconds(end)
        // The last second counts as a whole.
        query.last = last == .max ? last : last + 999
        query.limit = limit == 0 ? 100 : limit
        query.skip = Int(request.indexOffset)
        query.incoming = Set(request.incomingChanIds.map { ShortChannelID($0) })
        query.outgoing = Set(request.outgoingChanIds.map { ShortChannelID($0) })
        return try ForwardingHistory(host.store).page(query)
    }

    /// Times that no clock will show count as the end of all times.
    private static func milliseconds(_ seconds: UInt64) -> UInt64 {
        seconds < 1 << 37 ? seconds * 1_000 : .max
    }

    /// The names of the peers at the other ends of channels, as far as they are known.
    private func peerNames(of forwards: [PastForward]) -> [ShortChannelID: String] {
        guard let graph = host.graph, let own = host.signer?.nodeID else { return [:] }
        var names: [ShortChannelID: String] = [:]
        for id in Set(forwards.flatMap { [$0.incomingChannel, $0.outgoingChannel] }) {
            guard let channel = graph.channel(id) else { continue }
            let peer = channel.node1 == own ? channel.node2 : channel.node1
            names[id] = graph.node(peer)?.alias
        }
        return names
    }
}

extension ForwardingEventMessage {
    fileprivate init(_ forward: PastForward, _ names: [ShortChannelID: String]) {
        self.init()
        timestamp = forward.time / 1_000
        timestampNs = forward.time * 1_000_000
        chanIdIn = forward.incomingChannel.value
        chanIdOut = forward.outgoingChannel.value
        amtIn = forward.incomingAmount.value / 1_000
        amtOut = forward.outgoingAmount.value / 1_000
        fee = forward.fee.value / 1_000
        amtInMsat = forward.incomingAmount.value
        amtOutMsat = forward.outgoingAmount.value
        feeMsat = forward.fee.value
        peerAliasIn = names[forward.incomingChannel] ?? ""
        peerAliasOut = names[forward.outgoingChannel] ?? ""
    }
}
