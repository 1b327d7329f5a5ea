import NodeAPI

/// What stands behind the routes: the running node.
///
/// Calls come from the server's loop, must return at once, and are answered then or later from any thread. A reply that
/// is dropped unanswered becomes an internal error.
public protocol NodeService:
    PeerService, ChannelService, BackupService, NetworkService, InvoiceService, PaymentService,
    SignedTextService, MetricsService
{
    /// How far the daemon has come: it decides which calls are let through.
    var state: WalletState { get }

    // Before there is an open wallet.

    /// Makes a seed, without storing it.
    func genSeed(_ request: GenSeedRequest, _ reply: Reply<GenSeedResponse>)
    /// Makes the wallet.
    func initWallet(_ request: InitWalletRequest, _ reply: Reply<Empty>)
    /// Opens the wallet.
    func unlockWallet(_ request: UnlockWalletRequest, _ reply: Reply<Empty>)
    /// Opens the wallet and encrypts it anew.
    func changePassword(_ request: ChangePasswordRequest, _ reply: Reply<Empty>)
    /// Tells the state now and whenever it changes.
    func subscribeState(_ subscriber: Subscriber<StateResponse>)

    // The node.

    /// What the node is and how far it has come.
    func getInfo(_ reply: Reply<GetInfoResponse>)
    /// Stops the daemon, after the reply.
    func stop(_ reply: Reply<StopResponse>)
    /// Sets how much the log tells, or tells of which parts it can.
    func debugLevel(_ request: DebugLevelRequest, _ reply: Reply<DebugLevelResponse>)

    // The wallet.

    /// An address to receive on.
    func newAddress(_ request: NewAddressRequest, _ reply: Reply<NewAddressResponse>)
    /// The next address, always an unused one.
    func nextAddress(_ request: AddrRequest, _ reply: Reply<AddrResponse>)
    /// The balance.
    func walletBalance(_ request: WalletBalanceRequest, _ reply: Reply<WalletBalanceResponse>)
    /// The coins.
    func listUnspent(_ request: ListUnspentRequest, _ reply: Reply<ListUnspentResponse>)
    /// The accounts.
    func listAccounts(_ request: ListAccountsRequest, _ reply: Reply<ListAccountsResponse>)
    /// The addresses.
    func listAddresses(_ request: ListAddressesRequest, _ reply: Reply<ListAddressesResponse>)

    // Transactions.

    /// The wallet's transactions.
    func transactions(_ request: GetTransactionsRequest, _ reply: Reply<TransactionDetails>)
    /// One transaction of the wallet.
    func transaction(_ request: GetTransactionRequest, _ reply: Reply<TransactionMessage>)
    /// Tells of every transaction of the wallet that enters the mempool or a block from now on.
    func subscribeTransactions(
        _ request: GetTransactionsRequest, _ subscriber: Subscriber<TransactionMessage>)
    /// Pays an address.
    func sendCoins(_ request: SendCoinsRequest, _ reply: Reply<TxidResponse>)
    /// Pays several addresses with one transaction.
    func sendMany(_ request: SendManyRequest, _ reply: Reply<TxidResponse>)
    /// What a payment would cost.
    func estimateFee(_ request: EstimateFeeRequest, _ reply: Reply<EstimateFeeResponse>)
    /// The fee rate for a time to confirm.
    func feeRate(_ request: FeeRateRequest, _ reply: Reply<FeeRateResponse>)
    /// Names a transaction.
    func labelTransaction(_ request: LabelTransactionRequest, _ reply: Reply<StatusResponse>)
    /// Sends a finished transaction.
    func publishTransaction(_ request: PublishTransactionRequest, _ reply: Reply<PublishResponse>)
    /// Raises the fee of an unconfirmed transaction.
    func bumpFee(_ request: BumpFeeRequest, _ reply: Reply<StatusResponse>)
    /// Has the commitment by which this side closes a channel pay more by its child.
    func bumpForceCloseFee(_ request: BumpForceCloseFeeRequest, _ reply: Reply<StatusResponse>)
    /// Watches an account of another wallet.
    func importAccount(_ request: ImportAccountRequest, _ reply: Reply<Empty>)

    // Leases and PSBTs.

    /// Keeps a coin from being spent by others.
    func leaseOutput(_ request: LeaseOutputRequest, _ reply: Reply<LeaseOutputResponse>)
    /// Gives a coin free.
    func releaseOutput(_ request: ReleaseOutputRequest, _ reply: Reply<StatusResponse>)
    /// The leases.
    func listLeases(_ reply: Reply<ListLeasesResponse>)
    /// Adds coins and change to a transaction.
    func fundPSBT(_ request: FundPsbtRequest, _ reply: Reply<FundPsbtResponse>)
    /// Signs what the wallet can sign.
    func signPSBT(_ request: SignPsbtRequest, _ reply: Reply<SignPsbtResponse>)
    /// Signs and makes the final transaction.
    func finalizePSBT(_ request: FinalizePsbtRequest, _ reply: Reply<FinalizePsbtResponse>)
}
