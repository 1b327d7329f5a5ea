import Bitcoin
import LightningNode
import LightningWallet
import NodeAPI
import NodeRuntime
import NodeServer

/// The accounts and their addresses.
extension APIService {
    /// The name that lnd gives each account that a wallet begins with.
    private static let accountName = "default"

    func listAccounts(_ request: ListAccountsRequest, _ reply: Reply<ListAccountsResponse>) {
        ask(.books(.accounts), reply) { [network = host.network] answer in
            guard case .accounts(let accounts) = answer else { throw UnexpectedReply() }
            try Self.checkName(request.name)
            var response = ListAccountsResponse()
            response.accounts = accounts.map { AccountMessage($0, Self.accountName, network) }
                .filter {
                    request.addressType == .unknown || request.addressType == $0.addressType
                }
            return response
        }
    }

    func listAddresses(_ request: ListAddressesRequest, _ reply: Reply<ListAddressesResponse>) {
        work(reply) { [host] in
            try Self.checkName(request.accountName)
            guard case .accounts(let accounts) = try host.perform(.books(.accounts)),
                case .coins(let coins) = try host.perform(.books(.coins))
            else { throw UnexpectedReply() }
            let balances = Dictionary(grouping: coins, by: \.coin.path)
                .mapValues { $0.reduce(Satoshi.zero) { $0 + $1.coin.amount } }
            var response = ListAddressesResponse()
            response.accountWithAddresses = try accounts.map { account in
                var message = AccountWithAddresses()
                message.name = Self.accountName
                message.addressType = WalletAddressType(account.kind)
                message.derivationPath = account.origin.path.description
                message.addresses = try Self.addresses(of: account, balances, host.network)
                return message
            }
            return response
        }
    }

    private static func checkName(_ name: String) throws(APIError) {
        guard name.isEmpty || name == accountName else {
            throw APIError(.notFound, "there is no account `\(name)`: the only one is `default`")
        }
    }

    /// The addresses that were handed out, derived here so that a long list does not keep the node's thread.
    private static func addresses(
        of account: AccountReport, _ balances: [WalletKeyPath: Satoshi], _ network: Network
    ) throws -> [AddressProperty] {
        var addresses: [AddressProperty] = []
        for branch in AccountBranch.allCases {
            guard let number = ChildNumber(normal: branch.rawValue) else { continue }
            let branchKey = try account.key.child(number)
            for index in 0..<(account.addressCounts[branch] ?? 0) {
                // BIP 32: a number without a key has no address.
                guard let number = ChildNumber(normal: index),
                    let key = try? branchKey.child(number).key,
                    let script = try? account.kind.purpose.outputScript(key)
                else { continue }
                let path = WalletKeyPath(account.kind, branch, index)
                var property = AddressProperty()
                property.address = Address(script: script, network: network)?.description ?? ""
                property.isInternal = branch == .change
                property.balance = balances[path]?.value ?? 0
                property.derivationPath =
                    account.origin.path.address(branch, index: index)?.description ?? ""
                property.publicKey = key.compressed
                addresses.append(property)
            }
        }
        return addresses
    }
}

extension WalletAddressType {
    init(_ kind: AccountKind) {
        self =
            switch kind {
            case .nestedWitness: .nestedWitnessPubkeyHash
            case .witness: .witnessPubkeyHash
            case .taproot: .taprootPubkey
            }
    }
}

extension AccountMessage {
    init(_ account: AccountReport, _ name: String, _ network: Network) {
        self.init()
        self.name = name
        addressType = WalletAddressType(account.kind)
        let version = ExtendedKeyVersion(account.kind.purpose, network: network)
        extendedPublicKey = account.key.text(version)
        masterKeyFingerprint = account.origin.fingerprint.encoded
        derivationPath = account.origin.path.description
        externalKeyCount = account.addressCounts[.external] ?? 0
        internalKeyCount = account.addressCounts[.change] ?? 0
    }
}

extension APIService {
    func importAccount(_ request: ImportAccountRequest, _ reply: Reply<Empty>) {
        reply.fail(
            .unimplemented,
            "this node watches only what it can sign for: accounts of other wallets are not"
                + " imported")
    }
}
