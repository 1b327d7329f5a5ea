import Bitcoin
import FoundationEssentials
import HTTP
import JSON
import TestSupport
import Testing

/// Backups of channels of a node in a process of its own.
@Suite(.serialized) struct BackupTests {
    private static let words =
        Array(repeating: "abandon", count: 11).joined(separator: " ") + " about"

    @Test(
        "a node whose disk is lost gets back what its channels held, of its words and the file of backups"
    )
    func story() throws {
        let folders = try (0..<4).map { _ in try TemporaryFolder() }
        // They would go with their last use, while nodes are at work in them.
        defer { withExtendedLifetime(folders) {} }
        let chain = try ChainProcess(.salama, folder: folders[0].path)
        let alice = try NodeProcess(folder: folders[1].path, chain: chain, words: Self.words)
        let bob = try NodeProcess(folder: folders[2].path, chain: chain)
        defer { for node in [alice, bob] { node.process.end(with: 9) } }
        func mine(_ count: Int, _ nodes: [NodeProcess]) throws {
            try chain.mine(count, to: Payee(0).address)
            for node in nodes { try node.waitForTip(chain) }
        }
        try chain.mine(1, to: alice.newAddress())
        try mine(100, [alice, bob])

        let empty = try alice.get("/v1/channels/backup")
        #expect(empty["multi_chan_backup"]?["chan_points"]?.array?.isEmpty == true, "\(empty)")
        #expect(empty["single_chan_backups"]?["chan_backups"]?.array?.isEmpty == true)
        let updates = try alice.stream(.get, "/v1/channels/backup/subscribe")
        defer { updates.cancel() }
        let point = try open(alice, bob, chain) { try mine($0, [alice, bob]) }
        let line = try #require(try updates.readLine(timeout: 120))
        let update = try JSONValue(parsing: line)["result"]
        #expect(update?["multi_chan_backup"]?["chan_points"]?.array?.count == 1, "\(update as Any)")

        let kept = try export(alice, bob, point, folders[1].path, folders[3].path)
        alice.process.end(with: 9)

        let again = try TemporaryFolder()
        defer { withExtendedLifetime(again) {} }
        let restored = try NodeProcess(folder: again.path, chain: chain, words: Self.words)
        defer { restored.process.end(with: 9) }
        try restored.waitForTip(chain)
        let before = try restored.balance()
        let question = try restored.attempt(["restorechanbackup", "--multi_file", kept])
        #expect(question.status == 1 && question.errors.contains("no channel was restored"))
        let told = try restored.run("restorechanbackup --multi_file \(kept) --force")
        #expect(told.hasPrefix("1 channel restored"), "\(told)")
        #expect(
            try restored.run("restorechanbackup --multi_file \(kept) --force")
                .hasPrefix("nothing to restore"))
        // The backup says where Bob is.
        try eventually("Bob's commitment") {
            try chain.call("getrawmempool").array?.isEmpty == false
        }
        let waiting = try restored.get("/v1/channels/pending")["waiting_close_channels"]?[0]
        #expect(waiting?["channel"]?["channel_point"]?.string == point)
        #expect(
            waiting?["channel"]?["chan_status_flags"]?.string
                == "ChanStatusLocalDataLoss|ChanStatusRestored")
        #expect(waiting?["limbo_balance"]?.string == "0")
        try mine(1, [restored, bob])
        var blocks = 1
        while try restored.balance() < before + 790_000, blocks < 12 {
            try mine(1, [restored, bob])
            blocks += 1
        }
        #expect(try restored.balance() > before + 790_000)
    }

    private func open(
        _ alice: NodeProcess, _ bob: NodeProcess, _ chain: ChainProcess,
        _ mine: (Int) throws -> Void
    ) throws -> String {
        _ = try alice.run("connect \(try bob.key())@127.0.0.1:\(bob.peerPort)")
        let opened = try alice.post(
            "/v1/channels",
            [
                "node_pubkey_string": .string(try bob.key()), "push_sat": "200000",
                "local_funding_amount": "1000000", "sat_per_vbyte": "2",
            ])
        #expect(opened["funding_txid_bytes"]?.string != nil, "\(opened)")
        try mine(6)
        try eventually("the channel") {
            try alice.get("/v1/channels?active_only=true")["channels"]?.array?.count == 1
        }
        return try #require(
            alice.get("/v1/channels")["channels"]?[0]?["channel_point"]?.string)
    }

    /// Looks at the backup in all its forms, and answers where a copy of the file is.
    private func export(
        _ alice: NodeProcess, _ bob: NodeProcess, _ point: String, _ folder: String,
        _ elsewhere: String
    ) throws -> String {
        let path = point.replacing(":", with: "/")
        let single = try alice.get("/v1/channels/backup/\(path)")
        let snapshot = try alice.get("/v1/channels/backup")
        #expect(snapshot["single_chan_backups"]?["chan_backups"]?[0] == single)
        let all = try #require(snapshot["multi_chan_backup"]?["multi_chan_backup"]?.string)
        let verified = try alice.post("/v1/channels/backup/verify", snapshot)
        #expect(verified["chan_points"]?.array == [.string(point), .string(point)], "\(verified)")
        let foreign = try bob.failure(
            .post, "/v1/channels/backup/verify",
            ["multi_chan_backup": ["multi_chan_backup": .string(all)]])
        #expect(foreign?.code == 3 && foreign?.message.contains("another seed") == true)
        #expect(try alice.failure(.post, "/v1/channels/backup/restore", [:])?.code == 3)
        let stranger = String(repeating: "07", count: 32)
        #expect(try alice.failure(.get, "/v1/channels/backup/\(stranger)/0")?.status == 404)

        let kept = elsewhere + "/copy"
        #expect(
            try alice.run("exportchanbackup --all --output_file \(kept)").contains("bytes are in"))
        let bytes: [UInt8] = try Base64.decode(all)
        let file = folder + "/data/chain/bitcoin/regtest/channel.backup"
        try eventually("the file") { FileManager.default.contents(atPath: file) == Data(bytes) }
        #expect(FileManager.default.contents(atPath: kept) == Data(bytes))
        #expect(try alice.run("verifychanbackup --multi_file \(kept)").contains(point))
        let hex = try alice.run("exportchanbackup \(point)").replacing("\n", with: "")
        #expect(try alice.run("verifychanbackup --single_backup \(hex)").contains(point))
        #expect(try alice.attempt(["verifychanbackup"]).status == 2)
        return kept
    }
}
