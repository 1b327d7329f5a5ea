import Bitcoin
import JSON
import RegtestChain

extension ChainService {
    /// Methods of the faucet, which hands out coins to those who try things out.
    static let walletMethods: [RPCMethod] = [
        RPCMethod(.wallet, "getnewaddress label? address_type?", "A new address of the faucet.") {
            (service, arguments) throws(RPCError) in
            let type = try arguments.optionalString(1) ?? "bech32"
            guard type == "bech32" else {
                throw RPCError(
                    RPCError.invalidAddressOrKey,
                    "Unknown address type '\(type)': the faucet has bech32 alone")
            }
            let script = service.changeFaucet { $0.nextScript() }
            return .string(Address(script: script, network: .regtest)?.description ?? "")
        },
        RPCMethod(.wallet, "getbalance dummy? minconf?", "What the faucet can hand out.") {
            (service, _) throws(RPCError) in
            let faucet = service.faucet.withLock { $0 }
            return try service.withChain { chain, _ in
                .amount(faucet.coins(in: chain).reduce(.zero) { $0 + $1.output.amount })
            }
        },
        RPCMethod(
            .wallet,
            "sendtoaddress address amount comment? comment_to? subtractfeefromamount? replaceable?"
                + " conf_target? estimate_mode? avoid_reuse? fee_rate?",
            "Sends bitcoin of the faucet to an address; fee_rate is in sat/vB."
        ) { (service, arguments) throws(RPCError) in try service.sendToAddress(arguments) },
        RPCMethod(.wallet, "listwallets", "The names of the wallets: the faucet's is empty.") {
            (_, _) throws(RPCError) in [""]
        },
    ]

    /// The rate that the faucet pays where there is no estimate: 20 sat/vB.
    private static let fallbackFeerate = FeeratePerKvB(20_000)

    private func sendToAddress(_ arguments: RPCArguments) throws(RPCError) -> JSONValue {
        let script = try ChainService.script(
            ofAddress: arguments.string(0), error: "Invalid Bitcoin address")
        guard let amount = try arguments.amount(1), amount > .zero else {
            throw RPCError(RPCError.typeError, "Invalid amount for send")
        }
        // A number in sat/vB with up to three decimals is one in sat/kvB, at a distance of five from bitcoin.
        let chosen = try arguments.amount(9).map { FeeratePerKvB($0.value / 100_000) }
        let output = TransactionOutput(amount: amount, scriptPubKey: script)
        return try withChain { (chain, now) throws(RPCError) in
            let estimate = chain.estimateFee(blocks: 6, isConservative: false, now: now)
            let feerate = chosen ?? estimate ?? ChainService.fallbackFeerate
            let paid = changeFaucet { $0.pay([output], feerate: feerate, from: chain) }
            guard let transaction = paid else {
                throw RPCError(RPCError.insufficientFunds, "Insufficient funds")
            }
            do throws(TransactionRejection) {
                return .id(try chain.submit(transaction, now: now).id)
            } catch {
                throw RPCError(error)
            }
        }
    }
}
