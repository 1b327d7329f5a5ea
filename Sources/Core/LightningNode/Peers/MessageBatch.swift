import Bitcoin
import LightningChannel
import LightningWire

/// Messages that a peer announced with `start_batch` and that are to be processed together (BOLT 2, "Batching Channel
/// Messages").
struct MessageBatch: Sendable, Equatable {
    let channelID: ChannelID
    let count: Int
    var messages: [CommitmentSigned] = []

    /// BOLT 2: "If `batch_size` is strictly greater than 20"
    static let longest = 20
}

extension LightningNode {
    /// Gathers from now on what `start` announces.
    mutating func beginBatch(_ start: StartBatch, from peer: PublicKey) -> Step {
        // BOLT 2: "If `message_type` is missing or not set to the type for `commitment_signed`: MUST ignore the
        // `start_batch` message and process the following messages sequentially."
        guard start.tlvs.messageType == CommitmentSigned.type else { return Step() }
        // BOLT 2: "If `batch_size` is not strictly greater than 1: MUST ignore the `start_batch` message. SHOULD send a
        // `warning`."
        guard start.batchSize > 1 else {
            var step = Step()
            let text = Array("a batch of fewer than two messages".utf8)
            step.request(
                .send(peer, [.warning(WarningMessage(channelID: start.channelID, data: text))]))
            return step
        }
        guard Int(start.batchSize) <= MessageBatch.longest else {
            return hangUp(
                on: peer, because: "a batch of \(start.batchSize) messages",
                channel: start.channelID)
        }
        links[peer]?.batch = MessageBatch(
            channelID: start.channelID, count: Int(start.batchSize))
        return Step()
    }

    /// Takes a message that comes while a batch is gathered.
    ///
    /// BOLT 2: "MUST send `batch_size` `commitment_signed` messages for the same `channel_id`, without any other unrelated
    /// messages in-between."
    mutating func receive(
        _ message: Message, within batch: MessageBatch, from peer: PublicKey, at moment: Moment
    ) -> Step {
        guard case .commitmentSigned(let signed) = message, signed.channelID == batch.channelID
        else {
            return hangUp(
                on: peer, because: "another message within a batch", channel: batch.channelID)
        }
        var batch = batch
        batch.messages.append(signed)
        guard batch.messages.count == batch.count else {
            links[peer]?.batch = batch
            return Step()
        }
        links[peer]?.batch = nil
        guard let number = channels.number(of: batch.channelID, with: peer) else { return Step() }
        return feed(.commitmentBatch(batch.messages), to: number, at: moment)
    }
}
