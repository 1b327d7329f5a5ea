import Bitcoin
import JSON
import RegtestChain
import TestSupport
import Testing

/// The same transactions and questions to a real bitcoind and to the embedded chain: the same answers, word for word.
@Suite(.serialized, .enabled(if: BitcoindProcess.isAvailable, "\(BitcoindProcess.reason)"))
struct DifferentialTests {
    typealias Spendable = (outPoint: OutPoint, amount: Satoshi)

    private func spend(
        _ coins: [Spendable], fee: Int64 = 1000, version: Int32 = 2,
        outputs: [(Int64, Script)] = [], sequence: UInt32 = 0xffff_fffd, lockTime: UInt32 = 0,
        witness: [[UInt8]] = [Differential.witnessScript.bytes]
    ) -> Transaction {
        let total = coins.reduce(Int64(0)) { $0 + $1.amount.value }
        let fixed = outputs.reduce(Int64(0)) { $0 + $1.0 }
        let all = outputs + [(total - fixed - fee, Differential.openScript)]
        return Transaction(
            version: version,
            inputs: coins.map {
                TransactionInput(
                    previousOutput: $0.outPoint, sequence: InputSequence(sequence),
                    witness: witness)
            },
            outputs: all.map { TransactionOutput(amount: Satoshi($0.0), scriptPubKey: $0.1) },
            lockTime: LockTime(lockTime))
    }

    private func coin(_ transaction: Transaction, _ index: Int = 0) -> Spendable {
        (OutPoint(transaction.id, UInt32(index)), transaction.outputs[index].amount)
    }

    private func hex(_ transaction: Transaction) -> JSONValue {
        .string(Hex.encode(transaction.encoded))
    }

    @Test("single transactions, whatever is wrong with them")
    func singles() throws {
        let both = try Differential(blocks: 110)
        let source = try both.takeCoin()
        let taproot = Script([0x51, 32] + [UInt8](repeating: 1, count: 32))
        var cases: [Transaction] = [0, 1, 3, 4, -1].map { spend([source], version: $0) }
        cases += [0, 1, 9, 10, 20_000_000, -1].map { spend([source], fee: $0) }
        cases += [
            (20_000, Script([0x51])), (239, .payToAnchor), (240, .payToAnchor), (329, taproot),
            (330, taproot), (0, .nullData([UInt8](repeating: 7, count: 81))),
            (0, .nullData([UInt8](repeating: 7, count: 80))), (-1, .payToAnchor),
            (2_100_000_000_000_001, .payToAnchor),
        ].map { spend([source], outputs: [$0]) }
        cases += [
            spend([source], outputs: [(0, .nullData([1])), (0, .nullData([2]))]),
            spend([source, source]), spend([(OutPoint(TransactionID(.zero), .max), Satoshi(0))]),
            spend([(OutPoint(source.outPoint.transactionID, 7), source.amount)]),
            spend([source], lockTime: 111), spend([source], lockTime: 110),
            spend([source], lockTime: 2_000_000_000), spend([source], sequence: 500),
            spend([source], sequence: 1 << 22 | 20_000),
            spend([source], sequence: 500, lockTime: 0),
            spend([source], witness: []), spend([source], witness: [[0x52]]),
            spend([source], witness: [[1], [0x51]]),
            spend([source], witness: [[UInt8](repeating: 1, count: 81), [0x51]]),
        ]
        for transaction in cases { try both.expectSame("testmempoolaccept", [hex(transaction)]) }
        for transaction in cases { try both.expectSame("sendrawtransaction", hex(transaction)) }
    }

    @Test("replacements, chains and restricted topology")
    func mempool() throws {
        let both = try Differential(blocks: 115)
        func offer(_ transaction: Transaction) throws {
            try both.expectSame("testmempoolaccept", [hex(transaction)], 0)
            try both.expectSame("sendrawtransaction", hex(transaction), 0)
        }
        let first = try both.takeCoin()
        let original = spend([first], fee: 10_000)
        try offer(original)
        try offer(original)
        for fee: Int64 in [9_000, 10_000, 10_005] { try offer(spend([first], fee: fee)) }
        let child = spend([coin(original)], fee: 50_000)
        try offer(child)
        try offer(spend([first], fee: 40_000))
        try offer(spend([first, coin(original)], fee: 200_000))
        try both.expectSame("getmempoolentry", .string("\(child.id)"))
        try offer(spend([first], fee: 100_000))

        var last = spend([try both.takeCoin()], outputs: [(10_000_000, Differential.openScript)])
        let root = last
        try offer(last)
        for _ in 1..<26 {
            last = spend([coin(last)])
            try offer(last)
        }
        try offer(spend([coin(root, 1)], fee: 5_000))

        let half = (Int64(2_000_000_000), Differential.openScript)
        let restricted = spend([try both.takeCoin()], version: 3, outputs: [half])
        try offer(restricted)
        try offer(spend([coin(restricted)]))
        let only = spend([coin(restricted)], fee: 2_000, version: 3)
        try offer(only)
        try offer(spend([coin(only)], version: 3))
        try offer(spend([coin(restricted, 1)], fee: 1_000, version: 3))
        try offer(spend([coin(restricted, 1)], fee: 5_000, version: 3))
        try both.mine()
        try both.expectSame("gettxoutsetinfo")
        try both.expectSame("getrawmempool")
    }

    @Test("packages of a child with its parents")
    func packages() throws {
        let both = try Differential(blocks: 110)
        func offer(_ package: Transaction...) throws {
            let all = JSONValue.array(package.map { hex($0) })
            try both.expectSame("testmempoolaccept", all, 0)
            try both.expectSame("submitpackage", all, 0)
        }
        let source = try both.takeCoin()
        let plain = spend([source], fee: 0)
        try offer(plain, spend([coin(plain)], fee: 10_000))
        let parent = spend([source], fee: 0, version: 3)
        let child = spend([coin(parent)], fee: 10_000, version: 3)
        try offer(parent, spend([coin(parent)], fee: 5, version: 3))
        try offer(child, parent)
        try offer(parent, parent)
        try offer(parent, spend([try both.takeCoin()]))
        try offer(parent, child)
        try offer(parent, child)

        let other = try both.takeCoin()
        let original = spend([other], fee: 3_000)
        try offer(original)
        let replacing = spend([other], fee: 0, version: 3)
        try offer(replacing, spend([coin(replacing)], fee: 3_010, version: 3))
        try offer(replacing, spend([coin(replacing)], fee: 20_000, version: 3))

        let third = try both.takeCoin()
        let dusty = spend([third], fee: 0, version: 3, outputs: [(0, .payToAnchor)])
        try offer(dusty, spend([coin(dusty, 1)], fee: 10_000, version: 3))
        var sweep = spend([coin(dusty, 1), coin(dusty, 0)], fee: 10_000, version: 3)
        sweep.inputs[1].witness = []
        try offer(dusty, sweep)
    }

    @Test("questions about blocks and transactions")
    func questions() throws {
        let both = try Differential(blocks: 105)
        let transaction = spend([try both.takeCoin()], outputs: [(1_000, .payToAnchor)])
        try both.expectSame("sendrawtransaction", hex(transaction))
        let id = JSONValue.string("\(transaction.id)")
        try both.expectSame("getrawtransaction", id, 1)
        try both.expectSame("getrawmempool", true)
        try both.mine()
        let best = try both.expectSame("getbestblockhash")
        for verbosity: JSONValue in [0, 1, 2, 3] {
            try both.expectSame("getblock", best, verbosity)
        }
        for verbosity: JSONValue in [0, 1, 2] {
            try both.expectSame("getrawtransaction", id, verbosity)
        }
        try both.expectSame("getblockheader", best)
        try both.expectSame("getblockfilter", best)
        try both.expectSame("getblockheader", best, false)
        try both.expectSame("gettxout", id, 0)
        try both.expectSame("gettxout", id, 9)
        try both.expectSame("getchaintips")
        try both.expectSame("getblockcount")
        try both.expectSame("getblockhash", 1)
        try both.expectSame("getblockhash", 999)
        try both.expectSame("getblock", "abc")
        try both.expectSame("getblock", .string(String(repeating: "a", count: 64)))
        try both.expectSame("getmempoolentry", id)
        try both.expectSame("submitblock", "00")
        try both.expectSame("sendrawtransaction", "00")
        try both.expectSame("sendrawtransaction", hex(transaction))
        try both.expectSame("invalidateblock", best)
        try both.expectSame("getrawmempool")
        try both.expectSame("gettxoutsetinfo")
        try both.expectSame("getchaintips")
        try both.expectSame("reconsiderblock", best)
        try both.expectSame("gettxoutsetinfo")
        try both.expectSame("decodescript", "76a914000000000000000000000000000000000000000088ac")
        try both.expectSame("decodescript", "00140000000000000000000000000000000000000000")
    }
}
