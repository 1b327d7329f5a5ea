/// Asks for an address.
public struct NewAddressRequest: APIMessage {
    /// The kind of address.
    public var type: AddressType = .witnessPubkeyHash
    /// The account; empty for the default one.
    public var account: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("type", &type)
        try fields.field("account", &account)
    }
}

/// An address.
public struct NewAddressResponse: APIMessage {
    /// The address.
    public var address: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("address", &address)
    }
}

/// Asks the wallet for its next address.
public struct AddrRequest: APIMessage {
    /// The account; empty for the default one.
    public var account: String = ""
    /// The kind of address.
    public var type: WalletAddressType = .unknown
    /// Whether it is for change.
    public var change: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("account", &account)
        try fields.field("type", &type)
        try fields.field("change", &change)
    }
}

/// An address.
public struct AddrResponse: APIMessage {
    /// The address.
    public var addr: String = ""

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("addr", &addr)
    }
}

/// Asks for the balance.
public struct WalletBalanceRequest: APIMessage {
    /// The account; empty for all of them.
    public var account: String = ""
    /// The confirmations that count; 0 stands for 1.
    public var minConfs: Int32 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("account", &account)
        try fields.field("min_confs", &minConfs)
    }
}

/// The balance of one account.
public struct WalletAccountBalance: APIMessage {
    /// What is confirmed, in satoshis.
    public var confirmedBalance: Int64 = 0
    /// What is not yet confirmed, in satoshis.
    public var unconfirmedBalance: Int64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("confirmed_balance", &confirmedBalance)
        try fields.field("unconfirmed_balance", &unconfirmedBalance)
    }
}

/// The balance.
public struct WalletBalanceResponse: APIMessage {
    /// All of it, in satoshis.
    public var totalBalance: Int64 = 0
    /// What is confirmed, in satoshis.
    public var confirmedBalance: Int64 = 0
    /// What is not yet confirmed, in satoshis.
    public var unconfirmedBalance: Int64 = 0
    /// What is under a lease, in satoshis.
    public var lockedBalance: Int64 = 0
    /// What is kept to bump the fees of channels, in satoshis.
    public var reservedBalanceAnchorChan: Int64 = 0
    /// The balances by account.
    public var accountBalance: [String: WalletAccountBalance] = [:]

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("total_balance", &totalBalance)
        try fields.field("confirmed_balance", &confirmedBalance)
        try fields.field("unconfirmed_balance", &unconfirmedBalance)
        try fields.field("locked_balance", &lockedBalance)
        try fields.field("reserved_balance_anchor_chan", &reservedBalanceAnchorChan)
        try fields.field("account_balance", &accountBalance)
    }
}

/// Asks for the coins.
public struct ListUnspentRequest: APIMessage {
    /// The fewest confirmations.
    public var minConfs: Int32 = 0
    /// The most confirmations; 0 with a minimum of 0 stands for any.
    public var maxConfs: Int32 = 0
    /// The account; empty for all of them.
    public var account: String = ""
    /// Whether only unconfirmed coins are wanted.
    public var unconfirmedOnly: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("min_confs", &minConfs)
        try fields.field("max_confs", &maxConfs)
        try fields.field("account", &account)
        try fields.field("unconfirmed_only", &unconfirmedOnly)
    }
}

/// A coin.
public struct Utxo: APIMessage {
    /// The kind of its address.
    public var addressType: AddressType = .witnessPubkeyHash
    /// The address that it was sent to.
    public var address: String = ""
    /// Its amount in satoshis.
    public var amountSat: Int64 = 0
    /// Its output script in hexadecimal.
    public var pkScript: String = ""
    /// Where it is.
    public var outpoint: OutPointMessage?
    /// How often it is confirmed; 0 in the mempool.
    public var confirmations: Int64 = 0

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("address_type", &addressType)
        try fields.field("address", &address)
        try fields.field("amount_sat", &amountSat)
        try fields.field("pk_script", &pkScript)
        try fields.field("outpoint", &outpoint)
        try fields.field("confirmations", &confirmations)
    }
}

/// The coins.
public struct ListUnspentResponse: APIMessage {
    /// The coins.
    public var utxos: [Utxo] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("utxos", &utxos)
    }
}

/// An address of the wallet.
public struct AddressProperty: APIMessage {
    /// The address.
    public var address: String = ""
    /// Whether it is for change.
    public var isInternal: Bool = false
    /// What is on it, in satoshis.
    public var balance: Int64 = 0
    /// Where its key is.
    public var derivationPath: String = ""
    /// Its public key.
    public var publicKey: [UInt8] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("address", &address)
        try fields.field("is_internal", &isInternal)
        try fields.field("balance", &balance)
        try fields.field("derivation_path", &derivationPath)
        try fields.field("public_key", &publicKey)
    }
}

/// An account and its addresses.
public struct AccountWithAddresses: APIMessage {
    /// The account's name.
    public var name: String = ""
    /// The kind of its addresses.
    public var addressType: WalletAddressType = .unknown
    /// Where its keys are.
    public var derivationPath: String = ""
    /// Its addresses.
    public var addresses: [AddressProperty] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("name", &name)
        try fields.field("address_type", &addressType)
        try fields.field("derivation_path", &derivationPath)
        try fields.field("addresses", &addresses)
    }
}

/// Asks for the addresses.
public struct ListAddressesRequest: APIMessage {
    /// The account; empty for all of them.
    public var accountName: String = ""
    /// Whether accounts that only the node itself uses are wanted, too.
    public var showCustomAccounts: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("account_name", &accountName)
        try fields.field("show_custom_accounts", &showCustomAccounts)
    }
}

/// The addresses.
public struct ListAddressesResponse: APIMessage {
    /// The accounts and their addresses.
    public var accountWithAddresses: [AccountWithAddresses] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("account_with_addresses", &accountWithAddresses)
    }
}

/// Asks for the accounts.
public struct ListAccountsRequest: APIMessage {
    /// The name; empty for all of them.
    public var name: String = ""
    /// The kind of addresses; unknown for all.
    public var addressType: WalletAddressType = .unknown

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("name", &name)
        try fields.field("address_type", &addressType)
    }
}

/// An account of the wallet.
public struct AccountMessage: APIMessage {
    /// Its name.
    public var name: String = ""
    /// The kind of its addresses.
    public var addressType: WalletAddressType = .unknown
    /// Its extended public key.
    public var extendedPublicKey: String = ""
    /// The first four bytes of the master key's hash.
    public var masterKeyFingerprint: [UInt8] = []
    /// Where its keys are.
    public var derivationPath: String = ""
    /// How many addresses were handed out.
    public var externalKeyCount: UInt32 = 0
    /// How many addresses for change were used.
    public var internalKeyCount: UInt32 = 0
    /// Whether its private keys are elsewhere.
    public var watchOnly: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("name", &name)
        try fields.field("address_type", &addressType)
        try fields.field("extended_public_key", &extendedPublicKey)
        try fields.field("master_key_fingerprint", &masterKeyFingerprint)
        try fields.field("derivation_path", &derivationPath)
        try fields.field("external_key_count", &externalKeyCount)
        try fields.field("internal_key_count", &internalKeyCount)
        try fields.field("watch_only", &watchOnly)
    }
}

/// The accounts.
public struct ListAccountsResponse: APIMessage {
    /// The accounts.
    public var accounts: [AccountMessage] = []

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("accounts", &accounts)
    }
}

/// Asks to watch an account of another wallet.
public struct ImportAccountRequest: APIMessage {
    /// What it is to be called.
    public var name: String = ""
    /// Its key, as text (BIP 32).
    public var extendedPublicKey: String = ""
    /// The fingerprint of the key that it derives from.
    public var masterKeyFingerprint: [UInt8] = []
    /// What its addresses pay.
    public var addressType: WalletAddressType = .unknown
    /// Whether to tell only what it would be.
    public var dryRun: Bool = false

    /// Zero, empty or absent in every field.
    public init() {}

    public mutating func visit(_ fields: inout some FieldVisitor) throws(APIError) {
        try fields.field("name", &name)
        try fields.field("extended_public_key", &extendedPublicKey)
        try fields.field("master_key_fingerprint", &masterKeyFingerprint)
        try fields.field("address_type", &addressType)
        try fields.field("dry_run", &dryRun)
    }
}
