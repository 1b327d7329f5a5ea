import Bitcoin
import LightningCommitment
import LightningWire
import TestSupport
import Testing

/// BOLT 3, appendix G: a funding transaction that both sides pay for.
@Suite("Dual funding of BOLT 3") struct SharedTransactionVectors {
    static let file = VectorFile("bolt/bolt03-appendix-g-dual-funding.txt")

    /// The appendix, whose values are found by what stands before them.
    struct Appendix {
        let lines: [String]

        init(_ text: String) {
            lines = text.split(separator: "\n").map { line in
                String(line.drop { $0 == " " || $0 == "\t" })
            }
        }

        /// What follows `name` and a colon, wherever a line begins so, without quotes and commas.
        func values(_ name: String) -> [String] {
            lines.filter { $0.hasPrefix("\(name):") }.map { line in
                line.dropFirst(name.count + 1).filter { !" \",".contains($0) }
            }
        }

        /// The line of hexadecimal digits after the heading.
        func transaction(after heading: String) throws -> Transaction {
            let start = try #require(lines.firstIndex { $0.hasPrefix(heading) })
            let line = try #require(lines[start...].first { $0.hasPrefix("02000000") })
            return try Transaction(hex: line)
        }

        /// The headings under which something is expected: one case each.
        var cases: Int {
            lines.count {
                $0.hasPrefix("###")
                    && ["Expected", "Accepter's fees", "Unsigned", "Signed"].contains(
                        where: $0.drop { "# ".contains($0) }.hasPrefix)
            }
        }

        /// The `tx_add_input` of either side, opener first.
        func inputs() throws -> [TxAddInput] {
            let (serials, transactions) = (values("serial_id"), values("prevtx"))
            let (indices, sequences) = (values("prev_vout"), values("sequence"))
            return try (0..<2).map {
                TxAddInput(
                    channelID: .all, serialID: try #require(UInt64(serials[$0])),
                    previousTransaction: try Hex.decode(transactions[$0]),
                    previousOutputIndex: try #require(UInt32(indices[$0])),
                    sequence: InputSequence(try #require(UInt32(sequences[$0]))))
            }
        }

        /// The `tx_add_output` of both sides: the opener's change, the funding, the accepter's change.
        func outputs() throws -> [TxAddOutput] {
            let serials = values("serial_id").dropFirst(2)
            // Each script has its length before it.
            let scripts = values("script").filter { $0.hasPrefix("16") || $0.hasPrefix("22") }
            return try zip(serials, zip(values("sats"), scripts)).map { serial, rest in
                TxAddOutput(
                    channelID: .all, serialID: try #require(UInt64(serial)),
                    amount: Satoshi(try #require(Int64(rest.0))),
                    script: try Script(hex: rest.1.dropFirst(2)))
            }
        }
    }

    @Test(
        "both sides' funding transaction is built and signed to the byte",
        .enabled(if: file.isPresent, "shared/vectors is not there"))
    func dualFunding() throws {
        let appendix = Appendix(try Self.file.text())
        let inputs = try appendix.inputs().map {
            try SharedInput($0, from: ConstructionParty(serialID: $0.serialID))
        }
        let outputs = try appendix.outputs().map {
            try SharedOutput(
                $0, from: ConstructionParty(serialID: $0.serialID), dustLimit: Satoshi(294))
        }
        let lockTime = LockTime(try #require(UInt32(appendix.values("Locktime")[0])))
        let shared = try SharedTransaction(inputs: inputs, outputs: outputs, lockTime: lockTime)
        let unsigned = try appendix.transaction(after: "### Unsigned Funding Transaction")
        let signed = try appendix.transaction(after: "#### Signed Funding Transaction")

        var results: [(Bool, String)] = []
        let parent = inputs[0].outPoint.transactionID
        results.append((inputs[0].outPoint == OutPoint(parent, 0), "opener's input"))
        results.append((inputs[1].outPoint == OutPoint(parent, 2), "accepter's input"))
        results += try fees(shared, appendix)
        results.append((shared.transaction == unsigned, "unsigned transaction"))
        let witnesses = try witnesses(shared, appendix)
        let expected = appendix.values("witness_data").filter { !$0.isEmpty }.map { $0 }
        let identifiers = appendix.values("txid")
        for (index, party) in ["opener", "accepter"].enumerated() {
            let isRight =
                Hex.encode(WitnessData(items: witnesses[index]).bytes) == expected[index]
                && identifiers[index] == "\(shared.transaction.id)"
            results.append((isRight, "\(party)'s signatures"))
        }
        let received = try expected.map { try WitnessData(Hex.decode($0)).items() }
        let complete = try shared.signed(initiator: [received[0]], nonInitiator: [received[1]])
        results.append((complete == signed, "signed transaction"))
        try ScriptJudge.verify(complete, spending: shared.inputs.map(\.spentOutput))

        for (isRight, name) in results { #expect(isRight, "\(name)") }
        #expect(appendix.cases == 10)
        Self.file.record(
            cases: appendix.cases, run: results.count, passed: results.count { $0.0 })
    }

    /// The outputs and the fees of which their change is the rest, for either side.
    func fees(
        _ shared: SharedTransaction, _ appendix: Appendix
    ) throws -> [(Bool, String)] {
        let feerate = FeeratePerKw(253)
        func change(_ party: ConstructionParty) -> Satoshi {
            shared.totalInput(party) - Satoshi(200_000_000)
                - shared.fee(owedBy: party, feerate: feerate, witnessWeight: .zero)
        }
        let script = FundingScript(
            try PublicKey(Hex.decode(appendix.values("pubkey2")[0])),
            try PublicKey(Hex.decode(appendix.values("pubkey1")[0])))
        let outputs = try appendix.outputs()
        let (opener, accepter) = (ConstructionParty.initiator, ConstructionParty.nonInitiator)
        return [
            (
                outputs[0].amount == change(opener)
                    && outputs[1].script == script.scriptPubKey
                    && outputs[1].amount == Satoshi(400_000_000), "opener's outputs"
            ),
            (outputs[2].amount == change(accepter), "accepter's output"),
            (
                shared.weight(of: opener, witnessWeight: Weight(71)) == Weight(609)
                    && shared.fee(
                        owedBy: opener, feerate: feerate, witnessWeight: Weight(71))
                        == Satoshi(155),
                "opener's fee"
            ),
            (
                shared.weight(of: accepter, witnessWeight: Weight(99)) == Weight(395)
                    && shared.fee(
                        owedBy: accepter, feerate: feerate, witnessWeight: Weight(99))
                        == Satoshi(100),
                "accepter's fee"
            ),
        ]
    }

    /// The witnesses that either side makes: the opener's preimage and script, the accepter's signature and key.
    func witnesses(
        _ shared: SharedTransaction, _ appendix: Appendix
    ) throws -> [[[UInt8]]] {
        let items = [appendix.values("preimage")[0], appendix.values("witness_script")[0]]
        let opener = try items.map { try Array(Hex.decode($0).dropFirst()) }
        // The second key in the list of inputs is the accepter's.
        let key = try WIF(appendix.values("privkey")[0], network: .regtest).key
        let index = try #require(shared.inputIndices(.nonInitiator).first)
        let hash = SignatureHash.segwitV0(
            shared.transaction, input: index,
            scriptCode: .payToPublicKeyHash(of: key.publicKey),
            amount: shared.inputs[index].spentOutput.amount, type: .all)
        let signature = key.sign(hash).witnessItem()
        return [opener, [signature, key.publicKey.compressed]]
    }
}
