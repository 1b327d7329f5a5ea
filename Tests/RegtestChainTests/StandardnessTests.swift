import Bitcoin
import RegtestChain
import Testing

@Suite("Relay policy") struct StandardnessTests {
    @Test("a transaction that keeps to the rules is accepted, and a second time it is known")
    func accepted() throws {
        var fixture = try Fixture(spendable: 1)
        let transaction = fixture.spend([fixture.takeCoin()])
        #expect(fixture.verdict(on: transaction) == "accepted")
        #expect(fixture.verdict(on: transaction) == "txn-already-in-mempool")
        try fixture.mine()
        #expect(fixture.verdict(on: transaction) == "txn-already-known")
    }

    @Test("versions 1 to 3 are standard", arguments: [0, 1, 2, 3, 4, -1] as [Int32])
    func versions(version: Int32) throws {
        var fixture = try Fixture(spendable: 1)
        let transaction = fixture.spend([fixture.takeCoin()], version: version)
        let expected = (1...3).contains(version) ? "accepted" : "version"
        #expect(fixture.verdict(on: transaction) == expected)
    }

    @Test("output scripts outside the usual forms are refused")
    func outputScripts() throws {
        var fixture = try Fixture(spendable: 1)
        let coin = fixture.takeCoin()
        let key = fixture.key.publicKey
        let data = [UInt8](repeating: 7, count: 81)
        let tooMuch = Script.nullData(data)
        let most = Script.nullData(Array(data.dropLast()))
        let multisig = try (3...4).map { count in
            try Script.multisig(required: 1, Array(repeating: key, count: count))
        }
        let one = Script.nullData([1])
        let cases: [(String, [Script])] = [
            ("scriptpubkey", [Script([0x51])]),
            ("scriptpubkey", [multisig[1]]),
            ("scriptpubkey", [tooMuch]),
            ("multi-op-return", [one, one]),
            ("accepted", [multisig[0], most, .payToAnchor]),
        ]
        for (expected, scripts) in cases {
            let outputs = scripts.map {
                fixture.output($0.isUnspendable ? 0 : 20_000, to: $0)
            }
            let rest = coin.output.amount.value - 100_000
            let transaction = fixture.spend([coin], outputs: outputs + [fixture.output(rest)])
            #expect(fixture.verdict(on: transaction) == expected)
        }
    }

    @Test("scripts of inputs only push, and not much")
    func inputScripts() throws {
        var fixture = try Fixture(spendable: 1)
        var transaction = fixture.spend([fixture.takeCoin()])
        transaction.inputs[0].scriptSig = Script([0x76])
        #expect(fixture.verdict(on: transaction) == "scriptsig-not-pushonly")
        transaction.inputs[0].scriptSig = Script([UInt8](repeating: 0, count: 1651))
        #expect(fixture.verdict(on: transaction) == "scriptsig-size")
    }

    @Test("a transaction below 65 bytes is refused")
    func tooSmall() throws {
        var fixture = try Fixture(spendable: 1)
        let transaction = fixture.spend(
            [fixture.takeCoin()], outputs: [fixture.output(0, to: Script([0x6a]))])
        #expect(fixture.verdict(on: transaction) == "tx-size-small")
    }

    @Test(
        "the threshold of dust is that of the script",
        arguments: [
            (Script.payToAnchor, 240), (Script([0, 20] + [UInt8](repeating: 1, count: 20)), 294),
            (Script([0, 32] + [UInt8](repeating: 1, count: 32)), 330),
            (Script([0x51, 32] + [UInt8](repeating: 1, count: 32)), 330),
            (Script([0x76, 0xa9, 20] + [UInt8](repeating: 1, count: 20) + [0x88, 0xac]), 546),
            (Script([0xa9, 20] + [UInt8](repeating: 1, count: 20) + [0x87]), 540),
        ] as [(Script, Int64)])
    func dust(script: Script, threshold: Int64) throws {
        #expect(RelayPolicy().dustThreshold(for: script) == Satoshi(threshold))
        var fixture = try Fixture(spendable: 1)
        let coin = fixture.takeCoin()
        let below = fixture.spend(
            [coin], outputs: [fixture.output(threshold - 1, to: script), fixture.output(100_000)])
        #expect(fixture.verdict(on: below) == "dust")
        let exact = fixture.spend(
            [coin],
            outputs: [
                fixture.output(threshold, to: script),
                fixture.output(coin.output.amount.value - threshold - 1000),
            ])
        #expect(fixture.verdict(on: exact) == "accepted")
    }

    @Test("the least fee is asked for to the satoshi")
    func minimumFee() throws {
        var fixture = try Fixture(spendable: 1)
        let coin = fixture.takeCoin()
        let size = fixture.spend([coin]).virtualSize
        let needed = RelayPolicy().minimumRelayFeerate.fee(for: size)
        let short = fixture.spend([coin], fee: needed.value - 1)
        #expect(
            throws: TransactionRejection.belowMinimumRelay(
                fee: needed - Satoshi(1), needed: needed, childMayPay: false)
        ) {
            try fixture.submit(short)
        }
        #expect(fixture.verdict(on: fixture.spend([coin], fee: needed.value)) == "accepted")
    }

    @Test("inputs must be there, deep enough and worth what is paid")
    func inputs() throws {
        var fixture = try Fixture(spendable: 1)
        let coin = fixture.takeCoin()
        let missing = OutPoint(coin.outPoint.transactionID, 7)
        #expect(
            fixture.verdict(on: fixture.spend([(missing, coin.output)]))
                == "bad-txns-inputs-missingorspent")
        #expect(fixture.verdict(on: fixture.spend([coin], fee: -1)) == "bad-txns-in-belowout")
        let hash = try fixture.mine()
        let young = try #require(fixture.chain.block(hash))
        let coinbase = young.block.transactions[0]
        #expect(
            fixture.verdict(on: fixture.spend([fixture.coin(coinbase)]))
                == "bad-txns-premature-spend-of-coinbase")
        #expect(fixture.verdict(on: coinbase) == "coinbase")
    }

    @Test("lock times and relative locks hold until the height after the tip")
    func locks() throws {
        var fixture = try Fixture(spendable: 2)
        let height = fixture.chain.tip.height
        let coin = fixture.takeCoin()
        let later = fixture.spend([coin], lockTime: LockTime(height.value + 1))
        #expect(fixture.verdict(on: later) == "non-final")
        #expect(
            fixture.verdict(on: fixture.spend([coin], lockTime: LockTime(height.value)))
                == "accepted")
        let parent = fixture.spend([fixture.takeCoin()])
        try fixture.submit(parent)
        try fixture.mine()
        let relative = fixture.spend([fixture.coin(parent)], sequence: .relative(blocks: 2))
        #expect(fixture.verdict(on: relative) == "non-BIP68-final")
        try fixture.mine()
        #expect(fixture.verdict(on: relative) == "accepted")
    }

    @Test("a wrong signature breaks consensus, a careless one relay policy")
    func scripts() throws {
        var fixture = try Fixture(spendable: 1)
        var transaction = fixture.spend([fixture.takeCoin()])
        let good = transaction.inputs[0].witness
        transaction.inputs[0].witness[0] = []
        #expect(
            fixture.verdict(on: transaction)
                == "mandatory-script-verify-flag-failed (Script evaluated without error but finished"
                + " with a false/empty top stack element)")
        transaction.inputs[0].witness = good
        transaction.inputs[0].witness[0][good[0].count - 1] = 0x41
        #expect(
            fixture.verdict(on: transaction)
                == "mandatory-script-verify-flag-failed (Script evaluated without error but finished"
                + " with a false/empty top stack element)")
    }

    @Test("a witness for an output that takes none is refused, and so is a large one")
    func witnesses() throws {
        var fixture = try Fixture(spendable: 2)
        let coin = fixture.takeCoin()
        let witnessScript = Script([0x75, 0x51])
        let scriptHash = Script.payToWitnessScriptHash(of: witnessScript)
        let parent = fixture.spend(
            [coin],
            outputs: [
                fixture.output(50_000, to: scriptHash), fixture.output(50_000, to: .payToAnchor),
            ], version: 2)
        try fixture.submit(fixture.spend([fixture.takeCoin()]))
        #expect(fixture.verdict(on: parent) == "accepted")
        var child = fixture.spend(
            [fixture.coin(parent, 0)], outputs: [fixture.output(40_000)])
        child.inputs[0].witness = [[UInt8](repeating: 1, count: 81), witnessScript.bytes]
        #expect(fixture.verdict(on: child) == "bad-witness-nonstandard")
        child.inputs[0].witness[0].removeLast()
        #expect(fixture.verdict(on: child) == "accepted")
        var anchor = fixture.spend([fixture.coin(parent, 1)], outputs: [fixture.output(40_000)])
        anchor.inputs[0].witness = [[1]]
        #expect(fixture.verdict(on: anchor) == "bad-witness-nonstandard")
        anchor.inputs[0].witness = []
        #expect(fixture.verdict(on: anchor) == "accepted")
    }
}
