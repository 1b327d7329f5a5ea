import Bitcoin

/// What bitcoind publishes over ZeroMQ, under the names of its topics.
enum ZMQTopic: String, CaseIterable, Sendable {
    case rawBlock = "rawblock"
    case hashBlock = "hashblock"
    case rawTransaction = "rawtx"

    /// The configured endpoints with the topics expected at each.
    static func endpoints(of configuration: BitcoindConfiguration) -> [String: [ZMQTopic]] {
        var endpoints: [String: [ZMQTopic]] = [:]
        let configured: [(ZMQTopic, String?)] = [
            (.rawBlock, configuration.rawBlockEndpoint),
            (.hashBlock, configuration.hashBlockEndpoint),
            (.rawTransaction, configuration.rawTransactionEndpoint),
        ]
        for case (let topic, let endpoint?) in configured {
            endpoints[endpoint, default: []].append(topic)
        }
        return endpoints
    }
}

/// What came over ZeroMQ.
enum ZMQNotice: Sendable, Equatable {
    /// A block was connected; it is the tip unless another follows.
    case block(BlockHash)
    /// A transaction entered the mempool, or a block was connected or disconnected that holds it.
    case transaction(Transaction)
    /// The stream of these topics stands from now on.
    case connected([ZMQTopic])
    /// The stream of these topics broke.
    case disconnected([ZMQTopic])
    /// Messages were lost before this one.
    case gap(ZMQTopic)
}

/// One message of bitcoind: topic, body, and the topic's count of messages.
struct ZMQMessage: Sendable, Equatable {
    let topic: ZMQTopic
    let body: [UInt8]
    let sequence: UInt32

    /// Reads the three parts; nil where they are not a message that is known.
    init?(parts: [[UInt8]]) {
        guard parts.count == 3,
            let topic = ZMQTopic(rawValue: String(decoding: parts[0], as: UTF8.self)),
            parts[2].count == 4
        else { return nil }
        self.topic = topic
        body = parts[1]
        sequence = parts[2].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// What the message tells; nil where its body is not what its topic says.
    var notice: ZMQNotice? {
        switch topic {
        case .rawBlock:
            guard let header = try? BlockHeader(decoding: Array(body.prefix(80))) else {
                return nil
            }
            return .block(header.hash)
        case .hashBlock:
            // In the order in which hashes are printed.
            guard let hash = try? Hash256(body) else { return nil }
            return .block(BlockHash(hash.reversed))
        case .rawTransaction:
            guard let transaction = try? Transaction(decoding: body) else { return nil }
            return .transaction(transaction)
        }
    }
}

/// The counts of messages, by which lost ones show.
struct ZMQSequences: Sendable {
    private var last: [ZMQTopic: UInt32] = [:]

    /// Takes the next message's count; whether messages are missing before it. A count that starts anew, as after a
    /// restart, is a gap too.
    mutating func isGap(before message: ZMQMessage) -> Bool {
        defer { last[message.topic] = message.sequence }
        guard let before = last[message.topic] else { return false }
        return message.sequence != before &+ 1
    }

    /// Forgets the count of a stream that begins anew.
    mutating func restart(_ topics: [ZMQTopic]) {
        for topic in topics { last[topic] = nil }
    }
}
