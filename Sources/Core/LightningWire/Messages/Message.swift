import Bitcoin

/// Any message that a peer may send.
///
/// The large ones, which are rare, stand apart, so that queues of the small ones are moved cheaply.
public enum Message: Hashable, Sendable {
    case warning(WarningMessage)
    case stfu(SomethingFundamentalIsUnderway)
    case peerStorage(PeerStorage)
    case peerStorageRetrieval(PeerStorageRetrieval)
    case initialize(Init)
    case error(ErrorMessage)
    case ping(Ping)
    case pong(Pong)
    indirect case openChannel(OpenChannel)
    indirect case acceptChannel(AcceptChannel)
    case fundingCreated(FundingCreated)
    case fundingSigned(FundingSigned)
    case channelReady(ChannelReady)
    case shutdown(Shutdown)
    case closingSigned(ClosingSigned)
    indirect case closingComplete(ClosingComplete)
    indirect case closingSig(ClosingSig)
    indirect case openChannel2(OpenChannel2)
    indirect case acceptChannel2(AcceptChannel2)
    case txAddInput(TxAddInput)
    case txAddOutput(TxAddOutput)
    case txRemoveInput(TxRemoveInput)
    case txRemoveOutput(TxRemoveOutput)
    case txComplete(TxComplete)
    case txSignatures(TxSignatures)
    case txInitRBF(TxInitRBF)
    case txAckRBF(TxAckRBF)
    case txAbort(TxAbort)
    case spliceLocked(SpliceLocked)
    case spliceInit(SpliceInit)
    case spliceAck(SpliceAck)
    case startBatch(StartBatch)
    case updateAddHTLC(UpdateAddHTLC)
    case updateFulfillHTLC(UpdateFulfillHTLC)
    case updateFailHTLC(UpdateFailHTLC)
    case commitmentSigned(CommitmentSigned)
    case revokeAndAck(RevokeAndAck)
    case updateFee(UpdateFee)
    case updateFailMalformedHTLC(UpdateFailMalformedHTLC)
    indirect case channelReestablish(ChannelReestablish)
    indirect case channelAnnouncement(ChannelAnnouncement)
    case nodeAnnouncement(NodeAnnouncement)
    case channelUpdate(ChannelUpdate)
    case announcementSignatures(AnnouncementSignatures)
    case queryShortChannelIDs(QueryShortChannelIDs)
    case replyShortChannelIDsEnd(ReplyShortChannelIDsEnd)
    case queryChannelRange(QueryChannelRange)
    case replyChannelRange(ReplyChannelRange)
    case gossipTimestampFilter(GossipTimestampFilter)
    case onionMessage(OnionMessage)
    /// A message of an odd type that is not known, which is to be ignored (BOLT 1).
    case unknown(type: UInt16, payload: [UInt8])
}

extension Message {
    /// Decodes a type and a payload, as the transport decrypted them.
    ///
    /// Throws ``WireError``, of which each case but an unknown even type means that the bytes are malformed.
    public init(decoding bytes: [UInt8]) throws(WireError) {
        guard bytes.count >= 2 else { throw .noType(count: bytes.count) }
        let type = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        switch type {
        case WarningMessage.type: self = .warning(try WarningMessage(payload: bytes, from: 2))
        case SomethingFundamentalIsUnderway.type:
            self = .stfu(try SomethingFundamentalIsUnderway(payload: bytes, from: 2))
        case PeerStorage.type: self = .peerStorage(try PeerStorage(payload: bytes, from: 2))
        case PeerStorageRetrieval.type:
            self = .peerStorageRetrieval(try PeerStorageRetrieval(payload: bytes, from: 2))
        case Init.type: self = .initialize(try Init(payload: bytes, from: 2))
        case ErrorMessage.type: self = .error(try ErrorMessage(payload: bytes, from: 2))
        case Ping.type: self = .ping(try Ping(payload: bytes, from: 2))
        case Pong.type: self = .pong(try Pong(payload: bytes, from: 2))
        case OpenChannel.type: self = .openChannel(try OpenChannel(payload: bytes, from: 2))
        case AcceptChannel.type: self = .acceptChannel(try AcceptChannel(payload: bytes, from: 2))
        case FundingCreated.type:
            self = .fundingCreated(try FundingCreated(payload: bytes, from: 2))
        case FundingSigned.type: self = .fundingSigned(try FundingSigned(payload: bytes, from: 2))
        case ChannelReady.type: self = .channelReady(try ChannelReady(payload: bytes, from: 2))
        case Shutdown.type: self = .shutdown(try Shutdown(payload: bytes, from: 2))
        case ClosingSigned.type: self = .closingSigned(try ClosingSigned(payload: bytes, from: 2))
        case ClosingComplete.type:
            self = .closingComplete(try ClosingComplete(payload: bytes, from: 2))
        case ClosingSig.type: self = .closingSig(try ClosingSig(payload: bytes, from: 2))
        case OpenChannel2.type: self = .openChannel2(try OpenChannel2(payload: bytes, from: 2))
        case AcceptChannel2.type:
            self = .acceptChannel2(try AcceptChannel2(payload: bytes, from: 2))
        case TxAddInput.type: self = .txAddInput(try TxAddInput(payload: bytes, from: 2))
        case TxAddOutput.type: self = .txAddOutput(try TxAddOutput(payload: bytes, from: 2))
        case TxRemoveInput.type: self = .txRemoveInput(try TxRemoveInput(payload: bytes, from: 2))
        case TxRemoveOutput.type:
            self = .txRemoveOutput(try TxRemoveOutput(payload: bytes, from: 2))
        case TxComplete.type: self = .txComplete(try TxComplete(payload: bytes, from: 2))
        case TxSignatures.type: self = .txSignatures(try TxSignatures(payload: bytes, from: 2))
        case TxInitRBF.type: self = .txInitRBF(try TxInitRBF(payload: bytes, from: 2))
        case TxAckRBF.type: self = .txAckRBF(try TxAckRBF(payload: bytes, from: 2))
        case TxAbort.type: self = .txAbort(try TxAbort(payload: bytes, from: 2))
        case SpliceLocked.type: self = .spliceLocked(try SpliceLocked(payload: bytes, from: 2))
        case SpliceInit.type: self = .spliceInit(try SpliceInit(payload: bytes, from: 2))
        case SpliceAck.type: self = .spliceAck(try SpliceAck(payload: bytes, from: 2))
        case StartBatch.type: self = .startBatch(try StartBatch(payload: bytes, from: 2))
        case UpdateAddHTLC.type: self = .updateAddHTLC(try UpdateAddHTLC(payload: bytes, from: 2))
        case UpdateFulfillHTLC.type:
            self = .updateFulfillHTLC(try UpdateFulfillHTLC(payload: bytes, from: 2))
        case UpdateFailHTLC.type:
            self = .updateFailHTLC(try UpdateFailHTLC(payload: bytes, from: 2))
        case CommitmentSigned.type:
            self = .commitmentSigned(try CommitmentSigned(payload: bytes, from: 2))
        case RevokeAndAck.type: self = .revokeAndAck(try RevokeAndAck(payload: bytes, from: 2))
        case UpdateFee.type: self = .updateFee(try UpdateFee(payload: bytes, from: 2))
        case UpdateFailMalformedHTLC.type:
            self = .updateFailMalformedHTLC(try UpdateFailMalformedHTLC(payload: bytes, from: 2))
        case ChannelReestablish.type:
            self = .channelReestablish(try ChannelReestablish(payload: bytes, from: 2))
        case ChannelAnnouncement.type:
            self = .channelAnnouncement(try ChannelAnnouncement(payload: bytes, from: 2))
        case NodeAnnouncement.type:
            self = .nodeAnnouncement(try NodeAnnouncement(payload: bytes, from: 2))
        case ChannelUpdate.type: self = .channelUpdate(try ChannelUpdate(payload: bytes, from: 2))
        case AnnouncementSignatures.type:
            self = .announcementSignatures(try AnnouncementSignatures(payload: bytes, from: 2))
        case QueryShortChannelIDs.type:
            self = .queryShortChannelIDs(try QueryShortChannelIDs(payload: bytes, from: 2))
        case ReplyShortChannelIDsEnd.type:
            self = .replyShortChannelIDsEnd(try ReplyShortChannelIDsEnd(payload: bytes, from: 2))
        case QueryChannelRange.type:
            self = .queryChannelRange(try QueryChannelRange(payload: bytes, from: 2))
        case ReplyChannelRange.type:
            self = .replyChannelRange(try ReplyChannelRange(payload: bytes, from: 2))
        case GossipTimestampFilter.type:
            self = .gossipTimestampFilter(try GossipTimestampFilter(payload: bytes, from: 2))
        case OnionMessage.type: self = .onionMessage(try OnionMessage(payload: bytes, from: 2))
        default:
            guard type % 2 == 1 else { throw .unknownEvenMessage(type: type) }
            self = .unknown(type: type, payload: Array(bytes[2...]))
        }
    }

    /// The message in this case; nil for one that is not known.
    public var content: (any LightningMessage)? {
        switch self {
        case .warning(let message): message
        case .stfu(let message): message
        case .peerStorage(let message): message
        case .peerStorageRetrieval(let message): message
        case .initialize(let message): message
        case .error(let message): message
        case .ping(let message): message
        case .pong(let message): message
        case .openChannel(let message): message
        case .acceptChannel(let message): message
        case .fundingCreated(let message): message
        case .fundingSigned(let message): message
        case .channelReady(let message): message
        case .shutdown(let message): message
        case .closingSigned(let message): message
        case .closingComplete(let message): message
        case .closingSig(let message): message
        case .openChannel2(let message): message
        case .acceptChannel2(let message): message
        case .txAddInput(let message): message
        case .txAddOutput(let message): message
        case .txRemoveInput(let message): message
        case .txRemoveOutput(let message): message
        case .txComplete(let message): message
        case .txSignatures(let message): message
        case .txInitRBF(let message): message
        case .txAckRBF(let message): message
        case .txAbort(let message): message
        case .spliceLocked(let message): message
        case .spliceInit(let message): message
        case .spliceAck(let message): message
        case .startBatch(let message): message
        case .updateAddHTLC(let message): message
        case .updateFulfillHTLC(let message): message
        case .updateFailHTLC(let message): message
        case .commitmentSigned(let message): message
        case .revokeAndAck(let message): message
        case .updateFee(let message): message
        case .updateFailMalformedHTLC(let message): message
        case .channelReestablish(let message): message
        case .channelAnnouncement(let message): message
        case .nodeAnnouncement(let message): message
        case .channelUpdate(let message): message
        case .announcementSignatures(let message): message
        case .queryShortChannelIDs(let message): message
        case .replyShortChannelIDsEnd(let message): message
        case .queryChannelRange(let message): message
        case .replyChannelRange(let message): message
        case .gossipTimestampFilter(let message): message
        case .onionMessage(let message): message
        case .unknown: nil
        }
    }

    /// The type and the payload: what the transport encrypts.
    public var encoded: [UInt8] {
        switch self {
        case .warning(let message): message.encoded
        case .stfu(let message): message.encoded
        case .peerStorage(let message): message.encoded
        case .peerStorageRetrieval(let message): message.encoded
        case .initialize(let message): message.encoded
        case .error(let message): message.encoded
        case .ping(let message): message.encoded
        case .pong(let message): message.encoded
        case .openChannel(let message): message.encoded
        case .acceptChannel(let message): message.encoded
        case .fundingCreated(let message): message.encoded
        case .fundingSigned(let message): message.encoded
        case .channelReady(let message): message.encoded
        case .shutdown(let message): message.encoded
        case .closingSigned(let message): message.encoded
        case .closingComplete(let message): message.encoded
        case .closingSig(let message): message.encoded
        case .openChannel2(let message): message.encoded
        case .acceptChannel2(let message): message.encoded
        case .txAddInput(let message): message.encoded
        case .txAddOutput(let message): message.encoded
        case .txRemoveInput(let message): message.encoded
        case .txRemoveOutput(let message): message.encoded
        case .txComplete(let message): message.encoded
        case .txSignatures(let message): message.encoded
        case .txInitRBF(let message): message.encoded
        case .txAckRBF(let message): message.encoded
        case .txAbort(let message): message.encoded
        case .spliceLocked(let message): message.encoded
        case .spliceInit(let message): message.encoded
        case .spliceAck(let message): message.encoded
        case .startBatch(let message): message.encoded
        case .updateAddHTLC(let message): message.encoded
        case .updateFulfillHTLC(let message): message.encoded
        case .updateFailHTLC(let message): message.encoded
        case .commitmentSigned(let message): message.encoded
        case .revokeAndAck(let message): message.encoded
        case .updateFee(let message): message.encoded
        case .updateFailMalformedHTLC(let message): message.encoded
        case .channelReestablish(let message): message.encoded
        case .channelAnnouncement(let message): message.encoded
        case .nodeAnnouncement(let message): message.encoded
        case .channelUpdate(let message): message.encoded
        case .announcementSignatures(let message): message.encoded
        case .queryShortChannelIDs(let message): message.encoded
        case .replyShortChannelIDsEnd(let message): message.encoded
        case .queryChannelRange(let message): message.encoded
        case .replyChannelRange(let message): message.encoded
        case .gossipTimestampFilter(let message): message.encoded
        case .onionMessage(let message): message.encoded
        case .unknown(let type, let payload):
            [UInt8(type >> 8), UInt8(truncatingIfNeeded: type)] + payload
        }
    }

    /// All messages that this release reads, in the order of their types.
    public static let all: [any LightningMessage.Type] = [
        WarningMessage.self,
        SomethingFundamentalIsUnderway.self,
        PeerStorage.self,
        PeerStorageRetrieval.self,
        Init.self,
        ErrorMessage.self,
        Ping.self,
        Pong.self,
        OpenChannel.self,
        AcceptChannel.self,
        FundingCreated.self,
        FundingSigned.self,
        ChannelReady.self,
        Shutdown.self,
        ClosingSigned.self,
        ClosingComplete.self,
        ClosingSig.self,
        OpenChannel2.self,
        AcceptChannel2.self,
        TxAddInput.self,
        TxAddOutput.self,
        TxRemoveInput.self,
        TxRemoveOutput.self,
        TxComplete.self,
        TxSignatures.self,
        TxInitRBF.self,
        TxAckRBF.self,
        TxAbort.self,
        SpliceLocked.self,
        SpliceInit.self,
        SpliceAck.self,
        StartBatch.self,
        UpdateAddHTLC.self,
        UpdateFulfillHTLC.self,
        UpdateFailHTLC.self,
        CommitmentSigned.self,
        RevokeAndAck.self,
        UpdateFee.self,
        UpdateFailMalformedHTLC.self,
        ChannelReestablish.self,
        ChannelAnnouncement.self,
        NodeAnnouncement.self,
        ChannelUpdate.self,
        AnnouncementSignatures.self,
        QueryShortChannelIDs.self,
        ReplyShortChannelIDsEnd.self,
        QueryChannelRange.self,
        ReplyChannelRange.self,
        GossipTimestampFilter.self,
        OnionMessage.self,
    ]
}
