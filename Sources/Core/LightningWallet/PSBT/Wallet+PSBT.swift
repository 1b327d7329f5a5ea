import Bitcoin
import LightningWire

extension Wallet {
    /// The PSBT of a transaction that the wallet has composed, with all that its signers need.
    ///
    /// `fingerprint` is that of the master key, by which the paths name it.
    public func psbt(
        of plan: SpendPlan, fingerprint: KeyFingerprint
    ) throws(SpendError) -> PSBT {
        try annotated(PSBT(plan.transaction), fingerprint: fingerprint)
    }

    /// `psbt` with what the wallet knows of its own inputs and outputs: amounts, scripts, keys.
    ///
    /// Throws ``SpendError/psbt(_:)`` where the PSBT lies about an output of the wallet's that it spends.
    public func annotated(
        _ psbt: PSBT, fingerprint: KeyFingerprint
    ) throws(SpendError) -> PSBT {
        var psbt = psbt
        let transaction: Transaction
        do { transaction = try psbt.unsignedTransaction() } catch { throw .psbt(error) }
        for (index, input) in transaction.inputs.enumerated() where !psbt.inputs[index].isFinal {
            guard let coin = graph.coin(input.previousOutput) else { continue }
            if let claimed = psbt.inputs[index].witnessOutput, claimed != coin.output {
                throw .psbt(.conflictingSpentOutputs(input: index))
            }
            let (key, origin) = try key(at: coin.path, fingerprint: fingerprint)
            psbt.inputs[index].annotate(
                coin, key: key, origin: origin,
                previous: graph[coin.outPoint.transactionID]?.transaction)
        }
        for (index, output) in transaction.outputs.enumerated() {
            guard let path = book.path(of: output.scriptPubKey) else { continue }
            let (key, origin) = try key(at: path, fingerprint: fingerprint)
            psbt.outputs[index].annotate(path, key: key, origin: origin)
        }
        return psbt
    }

    /// Adds the wallet's signatures to a PSBT and tells how many there are. Inputs of others are left alone.
    public func sign(
        _ psbt: inout PSBT, keys: WalletKeys
    ) throws(SpendError) -> Int {
        var signed = try annotated(psbt, fingerprint: keys.masterFingerprint)
        let count: Int
        do { count = try signed.sign(with: keys) } catch { throw .psbt(error) }
        psbt = signed
        return count
    }

    /// Completes a PSBT whose signatures are all there, checks it with the script interpreter, and publishes it.
    public mutating func publish(
        _ psbt: PSBT, now: UInt64
    ) throws(SpendError) -> (transaction: Transaction, step: WalletStep) {
        var psbt = psbt
        let transaction: Transaction
        do throws(PSBTError) {
            try psbt.finalize()
            transaction = try psbt.extractVerifiedTransaction()
        } catch {
            throw .psbt(error)
        }
        do {
            return (transaction, try publish(transaction, now: now))
        } catch {
            throw .wallet(error)
        }
    }

    /// The descriptor of an account, by which another wallet watches it; `branch` nil gives both branches in one.
    public func descriptor(
        _ account: AccountKind, _ branch: AccountBranch? = nil, fingerprint: KeyFingerprint
    ) throws(WalletError) -> AccountDescriptor {
        guard let key = accounts[account] else { throw .unknownAccount(account) }
        let path = KeyScheme.account(account, network: network)
        return AccountDescriptor(
            account.purpose, origin: KeyOrigin(fingerprint, path), key: key, branch: branch)
    }

    private func key(
        at path: WalletKeyPath, fingerprint: KeyFingerprint
    ) throws(SpendError) -> (PublicKey, KeyOrigin) {
        guard let derivation = KeyScheme.address(path, network: network) else {
            throw .wallet(.addressesExhausted)
        }
        do {
            return (try book.publicKey(at: path), KeyOrigin(fingerprint, derivation))
        } catch {
            throw .wallet(error)
        }
    }
}

extension WalletKeys: PSBTKeySource {
    /// The private key of an address of the wallet's; nil for keys of others and for paths outside of the accounts.
    public func privateKey(for publicKey: PublicKey, origin: KeyOrigin) -> PrivateKey? {
        guard origin.fingerprint == masterFingerprint, let path = walletPath(origin.path),
            let key = try? privateKey(at: path),
            key.publicKey.xOnly.key == publicKey.xOnly.key
        else { return nil }
        return key
    }

    private func walletPath(_ path: DerivationPath) -> WalletKeyPath? {
        for account in AccountKind.allCases {
            let prefix = KeyScheme.account(account, network: network).steps
            guard path.steps.count == prefix.count + 2, path.steps.starts(with: prefix),
                let branch = AccountBranch(rawValue: path.steps[prefix.count].value),
                let last = path.steps.last, !last.isHardened
            else { continue }
            return WalletKeyPath(account, branch, last.index)
        }
        return nil
    }
}
