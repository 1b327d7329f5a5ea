import Bitcoin
import LightningCommitment
import LightningWire

extension ShortChannelID {
    /// The alias that this side gives a channel with the keys `basepoints` and the first point `point`.
    ///
    /// BOLT 2: "MUST NOT send the same `alias` for multiple peers or use an alias which collides with a `short_channel_id` of
    /// a channel on the same node." It is a hash of what nobody but the peer learns, at a height that no chain reaches: it
    /// says nothing of the funding, the peer or the node's other channels.
    static func alias(_ basepoints: ChannelBasepoints, _ point: PublicKey) -> ShortChannelID {
        let bytes = SHA256.hash(
            Array("short_channel_id".utf8) + basepoints.htlc.compressed + point.compressed
        ).bytes
        let number = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return ShortChannelID(number | 1 << 63)
    }
}

extension EstablishedChannel {
    /// Where the funding output is in the chain; nil while it is not.
    public var shortChannelID: ShortChannelID? { life.position?.shortChannelID(of: funding) }

    /// The names by which HTLCs of others may speak of the channel.
    ///
    /// BOLT 2: "MUST always recognize the `alias` as a `short_channel_id` for incoming HTLCs to this channel." "if
    /// `channel_type` has `option_scid_alias` set: MUST NOT allow incoming HTLCs to this channel using the real
    /// `short_channel_id`"
    public var names: [ShortChannelID] {
        guard let shortChannelID, !isAliasOnly else { return [life.alias] }
        return [life.alias, shortChannelID]
    }

    /// The name under which invoices tell payers to reach this side over the channel: the alias that the peer gave.
    ///
    /// BOLT 2: "if `channel_type` has `option_scid_alias` set: MUST NOT use the real `short_channel_id` in BOLT 11 `r`
    /// fields."
    public var nameForPayers: ShortChannelID? {
        life.peerAlias ?? (isAliasOnly ? nil : shortChannelID)
    }

    /// The alias that this side has given the peer.
    public var alias: ShortChannelID { life.alias }

    /// Whether payments name the channel by aliases alone.
    public var isAliasOnly: Bool {
        commitments.parameters.channelType.supports(.shortChannelIDAlias)
    }
}
