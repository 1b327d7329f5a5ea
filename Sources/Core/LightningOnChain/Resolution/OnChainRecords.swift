import Bitcoin
import LightningCommitment
import LightningWire

/// The durable state: one record for the channel, and one for each thing that has happened to it. Everything else is made
/// from them and from the channel's own records.
extension OnChainChannel {
    /// The writes of a channel that is to be followed from now on.
    public var openingWrites: [RecordWrite] {
        [stateWrite()] + upstreamEntries.map { write($0) }
    }

    /// The channel of these records; `snapshot`, `policy` and `tip` as they were last.
    ///
    /// What the snapshot says of HTLCs that this node's forward does not matter: they may be settled by now, and what was
    /// claimed for them stands.
    ///
    /// `records` gives the records of a table whose keys start with the number of the channel's keys.
    public init(
        _ snapshot: ChannelSnapshot, policy: OnChainPolicy = OnChainPolicy(), tip: BlockHeight,
        records: (RecordTable) -> [(key: [UInt8], value: [UInt8])]
    ) throws(RecordError) {
        self.init(snapshot, policy: policy, tip: tip)
        guard let stored = records(.onChain).first else { throw .missingField(type: 0) }
        let state = try OnChainStateRecord(record: stored.value)
        publication = state.publication
        sighting = state.sighting
        facts.former = state.former
        facts.localPoint = state.localPoint
        var upstream: [UInt64: BlockHeight] = [:]
        for record in records(.onChainEntry) {
            switch try OnChainEntry(key: record.key, value: record.value) {
            case .confirmed(let transaction): confirmed.append(transaction)
            case .fulfillment(let id, let fulfillment): facts.fulfillments[id] = fulfillment
            case .learned(let preimage): learned[preimage.paymentHash] = preimage
            case .ended(let name): ended.insert(name)
            case .former(let name, let hash, let expiry): addFormer(name, hash, expiry)
            case .upstream(let id, let expiry): upstream[id] = expiry
            }
        }
        facts.upstreamExpiries = upstream
        restore()
    }

    func stateWrite() -> RecordWrite {
        RecordWrite(
            .onChain, key: OnChainEntry.prefix(snapshot.keys),
            value: OnChainStateRecord(
                publication: publication, sighting: sighting, former: facts.former,
                localPoint: facts.localPoint
            ).record)
    }

    func confirmedWrite(_ transaction: ConfirmedTransaction, removed: Bool = false) -> RecordWrite {
        write(.confirmed(transaction), removed: removed)
    }

    func fulfillmentWrites(_ id: UInt64) -> [RecordWrite] {
        facts.fulfillments[id].map { [write(.fulfillment(id, $0))] } ?? []
    }

    func preimageWrite(_ preimage: PaymentPreimage) -> RecordWrite { write(.learned(preimage)) }

    func endWrite(_ name: HTLCName) -> RecordWrite { write(.ended(name)) }

    func formerWrites(_ former: FormerHTLCs?, removed: Bool = false) -> [RecordWrite] {
        (former?.htlcs ?? []).map {
            write(.former($0.name, $0.paymentHash, $0.cltvExpiry), removed: removed)
        }
    }

    private mutating func addFormer(
        _ name: HTLCName, _ hash: PaymentHash, _ expiry: BlockHeight
    ) {
        guard let number = facts.former?.number else { return }
        facts.former?.htlcs.append(
            FormerHTLC(
                name: name, paymentHash: hash, cltvExpiry: expiry,
                remoteCommitments: number..<number + 1))
    }

    private func write(_ entry: OnChainEntry, removed: Bool = false) -> RecordWrite {
        RecordWrite(
            .onChainEntry, key: entry.key(snapshot.keys), value: removed ? nil : entry.value)
    }

    /// Everything that is durable of the channel. Equal records make equal channels, once what they ask for is loaded.
    public var records: [RecordWrite] { [stateWrite()] + entries.map { write($0) } }

    /// The removal of every record that there is.
    public var removals: [RecordWrite] {
        records.map { RecordWrite($0.table, key: $0.key, value: nil) }
    }

    private var upstreamEntries: [OnChainEntry] {
        facts.upstreamExpiries.sorted { $0.key < $1.key }.map { .upstream($0.key, $0.value) }
    }

    private var entries: [OnChainEntry] {
        confirmed.map { OnChainEntry.confirmed($0) }
            + facts.fulfillments.sorted { $0.key < $1.key }.map { .fulfillment($0.key, $0.value) }
            + learned.values.sorted().map { .learned($0) }
            + snapshot.htlcs.map(\.name).filter(ended.contains).map { .ended($0) }
            + (facts.former?.completion == nil ? [] : facts.former?.htlcs ?? []).map {
                .former($0.name, $0.paymentHash, $0.cltvExpiry)
            } + upstreamEntries
    }
}
