import Bitcoin
import FoundationEssentials
import LightningCommitment
import LightningWire
import TestSupport
import Testing

/// BOLT 3, appendices C and F: commitment and HTLC transactions, to the byte.
@Suite("Commitment and HTLC transactions of BOLT 3") struct CommitmentVectors {
    static let plain = VectorFile("bolt/bolt03-appendix-c-commitment.txt")
    static let anchors = VectorFile("bolt/bolt03-appendix-f-commitment-anchors.txt")

    /// One case of either appendix.
    struct Case {
        var name: String
        var local: UInt64
        var remote: UInt64
        var feerate: UInt32
        var dustLimit: Int64 = 546
        var htlcs: [Int]
        var commitment: String
        var remoteSignature: String
        var resolutions: [(signature: String, transaction: String)]
    }

    @Test(
        "appendix C, static remote key",
        .enabled(if: plain.isPresent, "shared/vectors is not there"))
    func appendixC() throws {
        let text = try Self.plain.text()
        let cases = try Self.plainCases(text)
        #expect(cases.count == text.split(separator: "\n").count { $0.contains("    name: ") })
        #expect(cases.count == 16)
        var passed = 0
        for item in cases {
            passed += try check(item, .staticRemoteKey, AppendixChannel(text)) ? 1 : 0
        }
        Self.plain.record(cases: 16, run: cases.count, passed: passed)
    }

    @Test(
        "appendix F, anchors",
        .enabled(if: anchors.isPresent && plain.isPresent, "shared/vectors is not there"))
    func appendixF() throws {
        let text = try Self.anchors.text()
        let cases = try Self.anchorCases(text)
        #expect(cases.count == text.split(separator: "\n").count { $0.contains("\"Name\"") })
        #expect(cases.count == 9)
        let channel = AppendixChannel(try Self.plain.text())
        var passed = 0
        for item in cases { passed += try check(item, .anchors, channel) ? 1 : 0 }
        Self.anchors.record(cases: 9, run: cases.count, passed: passed)
    }

    func check(
        _ item: Case, _ format: CommitmentFormat, _ channel: AppendixChannel
    ) throws -> Bool {
        var parameters = try channel.parameters(format)
        parameters.dustLimit = Satoshi(item.dustLimit)
        let state = CommitmentState(
            feerate: FeeratePerKw(item.feerate), ownerBalance: MilliSatoshi(item.local),
            counterpartyBalance: MilliSatoshi(item.remote),
            htlcs: try item.htlcs.map { try channel.htlc($0) })
        let commitment = CommitmentTransaction(
            parameters, keys: try channel.keys(), number: 42, state: state)
        let remote = try ECDSASignature(der: Hex.decode(item.remoteSignature))
        #expect(commitment.isSigned(byCounterparty: remote), "\(item.name)")
        let signed = try channel.sign(commitment, remote: remote)
        var isRight = Hex.encode(signed.encoded) == item.commitment
        #expect(isRight, "\(item.name)")
        #expect(parameters.obscurer.number(of: signed) == 42)
        try ScriptVerifier(
            signed, spending: [parameters.funding.output], flags: .standard
        ).verify(input: 0)
        let resolutions = commitment.htlcTransactions
        #expect(resolutions.count == item.resolutions.count, "\(item.name)")
        isRight = isRight && resolutions.count == item.resolutions.count
        for (htlc, expected) in zip(resolutions, item.resolutions) {
            let signature = try ECDSASignature(der: Hex.decode(expected.signature))
            #expect(htlc.isSigned(byCounterparty: signature), "\(item.name)")
            let transaction = try channel.sign(htlc, remote: signature)
            #expect(Hex.encode(transaction.encoded) == expected.transaction, "\(item.name)")
            isRight = isRight && Hex.encode(transaction.encoded) == expected.transaction
            try ScriptVerifier(transaction, spending: [htlc.spentOutput], flags: .standard)
                .verify(input: 0)
        }
        return isRight
    }

    // MARK: Reading the appendices

    static func plainCases(_ text: String) throws -> [Case] {
        text.split(separator: "    name: ").dropFirst().map { block in
            let lines = block.split(separator: "\n").map { $0.drop { $0 == " " } }
            func values(_ prefix: String, _ separator: Character) -> [String] {
                lines.filter { $0.hasPrefix(prefix) }.map {
                    $0.drop { $0 != separator }.dropFirst().filter { $0 != " " }
                }
            }
            // The same amounts and preimages for all but the case with two equal offers.
            let htlcs: [Int] =
                block.contains("3 htlc outputs")
                ? [1, 5, 6]
                : block.contains("no HTLCs")
                    ? [] : [0, 1, 2, 3, 4]
            return Case(
                name: String(lines[0]), local: UInt64(values("to_local_msat", ":")[0])!,
                remote: UInt64(values("to_remote_msat", ":")[0])!,
                feerate: UInt32(values("local_feerate_per_kw", ":")[0])!, htlcs: htlcs,
                commitment: values("output commit_tx", ":")[0],
                remoteSignature: values("remote_signature", "=")[0],
                resolutions: Array(
                    zip(
                        values("remote_htlc_signature", "="),
                        values("htlc_", ":"))))
        }
    }

    static func anchorCases(_ text: String) throws -> [Case] {
        let block = text.split(separator: "```yaml\n")[1].split(separator: "```")[0]
        let items = try JSONDecoder().decode([JSONValue].self, from: Data(block.utf8))
        return try items.map { item in
            let name = try item.text("Name")
            let htlcs = name.contains("same amount") ? [1, 5, 6] : [0, 1, 2, 3, 4]
            return Case(
                name: name, local: UInt64(try number(item, "LocalBalance")),
                remote: UInt64(try number(item, "RemoteBalance")),
                feerate: UInt32(try number(item, "FeePerKw")),
                dustLimit: try number(item, "DustLimitSatoshis"),
                htlcs: item["UseTestHtlcs"]?.bool == true ? htlcs : [],
                commitment: try item.text("ExpectedCommitmentTxHex"),
                remoteSignature: try item.text("RemoteSigHex"),
                resolutions: try (item["HtlcDescs"]?.array ?? []).map {
                    (try $0.text("RemoteSigHex"), try $0.text("ResolutionTxHex"))
                })
        }
    }

    static func number(_ item: JSONValue, _ key: String) throws -> Int64 {
        try #require(item[key]?.integer)
    }
}
