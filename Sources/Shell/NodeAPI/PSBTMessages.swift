/// Keeps a coin from being spent by others.
public struct LeaseOutputRequest: APIMessage {
    /// Who holds the lease, 32 bytes.
    public var id: [UInt8] = []
    /// The coin.
    public var outpoint: OutPointMessage?
    /// For how long, in seconds; 0 stands for ten minutes.
    public var expirationSeconds: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("id", &id)
        try fields.field("outpoint", &outpoint)
        try fields.field("expiration_seconds", &expirationSeconds)
    }
}

/// A coin is leased.
public struct LeaseOutputResponse: APIMessage {
    /// Until when, in seconds since 1970.
    public var expiration: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("expiration", &expiration)
    }
}

/// Gives a coin free.
public struct ReleaseOutputRequest: APIMessage {
    /// Who holds the lease, 32 bytes.
    public var id: [UInt8] = []
    /// The coin.
    public var outpoint: OutPointMessage?

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("id", &id)
        try fields.field("outpoint", &outpoint)
    }
}

/// A coin under a lease.
public struct UtxoLease: APIMessage {
    /// Who holds the lease, 32 bytes.
    public var id: [UInt8] = []
    /// The coin.
    public var outpoint: OutPointMessage?
    /// Until when, in seconds since 1970.
    public var expiration: UInt64 = 0
    /// Its output script.
    public var pkScript: [UInt8] = []
    /// Its amount in satoshis.
    public var value: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("id", &id)
        try fields.field("outpoint", &outpoint)
        try fields.field("expiration", &expiration)
        try fields.field("pk_script", &pkScript)
        try fields.field("value", &value)
    }
}

/// The leases.
public struct ListLeasesResponse: APIMessage {
    /// The coins under a lease.
    public var lockedUtxos: [UtxoLease] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("locked_utxos", &lockedUtxos)
    }
}

/// A transaction to be.
public struct TxTemplate: APIMessage {
    /// The coins to spend; none leaves the choice to the wallet.
    public var inputs: [OutPointMessage] = []
    /// The amounts in satoshis by address.
    public var outputs: [String: Int64] = [:]

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("inputs", &inputs)
        try fields.field("outputs", &outputs)
    }
}

/// A PSBT to which coins are to be added.
public struct PsbtCoinSelect: APIMessage {
    /// The PSBT.
    public var psbt: [UInt8] = []
    /// The output that takes the change.
    public var existingOutputIndex: UInt32?
    /// Whether an output for change is added.
    public var add: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("psbt", &psbt)
        try fields.choice("existing_output_index", &existingOutputIndex)
        try fields.field("add", &add)
    }
}

/// Adds coins and change to a transaction, and leases the coins.
public struct FundPsbtRequest: APIMessage {
    /// A PSBT with inputs and outputs.
    public var psbt: [UInt8]?
    /// The inputs and outputs.
    public var raw: TxTemplate?
    /// A PSBT to which coins are to be added.
    public var coinSelect: PsbtCoinSelect?
    /// Within how many blocks it should confirm.
    public var targetConf: UInt32?
    /// The fee rate.
    public var satPerVbyte: UInt64?
    /// The fee rate for a thousand units of weight.
    public var satPerKw: UInt64?
    /// The account; empty for the default one.
    public var account: String = ""
    /// The confirmations that coins must have.
    public var minConfs: Int32 = 0
    /// Whether coins without a confirmation may be spent.
    public var spendUnconfirmed: Bool = false
    /// The kind of address for change.
    public var changeType: ChangeAddressType = .unspecified
    /// How coins are chosen.
    public var coinSelectionStrategy: CoinSelectionStrategy = .useGlobalConfig
    /// Who is to hold the leases, 32 bytes; empty for the node.
    public var customLockId: [UInt8] = []
    /// For how long the coins are leased, in seconds; 0 stands for ten minutes.
    public var lockExpirationSeconds: UInt64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.choice("psbt", &psbt)
        try fields.choice("raw", &raw)
        try fields.choice("coin_select", &coinSelect)
        try fields.choice("target_conf", &targetConf)
        try fields.choice("sat_per_vbyte", &satPerVbyte)
        try fields.choice("sat_per_kw", &satPerKw)
        try fields.field("account", &account)
        try fields.field("min_confs", &minConfs)
        try fields.field("spend_unconfirmed", &spendUnconfirmed)
        try fields.field("change_type", &changeType)
        try fields.field("coin_selection_strategy", &coinSelectionStrategy)
        try fields.field("custom_lock_id", &customLockId)
        try fields.field("lock_expiration_seconds", &lockExpirationSeconds)
    }
}

/// A transaction with its coins.
public struct FundPsbtResponse: APIMessage {
    /// The PSBT.
    public var fundedPsbt: [UInt8] = []
    /// The output for change; -1 without one.
    public var changeOutputIndex: Int32 = 0
    /// The coins that were leased.
    public var lockedUtxos: [UtxoLease] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("funded_psbt", &fundedPsbt)
        try fields.field("change_output_index", &changeOutputIndex)
        try fields.field("locked_utxos", &lockedUtxos)
    }
}

/// Signs what the wallet can sign.
public struct SignPsbtRequest: APIMessage {
    /// The PSBT.
    public var fundedPsbt: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("funded_psbt", &fundedPsbt)
    }
}

/// A PSBT with the wallet's signatures.
public struct SignPsbtResponse: APIMessage {
    /// The PSBT.
    public var signedPsbt: [UInt8] = []
    /// The inputs that the wallet signed.
    public var signedInputs: [UInt32] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("signed_psbt", &signedPsbt)
        try fields.field("signed_inputs", &signedInputs)
    }
}

/// Signs and makes the final transaction, which all other signatures must be there for.
public struct FinalizePsbtRequest: APIMessage {
    /// The PSBT.
    public var fundedPsbt: [UInt8] = []
    /// The account; empty for the default one.
    public var account: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("funded_psbt", &fundedPsbt)
        try fields.field("account", &account)
    }
}

/// A finished transaction, which is not yet sent.
public struct FinalizePsbtResponse: APIMessage {
    /// The PSBT.
    public var signedPsbt: [UInt8] = []
    /// The transaction.
    public var rawFinalTx: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("signed_psbt", &signedPsbt)
        try fields.field("raw_final_tx", &rawFinalTx)
    }
}
