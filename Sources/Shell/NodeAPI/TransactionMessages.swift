/// Asks for the wallet's transactions.
public struct GetTransactionsRequest: APIMessage {
    /// The first height.
    public var startHeight: Int32 = 0
    /// The last height; 0 or -1 for the tip, with those that have no height yet.
    public var endHeight: Int32 = 0
    /// The account; empty for all of them.
    public var account: String = ""
    /// How many to skip.
    public var indexOffset: UInt32 = 0
    /// The most to return; 0 for no limit.
    public var maxTransactions: UInt32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("start_height", &startHeight)
        try fields.field("end_height", &endHeight)
        try fields.field("account", &account)
        try fields.field("index_offset", &indexOffset)
        try fields.field("max_transactions", &maxTransactions)
    }
}

/// Asks for one transaction of the wallet.
public struct GetTransactionRequest: APIMessage {
    /// Its identifier.
    public var txid: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("txid", &txid)
    }
}

/// An output of a transaction.
public struct OutputDetail: APIMessage {
    /// The kind of its script.
    public var outputType: OutputScriptType = .pubkeyHash
    /// The address that it pays, where it has one.
    public var address: String = ""
    /// Its script in hexadecimal.
    public var pkScript: String = ""
    /// Its position.
    public var outputIndex: Int64 = 0
    /// Its amount in satoshis.
    public var amount: Int64 = 0
    /// Whether the wallet can spend it.
    public var isOurAddress: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("output_type", &outputType)
        try fields.field("address", &address)
        try fields.field("pk_script", &pkScript)
        try fields.field("output_index", &outputIndex)
        try fields.field("amount", &amount)
        try fields.field("is_our_address", &isOurAddress)
    }
}

/// An output that a transaction spends.
public struct PreviousOutPoint: APIMessage {
    /// The output, `txid:index`.
    public var outpoint: String = ""
    /// Whether it was the wallet's.
    public var isOurOutput: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("outpoint", &outpoint)
        try fields.field("is_our_output", &isOurOutput)
    }
}

/// A transaction of the wallet.
public struct TransactionMessage: APIMessage {
    /// Its identifier.
    public var txHash: String = ""
    /// What it added to the wallet, in satoshis; negative where it spent.
    public var amount: Int64 = 0
    /// How often it is confirmed; 0 in the mempool.
    public var numConfirmations: Int32 = 0
    /// Its block; empty without one.
    public var blockHash: String = ""
    /// The height of its block; 0 without one.
    public var blockHeight: Int32 = 0
    /// When it was seen or mined, in seconds since 1970.
    public var timeStamp: Int64 = 0
    /// The fee, in satoshis, where the wallet paid it.
    public var totalFees: Int64 = 0
    /// The addresses that it pays.
    public var destAddresses: [String] = []
    /// Its outputs.
    public var outputDetails: [OutputDetail] = []
    /// All of it in hexadecimal.
    public var rawTxHex: String = ""
    /// What its owner calls it.
    public var label: String = ""
    /// What it spends.
    public var previousOutpoints: [PreviousOutPoint] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("tx_hash", &txHash)
        try fields.field("amount", &amount)
        try fields.field("num_confirmations", &numConfirmations)
        try fields.field("block_hash", &blockHash)
        try fields.field("block_height", &blockHeight)
        try fields.field("time_stamp", &timeStamp)
        try fields.field("total_fees", &totalFees)
        try fields.field("dest_addresses", &destAddresses)
        try fields.field("output_details", &outputDetails)
        try fields.field("raw_tx_hex", &rawTxHex)
        try fields.field("label", &label)
        try fields.field("previous_outpoints", &previousOutpoints)
    }
}

/// Transactions of the wallet, newest first.
public struct TransactionDetails: APIMessage {
    /// The transactions.
    public var transactions: [TransactionMessage] = []
    /// The index of the last one among all.
    public var lastIndex: UInt64 = 0
    /// The index of the first one among all.
    public var firstIndex: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("transactions", &transactions)
        try fields.field("last_index", &lastIndex)
        try fields.field("first_index", &firstIndex)
    }
}

/// Pays an address.
public struct SendCoinsRequest: APIMessage {
    /// The address.
    public var addr: String = ""
    /// The amount in satoshis.
    public var amount: Int64 = 0
    /// Within how many blocks it should confirm, where no fee rate is given.
    public var targetConf: Int32 = 0
    /// The fee rate; 0 for an estimate.
    public var satPerVbyte: UInt64 = 0
    /// The fee rate by its old name.
    public var satPerByte: Int64 = 0
    /// Whether everything is sent; the amount is then to be 0.
    public var sendAll: Bool = false
    /// What to call the transaction.
    public var label: String = ""
    /// The confirmations that coins must have; 0 stands for 1 unless unconfirmed ones may be spent.
    public var minConfs: Int32 = 0
    /// Whether coins without a confirmation may be spent.
    public var spendUnconfirmed: Bool = false
    /// How coins are chosen.
    public var coinSelectionStrategy: CoinSelectionStrategy = .useGlobalConfig
    /// The coins to spend; none leaves the choice to the wallet.
    public var outpoints: [OutPointMessage] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("addr", &addr)
        try fields.field("amount", &amount)
        try fields.field("target_conf", &targetConf)
        try fields.field("sat_per_vbyte", &satPerVbyte)
        try fields.field("sat_per_byte", &satPerByte)
        try fields.field("send_all", &sendAll)
        try fields.field("label", &label)
        try fields.field("min_confs", &minConfs)
        try fields.field("spend_unconfirmed", &spendUnconfirmed)
        try fields.field("coin_selection_strategy", &coinSelectionStrategy)
        try fields.field("outpoints", &outpoints)
    }
}

/// A transaction was sent.
public struct TxidResponse: APIMessage {
    /// Its identifier.
    public var txid: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("txid", &txid)
    }
}

/// Pays several addresses with one transaction.
public struct SendManyRequest: APIMessage {
    /// The amounts in satoshis by address.
    public var amountByAddress: [String: Int64] = [:]
    /// Within how many blocks it should confirm, where no fee rate is given.
    public var targetConf: Int32 = 0
    /// The fee rate; 0 for an estimate.
    public var satPerVbyte: UInt64 = 0
    /// The fee rate by its old name.
    public var satPerByte: Int64 = 0
    /// What to call the transaction.
    public var label: String = ""
    /// The confirmations that coins must have; 0 stands for 1 unless unconfirmed ones may be spent.
    public var minConfs: Int32 = 0
    /// Whether coins without a confirmation may be spent.
    public var spendUnconfirmed: Bool = false
    /// How coins are chosen.
    public var coinSelectionStrategy: CoinSelectionStrategy = .useGlobalConfig

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("AddrToAmount", &amountByAddress)
        try fields.field("target_conf", &targetConf)
        try fields.field("sat_per_vbyte", &satPerVbyte)
        try fields.field("sat_per_byte", &satPerByte)
        try fields.field("label", &label)
        try fields.field("min_confs", &minConfs)
        try fields.field("spend_unconfirmed", &spendUnconfirmed)
        try fields.field("coin_selection_strategy", &coinSelectionStrategy)
    }
}

/// Asks what a payment would cost.
public struct EstimateFeeRequest: APIMessage {
    /// The amounts in satoshis by address.
    public var amountByAddress: [String: Int64] = [:]
    /// Within how many blocks it should confirm.
    public var targetConf: Int32 = 0
    /// The confirmations that coins must have.
    public var minConfs: Int32 = 0
    /// Whether coins without a confirmation may be spent.
    public var spendUnconfirmed: Bool = false
    /// How coins are chosen.
    public var coinSelectionStrategy: CoinSelectionStrategy = .useGlobalConfig
    /// The coins to spend; none leaves the choice to the wallet.
    public var inputs: [OutPointMessage] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("AddrToAmount", &amountByAddress)
        try fields.field("target_conf", &targetConf)
        try fields.field("min_confs", &minConfs)
        try fields.field("spend_unconfirmed", &spendUnconfirmed)
        try fields.field("coin_selection_strategy", &coinSelectionStrategy)
        try fields.field("inputs", &inputs)
    }
}

/// What a payment would cost.
public struct EstimateFeeResponse: APIMessage {
    /// The fee in satoshis.
    public var feeSat: Int64 = 0
    /// The fee rate by its old name.
    public var feerateSatPerByte: Int64 = 0
    /// The fee rate.
    public var satPerVbyte: UInt64 = 0
    /// The coins that would be spent.
    public var inputs: [OutPointMessage] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("fee_sat", &feeSat)
        try fields.field("feerate_sat_per_byte", &feerateSatPerByte)
        try fields.field("sat_per_vbyte", &satPerVbyte)
        try fields.field("inputs", &inputs)
    }
}

/// Asks for a fee rate.
public struct FeeRateRequest: APIMessage {
    /// Within how many blocks a transaction should confirm.
    public var confTarget: Int32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("conf_target", &confTarget)
    }
}

/// A fee rate.
public struct FeeRateResponse: APIMessage {
    /// Satoshis for a thousand units of weight.
    public var satPerKw: Int64 = 0
    /// The least that the mempool takes.
    public var minRelayFeeSatPerKw: Int64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("sat_per_kw", &satPerKw)
        try fields.field("min_relay_fee_sat_per_kw", &minRelayFeeSatPerKw)
    }
}

/// Names a transaction.
public struct LabelTransactionRequest: APIMessage {
    /// Its identifier in the order of bytes that is hashed.
    public var txid: [UInt8] = []
    /// The name.
    public var label: String = ""
    /// Whether it may take the place of another.
    public var overwrite: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("txid", &txid)
        try fields.field("label", &label)
        try fields.field("overwrite", &overwrite)
    }
}

/// Something was done.
public struct StatusResponse: APIMessage {
    /// What was done.
    public var status: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("status", &status)
    }
}

/// Sends a finished transaction.
public struct PublishTransactionRequest: APIMessage {
    /// The transaction.
    public var txHex: [UInt8] = []
    /// What to call it.
    public var label: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("tx_hex", &txHex)
        try fields.field("label", &label)
    }
}

/// A transaction was sent, or not.
public struct PublishResponse: APIMessage {
    /// Why not; empty where it was.
    public var publishError: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("publish_error", &publishError)
    }
}

/// Raises the fee of an unconfirmed transaction.
public struct BumpFeeRequest: APIMessage {
    /// An output of it that the wallet can spend, or that it spends.
    public var outpoint: OutPointMessage?
    /// Within how many blocks it should confirm, where no fee rate is given.
    public var targetConf: UInt32 = 0
    /// The fee rate by its old name.
    public var satPerByte: UInt32 = 0
    /// Ignored; kept for older clients.
    public var force: Bool = false
    /// The fee rate; 0 for an estimate.
    public var satPerVbyte: UInt64 = 0
    /// Whether it is sent at once rather than with the next block.
    public var immediate: Bool = false
    /// The most that may be paid, in satoshis; 0 for no such bound.
    public var budget: UInt64 = 0
    /// Within how many blocks the whole budget may be spent.
    public var deadlineDelta: UInt32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("outpoint", &outpoint)
        try fields.field("target_conf", &targetConf)
        try fields.field("sat_per_byte", &satPerByte)
        try fields.field("force", &force)
        try fields.field("sat_per_vbyte", &satPerVbyte)
        try fields.field("immediate", &immediate)
        try fields.field("budget", &budget)
        try fields.field("deadline_delta", &deadlineDelta)
    }
}

/// Asks for a higher fee of the commitment by which this side closes a channel.
public struct BumpForceCloseFeeRequest: APIMessage {
    /// The channel.
    public var chanPoint: ChannelPoint?
    /// Within how many blocks it should confirm; the same as the target here.
    public var deadlineDelta: UInt32 = 0
    /// The fee rate in satoshis for a virtual byte; 0 for an estimate.
    public var startingFeerate: UInt64 = 0
    /// Accepted as in lnd: it is always sent at once.
    public var immediate: Bool = false
    /// The most that may be paid, in satoshis; 0 for as much as the node would pay by itself.
    public var budget: UInt64 = 0
    /// Within how many blocks it should confirm, where no fee rate is given.
    public var targetConf: UInt32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("chan_point", &chanPoint)
        try fields.field("deadline_delta", &deadlineDelta)
        try fields.field("starting_feerate", &startingFeerate)
        try fields.field("immediate", &immediate)
        try fields.field("budget", &budget)
        try fields.field("target_conf", &targetConf)
    }
}
