import Bitcoin
import HTTP
import JSON
import TestSupport
import Testing

/// Partially signed transactions over the interface of a node as a user runs it.
@Suite(.serialized) struct PSBTOverTheInterface {
    @Test(
        "a PSBT is funded, signed, completed and published, with coins of two accounts",
        arguments: DaemonTests.chains)
    func published(_ kind: ChainProcess.Kind) throws {
        let chainFolder = try TemporaryFolder()
        let folder = try TemporaryFolder()
        let chain = try ChainProcess(kind, folder: chainFolder.path)
        let node = try NodeProcess(folder: folder.path, chain: chain)
        // Segwit nested in P2SH, and taproot.
        for type in [1, 4] { try chain.mine(1, to: node.newAddress(type)) }
        try chain.mine(100, to: Payee(0).address)
        try node.waitForTip(chain)

        let template = try template(node)
        let funded = try node.post(
            "/v2/wallet/psbt/fund",
            [
                "coin_select": ["psbt": .string(template.base64), "add": true],
                "sat_per_vbyte": "3",
            ])
        #expect(funded["change_output_index"]?.integer() == 1, "\(funded)")
        #expect(funded["locked_utxos"]?.array?.count == 1)
        #expect(try node.balance("locked_balance") == 10_000_000_000)

        let signed = try node.post(
            "/v2/wallet/psbt/sign", ["funded_psbt": funded["funded_psbt"] ?? ""])
        #expect(signed["signed_inputs"]?.array?.count == 2, "\(signed)")
        let final = try node.post(
            "/v2/wallet/psbt/finalize", ["funded_psbt": signed["signed_psbt"] ?? ""])
        let bytes = try #require(Base64.decode(final["raw_final_tx"]?.string ?? ""), "\(final)")
        let transaction = try Transaction(decoding: bytes)
        #expect(
            try transaction.inputs.first?.previousOutput
                == template.unsignedTransaction().inputs.first?.previousOutput)
        let published = try node.post(
            "/v2/wallet/tx",
            ["tx_hex": .string(Base64.encode(bytes)), "label": "from a template"])
        #expect(published["code"] == nil, "\(published)")
        let id = transaction.id.description
        try eventually("the mempool") {
            try chain.call("getrawmempool").array?.contains(.string(id)) ?? false
        }
        try chain.mine(1, to: Payee(0).address)
        try node.waitForTip(chain)
        #expect(try node.balance("locked_balance") == 0)
        #expect((999_990_000..<1_000_000_000).contains(try node.balance("confirmed_balance")))
        let listed = try node.get("/v1/transactions?start_height=-1&max_transactions=1")
        #expect(listed["transactions"]?.array?.first?["label"]?.string == "from a template")

        try checkAccounts(node)
    }

    /// A payment that takes the coins of both accounts and begins with one of them, which is leased by its caller.
    private func template(_ node: NodeProcess) throws -> PSBT {
        let coins = try node.post("/v2/wallet/utxos", ["min_confs": 1, "max_confs": 1_000])
        let first = try #require(coins["utxos"]?.array?.first?["outpoint"])
        let identifier = Base64.encode([UInt8](repeating: 5, count: 32))
        let lease = try node.post(
            "/v2/wallet/utxos/lease",
            ["id": .string(identifier), "outpoint": first, "expiration_seconds": "600"])
        #expect(lease["expiration"] != nil, "\(lease)")
        let input = try TransactionInput(
            previousOutput: OutPoint(
                #require(TransactionID(first["txid_str"]?.string ?? "")),
                #require(first["output_index"]?.integer())))
        return PSBT(
            Transaction(
                inputs: [input],
                outputs: [
                    TransactionOutput(
                        amount: Satoshi(9_000_000_000), scriptPubKey: Payee(1).script)
                ]))
    }

    /// The change is listed among the addresses, and the accounts by the keys to watch them.
    private func checkAccounts(_ node: NodeProcess) throws {
        let accounts = try node.get("/v2/wallet/accounts")["accounts"]?.array ?? []
        let prefixes = accounts.map { String($0["extended_public_key"]?.string?.prefix(4) ?? "") }
        #expect(prefixes == ["upub", "vpub", "tpub"])
        let lists = try node.get("/v2/wallet/addresses")["account_with_addresses"]?.array ?? []
        let addresses = lists.flatMap { $0["addresses"]?.array ?? [] }
        let change = addresses.filter { $0["is_internal"]?.bool == true }
        #expect(change.map { $0["derivation_path"]?.string } == ["m/86'/1'/0'/1/0"])
        #expect(change.first?["balance"]?.string == "\(try node.balance())")
    }
}
