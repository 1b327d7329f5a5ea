import Bitcoin
import TestSupport
import Testing

@Suite("Vectors of signature hashes") struct SignatureHashVectors {
    static let legacy = VectorFile("bitcoin/sighash.json")
    static let taproot = VectorFile("bitcoin/bip341_wallet_vectors.json")

    @Test(
        "legacy signature hashes are Bitcoin Core's for random transactions and types",
        .enabled(if: legacy.isPresent, "shared/vectors is not there"))
    func legacyHashes() throws {
        let rows = try #require(Self.legacy.json().array).filter { $0.array?.count == 5 }
        var (run, passed) = (0, 0)
        for row in rows {
            let type = UInt32(truncatingIfNeeded: try #require(row[3]?.integer))
            let hash = SignatureHash.legacy(
                try Transaction(hex: try #require(row[0]?.string)),
                input: Int(try #require(row[2]?.integer)),
                scriptCode: try Script(hex: try #require(row[1]?.string)),
                type: SighashType(type))
            let isRight = hash.reversed.hex == row[4]?.string
            #expect(isRight, "\(row)")
            run += 1
            passed += isRight ? 1 : 0
        }
        #expect(run == 500)
        Self.legacy.record(cases: rows.count, run: run, passed: passed)
    }

    @Test(
        "taproot outputs and spends by key are BIP 341's",
        .enabled(if: taproot.isPresent, "shared/vectors is not there"))
    func taprootWallet() throws {
        let content = try Self.taproot.json()
        let outputs = try #require(content["scriptPubKey"]?.array)
        let spending = try #require(content["keyPathSpending"]?[0])
        let spends = try #require(spending["inputSpending"]?.array)
        let transaction = try TaprootSpends(spending)
        var (run, passed) = (0, 0)
        for (index, row) in (outputs + spends).enumerated() {
            let isRight =
                try index < outputs.count
                ? Self.isRightOutput(row) : transaction.isRight(row)
            #expect(isRight, "\(row)")
            run += 1
            passed += isRight ? 1 : 0
        }
        #expect(run == 14)
        try transaction.verifySigned()
        Self.taproot.record(cases: outputs.count + spends.count, run: run, passed: passed)
    }

    private static func isRightOutput(_ row: JSONValue) throws -> Bool {
        let given = try #require(row["given"])
        let intermediary = try #require(row["intermediary"])
        let expected = try #require(row["expected"])
        let internalKey = try XOnlyPublicKey(Hex.decode(given.text("internalPubkey")))
        let tree = try given["scriptTree"].flatMap { try Self.tree($0) }
        let root = tree?.root
        let output = try Taproot.outputKey(internalKey, root: root)
        let script = Script.payToTaproot(output.key)
        let controlBlocks = tree?.paths.map { leaf, path in
            Hex.encode(
                Taproot.controlBlock(
                    leafVersion: leaf.version, internalKey: internalKey, isOdd: output.isOdd,
                    path: path))
        }
        return root?.hex == intermediary["merkleRoot"]?.string
            && Taproot.tweak(internalKey, root: root).hex == intermediary["tweak"]?.string
            && tree?.paths.map(\.leaf.hash.hex)
                == intermediary["leafHashes"]?.array?.compactMap(\.string)
            && output.key.x.hex == intermediary["tweakedPubkey"]?.string
            && script.hex == expected["scriptPubKey"]?.string
            && Address(script: script, network: .mainnet)?.description
                == expected["bip350Address"]?.string
            && controlBlocks == expected["scriptPathControlBlocks"]?.array?.compactMap(\.string)
    }

    /// A tree is a leaf, or an array of two trees.
    private static func tree(_ value: JSONValue) throws -> TapTree? {
        switch value {
        case .null: return nil
        case .array(let branches):
            let left = try #require(try tree(branches[0]))
            let right = try #require(try tree(branches[1]))
            return .branch(left, right)
        default:
            let version = UInt8(truncatingIfNeeded: try #require(value["leafVersion"]?.integer))
            return .leaf(TapLeaf(try Script(hex: value.text("script")), version: version))
        }
    }
}

/// The transaction of BIP 341's vectors, which spends by key.
struct TaprootSpends {
    let transaction: Transaction
    let spending: [TransactionOutput]
    let signed: Transaction
    let cache: SignatureHashCache

    init(_ vector: JSONValue) throws {
        let given = try #require(vector["given"])
        transaction = try Transaction(hex: given.text("rawUnsignedTx"))
        spending = try #require(given["utxosSpent"]?.array).map { output in
            TransactionOutput(
                amount: Satoshi(try #require(output["amountSats"]?.integer)),
                scriptPubKey: try Script(hex: output.text("scriptPubKey")))
        }
        signed = try Transaction(hex: try #require(vector["auxiliary"]).text("fullySignedTx"))
        cache = SignatureHashCache(transaction, spending: spending)
    }

    func isRight(_ row: JSONValue) throws -> Bool {
        let given = try #require(row["given"])
        let intermediary = try #require(row["intermediary"])
        let secret = try PrivateKey(Hex.decode(given.text("internalPrivkey")))
        let root = try given["merkleRoot"]?.string.map { try Hash256(hex: $0) }
        let tweaked = try Taproot.outputKey(secret, root: root)
        let type = SighashType(UInt32(try #require(given["hashType"]?.integer)))
        let index = Int(try #require(given["txinIndex"]?.integer))
        let hash = try #require(
            SignatureHash.taproot(transaction, input: index, type: type, cache: cache))
        let signature = tweaked.signSchnorr(hash) + (type == .default ? [] : [type.byte])
        return secret.publicKey.xOnly.key.x.hex == intermediary["internalPubkey"]?.string
            && Hex.encode(tweaked.exposedBytes()) == intermediary["tweakedPrivkey"]?.string
            && hash.hex == intermediary["sigHash"]?.string
            && Hex.encode(signature) == row["expected"]?["witness"]?[0]?.string
            && signed.inputs[index].witness == [signature]
    }

    func verifySigned() throws {
        try ScriptVerifier(signed, spending: spending).verify()
    }
}
