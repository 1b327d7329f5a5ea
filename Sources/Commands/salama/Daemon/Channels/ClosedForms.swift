import Bitcoin
import LightningNode
import LightningOnChain
import LightningWire
import NodeAPI

/// Closed channels as messages of the interface.
extension ChannelCloseSummary {
    init(_ closed: ClosedChannel, _ network: Network) {
        self.init()
        channelPoint = closed.funding.description
        chanId = (closed.name ?? closed.alias)?.value ?? 0
        chainHash = network.genesisHash.description
        closingTxHash = closed.closing.description
        remotePubkey = closed.peer.description
        capacity = closed.capacity.value
        closeHeight = closed.height.value
        settledBalance = closed.taken.value
        if closed.kind == .local {
            timeLockedBalance = closed.outputs.reduce(0) { sum, output in
                output.purpose == .balance ? sum + output.amount.value : sum
            }
        }
        closeType = ClosureType(closed.kind)
        openInitiator = Initiator(isLocal: closed.isOpener)
        closeInitiator =
            switch closed.kind {
            case .local: .local
            case .remote, .revoked: .remote
            // Either side may have said `shutdown` first, and nobody keeps that.
            case .mutual, .unknown: .unknown
            }
        resolutions = closed.outputs.compactMap { ResolutionMessage($0) }
        aliasScids = closed.alias.map { [$0.value] } ?? []
    }
}

extension ClosureType {
    init(_ kind: ClosedChannel.Kind) {
        self =
            switch kind {
            case .mutual: .cooperative
            case .local: .localForce
            case .remote: .remoteForce
            case .revoked: .breach
            // A commitment that this node does not know is still the peer's doing.
            case .unknown: .remoteForce
            }
    }
}

extension ResolutionMessage {
    init?(_ output: ClosedOutput) {
        self.init()
        switch output.purpose {
        case .balance, .forfeitedBalance: resolutionType = .commit
        case .anchor: resolutionType = .anchor
        case .htlc(let name), .secondStage(let name?):
            resolutionType = name.direction == .offered ? .outgoingHTLC : .incomingHTLC
        case .secondStage(nil), .unidentified: resolutionType = .unknown
        case .peersAnchor: return nil
        }
        outcome =
            switch (output.end, output.purpose) {
            case (.taken, .htlc(let name)) where name.direction == .offered: .timeout
            case (.taken, _): .claimed
            case (.secondStage, _): .firstStage
            case (.lost, .htlc(let name)) where name.direction == .received: .timeout
            case (.lost, .htlc): .claimed
            case (.lost, _), (.left, _): .unclaimed
            }
        outpoint = OutPointMessage(output.outPoint)
        amountSat = UInt64(clamping: output.amount.value)
        sweepTxid = output.spender?.description ?? ""
    }
}

extension ClosedChannelsRequest {
    /// Whether channels that ended so are asked for: all where none is chosen.
    func wants(_ kind: ClosureType) -> Bool {
        let choices: [ClosureType: Bool] = [
            .cooperative: cooperative, .localForce: localForce, .remoteForce: remoteForce,
            .breach: breach, .fundingCanceled: fundingCanceled, .abandoned: abandoned,
        ]
        return choices[kind] == true || !choices.values.contains(true)
    }
}
