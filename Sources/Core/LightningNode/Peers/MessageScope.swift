import LightningWire

/// What a message is about, and so who takes it.
enum MessageScope {
    /// The connection, or all that the two nodes have to do with each other.
    case connection
    /// A channel, by its id; the temporary one while it is being opened.
    case channel(ChannelID)
    /// The network's graph, onion messages and the like: nothing that this release answers.
    case unanswered
}

extension Message {
    /// What the message is about.
    var scope: MessageScope {
        switch self {
        case .initialize, .error, .warning, .ping, .pong: .connection
        case .openChannel(let message): .channel(message.temporaryChannelID)
        case .acceptChannel(let message): .channel(message.temporaryChannelID)
        case .fundingCreated(let message): .channel(message.temporaryChannelID)
        case .openChannel2(let message): .channel(message.temporaryChannelID)
        case .acceptChannel2(let message): .channel(message.temporaryChannelID)
        case .fundingSigned(let message): .channel(message.channelID)
        case .channelReady(let message): .channel(message.channelID)
        case .shutdown(let message): .channel(message.channelID)
        case .closingSigned(let message): .channel(message.channelID)
        case .closingComplete(let message): .channel(message.channelID)
        case .closingSig(let message): .channel(message.channelID)
        case .stfu(let message): .channel(message.channelID)
        case .startBatch(let message): .channel(message.channelID)
        case .updateAddHTLC(let message): .channel(message.channelID)
        case .updateFulfillHTLC(let message): .channel(message.channelID)
        case .updateFailHTLC(let message): .channel(message.channelID)
        case .updateFailMalformedHTLC(let message): .channel(message.channelID)
        case .updateFee(let message): .channel(message.channelID)
        case .commitmentSigned(let message): .channel(message.channelID)
        case .revokeAndAck(let message): .channel(message.channelID)
        case .channelReestablish(let message): .channel(message.channelID)
        case .announcementSignatures(let message): .channel(message.channelID)
        case .txAddInput(let message): .channel(message.channelID)
        case .txAddOutput(let message): .channel(message.channelID)
        case .txRemoveInput(let message): .channel(message.channelID)
        case .txRemoveOutput(let message): .channel(message.channelID)
        case .txComplete(let message): .channel(message.channelID)
        case .txSignatures(let message): .channel(message.channelID)
        case .txInitRBF(let message): .channel(message.channelID)
        case .txAckRBF(let message): .channel(message.channelID)
        case .txAbort(let message): .channel(message.channelID)
        case .spliceLocked(let message): .channel(message.channelID)
        case .spliceInit(let message): .channel(message.channelID)
        case .spliceAck(let message): .channel(message.channelID)
        case .peerStorage, .peerStorageRetrieval, .channelAnnouncement, .nodeAnnouncement,
            .channelUpdate, .queryShortChannelIDs, .replyShortChannelIDsEnd, .queryChannelRange,
            .replyChannelRange, .gossipTimestampFilter, .onionMessage, .unknown:
            .unanswered
        }
    }
}
