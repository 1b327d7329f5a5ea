import Bitcoin
import LightningNode
import LightningWallet
import NodeAPI
import NodeRuntime
import NodeServer

/// New addresses, balance, coins and leases.
extension APIService {
    func newAddress(_ request: NewAddressRequest, _ reply: Reply<NewAddressResponse>) {
        let (account, reuse): (AccountKind, Bool) =
            switch request.type {
            case .witnessPubkeyHash: (.witness, false)
            case .unusedWitnessPubkeyHash: (.witness, true)
            case .nestedPubkeyHash: (.nestedWitness, false)
            case .unusedNestedPubkeyHash: (.nestedWitness, true)
            case .taprootPubkey: (.taproot, false)
            case .unusedTaprootPubkey: (.taproot, true)
            }
        ask(.books(.newAddress(account, reuse: reuse)), reply) { answer in
            guard case .address(let address, _) = answer else { throw UnexpectedReply() }
            var response = NewAddressResponse()
            response.address = address.description
            return response
        }
    }

    func nextAddress(_ request: AddrRequest, _ reply: Reply<AddrResponse>) {
        let account: AccountKind =
            switch request.type {
            case .unknown, .witnessPubkeyHash: .witness
            case .nestedWitnessPubkeyHash, .hybridNestedWitnessPubkeyHash: .nestedWitness
            case .taprootPubkey: .taproot
            }
        ask(.books(.newAddress(account, reuse: false)), reply) { answer in
            guard case .address(let address, _) = answer else { throw UnexpectedReply() }
            var response = AddrResponse()
            response.addr = address.description
            return response
        }
    }

    func walletBalance(_ request: WalletBalanceRequest, _ reply: Reply<WalletBalanceResponse>) {
        ask(.books(.balance), reply) { answer in
            guard case .balance(let balance) = answer else { throw UnexpectedReply() }
            var response = WalletBalanceResponse()
            // lnd knows no immature coins apart: they are mined and wait.
            let unconfirmed = balance.unconfirmed + balance.immature
            response.totalBalance = balance.total.value
            response.confirmedBalance = balance.confirmed.value
            response.unconfirmedBalance = unconfirmed.value
            response.lockedBalance = balance.locked.value
            var account = WalletAccountBalance()
            account.confirmedBalance = balance.confirmed.value
            account.unconfirmedBalance = unconfirmed.value
            response.accountBalance = ["default": account]
            return response
        }
    }

    func listUnspent(_ request: ListUnspentRequest, _ reply: Reply<ListUnspentResponse>) {
        let minimum = request.unconfirmedOnly ? 0 : Int64(request.minConfs)
        let given = request.maxConfs == 0 ? Int64.max : Int64(request.maxConfs)
        let maximum = request.unconfirmedOnly ? 0 : given
        guard minimum >= 0, maximum >= minimum else {
            return reply.fail(
                .invalidArgument, "min_confs must not be negative, nor above max_confs")
        }
        ask(.books(.coins), reply) { [network = host.network] answer in
            guard case .coins(let coins) = answer else { throw UnexpectedReply() }
            var response = ListUnspentResponse()
            response.utxos = coins.filter {
                $0.lease == nil && !$0.isImmature
                    && (minimum...maximum).contains(Int64($0.confirmations))
            }.map { Utxo($0, network) }
            return response
        }
    }

    /// The name of leases that are made without one.
    static let ownLeaseID = SHA256.hash(Array("salama lease".utf8))

    func leaseOutput(_ request: LeaseOutputRequest, _ reply: Reply<LeaseOutputResponse>) {
        work(reply) { [host] in
            let id = try Self.leaseID(request.id)
            let coin = try OutPoint(request.outpoint)
            let seconds = request.expirationSeconds == 0 ? 600 : request.expirationSeconds
            let expiry = try Self.expiry(after: seconds)
            _ = try host.perform(.books(.lease([coin], id: id, until: expiry)))
            var response = LeaseOutputResponse()
            response.expiration = expiry
            return response
        }
    }

    func releaseOutput(_ request: ReleaseOutputRequest, _ reply: Reply<StatusResponse>) {
        work(reply) { [host] in
            let coin = try OutPoint(request.outpoint)
            _ = try host.perform(.books(.release(coin, id: try Self.leaseID(request.id))))
            return StatusResponse("output \(coin) has been released")
        }
    }

    func listLeases(_ reply: Reply<ListLeasesResponse>) {
        ask(.books(.coins), reply) { answer in
            guard case .coins(let coins) = answer else { throw UnexpectedReply() }
            var response = ListLeasesResponse()
            response.lockedUtxos = coins.compactMap { state in
                state.lease.map { UtxoLease(state.coin, $0) }
            }
            return response
        }
    }

    /// The end of a lease of so many seconds, in seconds since 1970.
    static func expiry(after seconds: UInt64) throws(APIError) -> UInt64 {
        let (expiry, overflow) = WallClock.now.seconds.addingReportingOverflow(seconds)
        guard !overflow, expiry < 1 << 62 else {
            throw APIError(.invalidArgument, "a lease of \(seconds) s has no end")
        }
        return expiry
    }

    static func leaseID(_ bytes: [UInt8]) throws(APIError) -> Hash256 {
        if bytes.isEmpty { return ownLeaseID }
        guard let id = try? Hash256(bytes) else {
            throw APIError(.invalidArgument, "a lock id has 32 bytes, not \(bytes.count)")
        }
        return id
    }
}
