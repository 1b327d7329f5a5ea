import Bitcoin
import LightningChannel
import LightningCommitment
import LightningNode
import LightningWire
@testable import NodeFixtures
import RegtestChain
import Testing

/// Backups of channels, and what they bring back where nothing else is left.
struct BackupTests {
    private func backups(_ network: inout TestNetwork, _ index: Int) throws -> NodeBackups {
        guard case .backups(let backups) = try network.ask(index, .backup(.export)) else {
            throw UnexpectedReply()
        }
        return backups
    }

    private func fundings(
        _ network: inout TestNetwork, _ index: Int, _ request: BackupRequest
    ) throws -> [OutPoint] {
        guard case .backedUp(let fundings) = try network.ask(index, .backup(request)) else {
            throw UnexpectedReply()
        }
        return fundings
    }

    /// The disk of a node is gone; its seed makes it anew, with its coins and without its channels.
    private func lose(_ network: inout TestNetwork, _ index: Int) throws {
        for other in network.nodes.indices where network.isConnected(index, other) {
            try network.disconnect(index, other)
        }
        network.nodes[index] = try TestNode(number: UInt8(index + 1))
        try network.follow()
    }

    @Test(
        "the peers of restored channels close them, and what they pay is found",
        arguments: [CommitmentFormatChoice.anchors, .staticRemoteKey])
    func restore(format: CommitmentFormatChoice) throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1, 1_000_000) { $0.format = format.format }
        let backup = try backups(&network, 0)
        #expect(backup.single.count == 1)
        // What happens after the backup was made does not matter.
        for _ in 0..<3 { #expect(try network.pay([0, 1], 100_000_000).hasSucceeded) }
        #expect(try backups(&network, 0) == backup)

        try lose(&network, 0)
        #expect(try network.channels(0).isEmpty)
        let before = network.balance(0)
        let funding = backup.single[0].funding
        #expect(try fundings(&network, 0, .verify([backup.all])) == [funding])
        #expect(try fundings(&network, 0, .restore([backup.all])) == [funding])
        try network.follow()
        let restored = try network.channel(0, id)
        #expect(restored.state == .restored && restored.details?.isRestored == true)
        #expect(restored.details?.position != nil, "its funding is found in the chain")
        // Once more, in the other form, changes nothing; and it can be backed up again.
        #expect(try fundings(&network, 0, .restore([backup.single[0].bytes])) == [])
        #expect(try backups(&network, 0).single.map(\.funding) == [funding])
        try network.restart(0)

        try network.connect(0, 1)
        #expect(try network.channel(1, id).state == .failed)
        #expect(throws: NodeFailure.self) { try network.ask(0, .channel(.forceClose(id))) }
        try network.mine(8)
        #expect(try network.channel(0, id).state == .spent)
        #expect(network.balance(0) - before > Satoshi(690_000))
        #expect(network.balance(0) - before <= Satoshi(700_000))
        try network.mine(280)
        #expect(try network.channels(0).isEmpty && network.channels(1).isEmpty)
    }

    enum CommitmentFormatChoice: CaseIterable {
        case anchors
        case staticRemoteKey

        var format: CommitmentFormat { self == .anchors ? .anchors : .staticRemoteKey }
    }

    @Test(
        "a channel that its peer has closed meanwhile is found in blocks that were scanned before")
    func closedMeanwhile() throws {
        var network = try TestNetwork.funded(2)
        let id = try network.open(0, 1, 1_000_000)
        #expect(try network.pay([0, 1], 300_000_000).hasSucceeded)
        let backup = try backups(&network, 0)
        try network.disconnect(0, 1)
        network.asleep = [0]
        _ = try network.ask(1, .channel(.forceClose(id)))
        try network.mine(20)
        network.asleep = []
        try lose(&network, 0)
        let before = network.balance(0)
        _ = try fundings(&network, 0, .restore([backup.all]))
        try network.follow()
        #expect(try network.channel(0, id).state == .spent)
        try network.restart(0)
        try network.mine(8)
        #expect(network.balance(0) - before > Satoshi(690_000))
        try network.mine(160)
        #expect(try network.channels(0).isEmpty)
    }

    @Test("a channel that a peer opened and nobody has mined is restored, too")
    func unmined() throws {
        var network = try TestNetwork.funded(2)
        try network.connect(0, 1)
        let opening = ChannelOpening(peer: network.nodes[1].id, amount: Satoshi(500_000))
        guard
            case .opened(let ids, _) = try network.ask(
                0, .channel(.open([opening], feerate: FeeratePerKw(1_000))))
        else { throw UnexpectedReply() }
        let backup = try backups(&network, 1)
        try lose(&network, 1)
        _ = try fundings(&network, 1, .restore([backup.all]))
        try network.restart(1)
        #expect(try network.channel(1, ids[0]).state == .restored)
        try network.connect(0, 1)
        try network.mine(3)
        #expect(try network.channel(1, ids[0]).state == .spent)
    }

    @Test(
        "backups that this seed cannot use are refused with the reason, and nothing of them is taken"
    )
    func refusals() throws {
        var network = try TestNetwork.funded(3)
        try network.open(0, 1, 1_000_000)
        let backup = try backups(&network, 0).all
        func expect(_ error: BackupError, _ file: [UInt8], at index: Int = 0) {
            #expect(throws: NodeFailure.backup(error)) {
                try network.ask(index, .backup(.restore([file])))
            }
            #expect(throws: NodeFailure.backup(error)) {
                try network.ask(index, .backup(.verify([file])))
            }
        }
        expect(.empty, [])
        expect(.notReadable, backup, at: 1)
        expect(.unknownVersion(0), [0] + backup.dropFirst())
        expect(.notReadable, Array(backup.dropLast()))
        for place in [1, 40, backup.count - 1] {
            var damaged = backup
            damaged[place] ^= 1
            expect(.notReadable, damaged)
        }
        // Of a node that has gone on without its backup.
        try lose(&network, 0)
        try network.open(0, 2, 1_000_000)
        let funding = try #require(try network.channels(2).first?.funding?.outPoint)
        #expect(throws: NodeFailure.self) { try network.ask(0, .backup(.restore([backup]))) }
        #expect(try network.channels(0).map { $0.funding?.outPoint } == [funding])
    }

    @Test("keys of restored channels are not used again")
    func keysGoOn() throws {
        var network = try TestNetwork.funded(3)
        for _ in 0..<2 { try network.open(0, 1, 1_000_000) }
        let backup = try backups(&network, 0)
        #expect(backup.single.count == 2)
        try lose(&network, 0)
        #expect(
            try fundings(&network, 0, .restore(backup.single.map(\.bytes))).count == 2)
        try network.follow()
        try network.open(0, 2, 1_000_000)
        #expect(try Set(network.channels(0).map(\.number.value)) == [0, 1, 2])
    }
}
