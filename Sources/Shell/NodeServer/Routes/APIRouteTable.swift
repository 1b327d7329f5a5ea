import NodeAPI

extension APIRoute {
    /// Every call of the interface.
    public static let all: [APIRoute] =
        unlocker + node + wallet + transactions + psbt + macaroons
        + peers + channels + openings + backups + network
        + invoices + payments + signedTexts + watchtowers

    private static let onchainRead = [Permission("onchain", "read")]
    private static let onchainWrite = [Permission("onchain", "write")]

    private static let node: [APIRoute] = [
        unary(.get, "/v1/getinfo", "/lnrpc.Lightning/GetInfo", [Permission("info", "read")]) {
            (context, _: Empty, reply) in context.service.getInfo(reply)
        },
        unary(.post, "/v1/stop", "/lnrpc.Lightning/StopDaemon", [Permission("info", "write")]) {
            (context, _: Empty, reply) in context.service.stop(reply)
        },
        unary(
            .post, "/v1/debuglevel", "/lnrpc.Lightning/DebugLevel", [Permission("info", "write")]
        ) { $0.service.debugLevel($1, $2) },
    ]

    private static let wallet: [APIRoute] = [
        unary(
            .get, "/v1/newaddress", "/lnrpc.Lightning/NewAddress", [Permission("address", "write")]
        ) { $0.service.newAddress($1, $2) },
        unary(
            .post, "/v2/wallet/address/next", "/walletrpc.WalletKit/NextAddr",
            [Permission("address", "read")]
        ) { $0.service.nextAddress($1, $2) },
        unary(
            .get, "/v1/balance/blockchain", "/lnrpc.Lightning/WalletBalance", onchainRead
        ) { $0.service.walletBalance($1, $2) },
        unary(.get, "/v1/utxos", "/lnrpc.Lightning/ListUnspent", onchainRead) {
            $0.service.listUnspent($1, $2)
        },
        unary(.post, "/v2/wallet/utxos", "/walletrpc.WalletKit/ListUnspent", onchainRead) {
            $0.service.listUnspent($1, $2)
        },
        unary(.get, "/v2/wallet/accounts", "/walletrpc.WalletKit/ListAccounts", onchainRead) {
            $0.service.listAccounts($1, $2)
        },
        unary(
            .post, "/v2/wallet/accounts/import", "/walletrpc.WalletKit/ImportAccount", onchainWrite
        ) { $0.service.importAccount($1, $2) },
        unary(.get, "/v2/wallet/addresses", "/walletrpc.WalletKit/ListAddresses", onchainRead) {
            $0.service.listAddresses($1, $2)
        },
    ]

    private static let transactions: [APIRoute] = [
        unary(.get, "/v1/transactions", "/lnrpc.Lightning/GetTransactions", onchainRead) {
            $0.service.transactions($1, $2)
        },
        unary(.post, "/v1/transactions", "/lnrpc.Lightning/SendCoins", onchainWrite) {
            $0.service.sendCoins($1, $2)
        },
        unary(.post, "/v1/transactions/many", "/lnrpc.Lightning/SendMany", onchainWrite) {
            $0.service.sendMany($1, $2)
        },
        unary(.get, "/v1/transactions/fee", "/lnrpc.Lightning/EstimateFee", onchainRead) {
            $0.service.estimateFee($1, $2)
        },
        stream(
            .get, "/v1/transactions/subscribe", "/lnrpc.Lightning/SubscribeTransactions",
            onchainRead
        ) { $0.service.subscribeTransactions($1, $2) },
        unary(
            .get, "/v2/wallet/estimatefee/{conf_target}", "/walletrpc.WalletKit/EstimateFee",
            onchainRead
        ) { $0.service.feeRate($1, $2) },
        unary(.get, "/v2/wallet/tx", "/walletrpc.WalletKit/GetTransaction", onchainRead) {
            $0.service.transaction($1, $2)
        },
        unary(.post, "/v2/wallet/tx", "/walletrpc.WalletKit/PublishTransaction", onchainWrite) {
            $0.service.publishTransaction($1, $2)
        },
        unary(.post, "/v2/wallet/tx/label", "/walletrpc.WalletKit/LabelTransaction", onchainWrite) {
            $0.service.labelTransaction($1, $2)
        },
        unary(.post, "/v2/wallet/bumpfee", "/walletrpc.WalletKit/BumpFee", onchainWrite) {
            $0.service.bumpFee($1, $2)
        },
        unary(
            .post, "/v2/wallet/BumpForceCloseFee", "/walletrpc.WalletKit/BumpForceCloseFee",
            onchainWrite
        ) { $0.service.bumpForceCloseFee($1, $2) },
    ]

    private static let psbt: [APIRoute] = [
        unary(.post, "/v2/wallet/utxos/lease", "/walletrpc.WalletKit/LeaseOutput", onchainWrite) {
            $0.service.leaseOutput($1, $2)
        },
        unary(
            .post, "/v2/wallet/utxos/release", "/walletrpc.WalletKit/ReleaseOutput", onchainWrite
        ) { $0.service.releaseOutput($1, $2) },
        unary(.post, "/v2/wallet/utxos/leases", "/walletrpc.WalletKit/ListLeases", onchainRead) {
            (context, _: Empty, reply) in context.service.listLeases(reply)
        },
        unary(.post, "/v2/wallet/psbt/fund", "/walletrpc.WalletKit/FundPsbt", onchainWrite) {
            $0.service.fundPSBT($1, $2)
        },
        unary(.post, "/v2/wallet/psbt/sign", "/walletrpc.WalletKit/SignPsbt", onchainWrite) {
            $0.service.signPSBT($1, $2)
        },
        unary(.post, "/v2/wallet/psbt/finalize", "/walletrpc.WalletKit/FinalizePsbt", onchainWrite)
        {
            $0.service.finalizePSBT($1, $2)
        },
    ]
}
