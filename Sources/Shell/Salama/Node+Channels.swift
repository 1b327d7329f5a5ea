/// Peers and channels.
extension Node {
    /// Where other nodes reach this one, as in `02ab…@127.0.0.1:9735`; empty where it does not listen.
    public func addresses() throws -> [PeerAddress] {
        let key = try key()
        return host.peers.listening.map { PeerAddress(key: key, endpoint: $0) }
    }

    /// Connects to a node and waits until both have greeted; one that is `kept` is connected to again whenever it is lost.
    public func connect(to peer: PeerAddress, kept: Bool = false) throws {
        try host.peers.connect(peer, permanent: kept)
    }

    /// Opens a channel with a connected node, and answers its id once the chain has the funding transaction.
    ///
    /// It can be used when that transaction is mined deep enough: see ``channels()``.
    public func openChannel(
        with peer: PublicKey, _ amount: Satoshi, isAnnounced: Bool = true,
        feerate: FeeratePerKw? = nil
    ) throws -> ChannelID {
        var opening = ChannelOpening(peer: peer, amount: amount)
        opening.isAnnounced = isAnnounced
        guard
            case .opened(let ids, _) = try host.perform(
                .channel(.open([opening], feerate: feerate))), let id = ids.first
        else { throw NodeDefect() }
        return id
    }

    /// The channels that are not closed for good.
    public func channels() throws -> [ChannelReport] {
        guard case .channels(let reports) = try host.perform(.channel(.list)) else {
            throw NodeDefect()
        }
        return reports
    }

    /// Closes a channel in agreement with its peer, and answers the transaction that pays both.
    public func closeChannel(_ id: ChannelID) throws -> Transaction {
        guard
            case .closing(let transaction) = try host.perform(
                .channel(.close(id, to: nil, feerate: nil)))
        else { throw NodeDefect() }
        return transaction
    }
}
