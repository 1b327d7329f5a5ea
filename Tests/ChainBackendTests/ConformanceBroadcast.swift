import Bitcoin
import ChainBackend
import Testing

/// Broadcasting one transaction.
extension ConformanceCase {
    /// Transactions that are refused, made from a fresh coin, with the word for the reason.
    private static let refused: [(String, String, @Sendable ((OutPoint, Satoshi)) -> Transaction)] =
        [
            ("no fee", "min relay fee not met", { OpenScript.spend([$0], fee: 0) }),
            (
                "outputs above the inputs", "bad-txns-in-belowout",
                { OpenScript.spend([$0], fee: -1) }
            ),
            (
                "an input that never was", "bad-txns-inputs-missingorspent",
                { OpenScript.spend([(OutPoint($0.0.transactionID, 7), $0.1)], fee: 1000) }
            ),
            (
                "dust", "dust",
                { coin in
                    var transaction = OpenScript.spend([coin], fee: 1000, outputs: 2)
                    transaction.outputs[1].amount = Satoshi(100)
                    return transaction
                }
            ),
            ("version 4", "version", { OpenScript.spend([$0], fee: 1000, version: 4) }),
            (
                "a script of no standard form", "scriptpubkey",
                { coin in
                    var transaction = OpenScript.spend([coin], fee: 1000)
                    transaction.outputs[0].scriptPubKey = Script([0x51])
                    return transaction
                }
            ),
            (
                "a lock time of the future", "non-final",
                { coin in
                    var transaction = OpenScript.spend([coin], fee: 1000)
                    transaction.lockTime = LockTime(400_000)
                    return transaction
                }
            ),
            (
                "a relative lock of the future", "non-BIP68-final",
                { coin in
                    var transaction = OpenScript.spend([coin], fee: 1000)
                    transaction.inputs[0].sequence = InputSequence(0xffff)
                    return transaction
                }
            ),
            (
                "no outputs", "bad-txns-vout-empty",
                { coin in
                    var transaction = OpenScript.spend([coin], fee: 1000)
                    transaction.outputs = []
                    return transaction
                }
            ),
            (
                "the same input twice", "bad-txns-inputs-duplicate",
                { OpenScript.spend([$0, $0], fee: 1000) }
            ),
        ]

    static let broadcasting =
        refused.map { name, reason, make in
            ConformanceCase("a transaction with \(name) is refused") { purse in
                let backend = purse.chain.backend
                let transaction = make(try purse.coin())
                #expect(try backend.testAccept(transaction) == .rejected(reason: reason))
                #expect(try backend.broadcast(transaction) == .rejected(reason: reason))
                #expect(try backend.mempoolTransaction(transaction.id) == nil)
            }
        } + [
            ConformanceCase("a wrong witness is refused with the script's error") { purse in
                let backend = purse.chain.backend
                var transaction = OpenScript.spend([try purse.coin()], fee: 1000)
                transaction.inputs[0].witness = [[0x52]]
                guard case .rejected(let reason) = try backend.broadcast(transaction) else {
                    Issue.record("accepted")
                    return
                }
                #expect(
                    reason.hasSuffix("-script-verify-flag-failed (Witness program hash mismatch)"))
                #expect(try backend.testAccept(transaction) == .rejected(reason: reason))
            },
            ConformanceCase("testing a transaction does not broadcast it") { purse in
                let backend = purse.chain.backend
                let transaction = OpenScript.spend([try purse.coin()], fee: 1000)
                #expect(try backend.testAccept(transaction) == .accepted)
                #expect(try backend.mempoolTransaction(transaction.id) == nil)
            },
            ConformanceCase("one that is there already or mined counts as accepted") { purse in
                let backend = purse.chain.backend
                let transaction = OpenScript.spend([try purse.coin()], fee: 1000)
                for _ in 0..<2 {
                    #expect(try backend.broadcast(transaction) == .accepted)
                    #expect(try backend.testAccept(transaction) == .accepted)
                }
                _ = try purse.chain.mine(1, to: OpenScript.output)
                #expect(try backend.broadcast(transaction) == .accepted)
                #expect(try backend.testAccept(transaction) == .accepted)
            },
            ConformanceCase("a coinbase output is refused before it is mature") { purse in
                let backend = purse.chain.backend
                let hash = try purse.chain.mine(1, to: OpenScript.output)[0]
                let coinbase = try backend.block(hash).transactions[0]
                #expect(
                    try backend.broadcast(OpenScript.spend(coinbase, fee: 1000))
                        == .rejected(reason: "bad-txns-premature-spend-of-coinbase"))
            },
            ConformanceCase("a replacement that pays more is accepted, one that pays less is not") {
                purse in
                let backend = purse.chain.backend
                let coin = try purse.coin()
                let first = OpenScript.spend([coin], fee: 5000)
                let cheaper = OpenScript.spend([coin], fee: 4000)
                let dearer = OpenScript.spend([coin], fee: 9000)
                #expect(try backend.broadcast(first) == .accepted)
                #expect(try backend.broadcast(cheaper) == .rejected(reason: "insufficient fee"))
                #expect(try backend.broadcast(dearer) == .accepted)
                #expect(try backend.mempoolTransaction(first.id) == nil)
                #expect(try backend.mempoolTransaction(dearer.id) == dearer)
            },
        ]
}

/// Broadcasting a child with its parents.
extension ConformanceCase {
    static let packages = [
        ConformanceCase("a TRUC parent without a fee is accepted with a child that pays") { purse in
            let backend = purse.chain.backend
            let parent = OpenScript.spend([try purse.coin()], fee: 0, version: 3)
            let child = OpenScript.spend(parent, fee: 2000, version: 3)
            #expect(
                try backend.broadcast(parent) == .rejected(reason: "min relay fee not met"))
            #expect(
                try backend.broadcast(child)
                    == .rejected(reason: "bad-txns-inputs-missingorspent"))
            #expect(try backend.broadcast(package: [parent, child]) == .accepted)
            #expect(try Set(backend.mempool()).isSuperset(of: [parent.id, child.id]))
            #expect(try backend.broadcast(package: [parent, child]) == .accepted)
        },
        ConformanceCase("a package whose child pays too little is refused whole") { purse in
            let backend = purse.chain.backend
            let parent = OpenScript.spend([try purse.coin()], fee: 0, version: 3)
            let child = OpenScript.spend(parent, fee: 1, version: 3)
            #expect(
                try backend.broadcast(package: [parent, child])
                    == .rejected(reason: "min relay fee not met"))
            #expect(try backend.mempoolTransaction(parent.id) == nil)
            #expect(try backend.mempoolTransaction(child.id) == nil)
        },
        ConformanceCase("a package of parents that are there already, or of one, is accepted") {
            purse in
            let backend = purse.chain.backend
            let parent = OpenScript.spend([try purse.coin()], fee: 1000)
            #expect(try backend.broadcast(package: [parent]) == .accepted)
            let child = OpenScript.spend(parent, fee: 1000)
            #expect(try backend.broadcast(package: [parent, child]) == .accepted)
            #expect(try backend.mempoolTransaction(child.id) == child)
        },
        ConformanceCase("a package whose parent was mined meanwhile is accepted") { purse in
            let backend = purse.chain.backend
            let parent = OpenScript.spend([try purse.coin()], fee: 1000, outputs: 2)
            #expect(try backend.broadcast(parent) == .accepted)
            _ = try purse.chain.mine(1, to: OpenScript.output)
            let child = OpenScript.spend(parent, fee: 1000)
            #expect(try backend.broadcast(package: [parent, child]) == .accepted)
            #expect(try backend.mempoolTransaction(child.id) == child)
        },
    ]
}
