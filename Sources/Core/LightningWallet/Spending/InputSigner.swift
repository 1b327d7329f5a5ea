import Bitcoin

extension WalletKeys {
    /// `transaction` with every input signed; `coins` are what the inputs spend, in their order.
    ///
    /// Each signature is checked with the script interpreter under all rules of relay before it is given out.
    func sign(_ transaction: Transaction, spending coins: [Coin]) throws(SpendError) -> Transaction
    {
        let outputs = coins.map(\.output)
        let cache = SignatureHashCache(transaction, spending: outputs)
        var signed = transaction
        for (index, coin) in coins.enumerated() {
            do {
                let unlocking = try unlock(
                    input: index, of: transaction, spending: coin, cache: cache)
                signed.inputs[index].scriptSig = unlocking.scriptSig
                signed.inputs[index].witness = unlocking.witness
            } catch {
                throw .wallet(error)
            }
        }
        do {
            try ScriptVerifier(signed, spending: outputs, flags: .standard).verify()
        } catch {
            throw .invalidSignature(input: error.input, error.error)
        }
        return signed
    }

    /// What unlocks `coin` in an input of `transaction`, signed for all inputs and outputs.
    func unlock(
        input index: Int, of transaction: Transaction, spending coin: Coin,
        cache: SignatureHashCache
    ) throws(WalletError) -> (scriptSig: Script, witness: [[UInt8]]) {
        let key = try privateKey(at: coin.path)
        switch coin.path.account {
        case .witness:
            return (Script(), segwitWitness(key, index, transaction, coin, cache))
        case .nestedWitness:
            let redeemScript = Script.payToWitnessPublicKeyHash(of: key.publicKey)
            let push = Script([UInt8(redeemScript.bytes.count)] + redeemScript.bytes)
            return (push, segwitWitness(key, index, transaction, coin, cache))
        case .taproot:
            guard
                let hash = SignatureHash.taproot(
                    transaction, input: index, type: .default, cache: cache)
            else { preconditionFailure("the default type covers any transaction") }
            do {
                return (Script(), [try Taproot.outputKey(key, root: nil).signSchnorr(hash)])
            } catch {
                throw .key(error)
            }
        }
    }

    private func segwitWitness(
        _ key: PrivateKey, _ index: Int, _ transaction: Transaction, _ coin: Coin,
        _ cache: SignatureHashCache
    ) -> [[UInt8]] {
        let hash = SignatureHash.segwitV0(
            transaction, input: index, scriptCode: .payToPublicKeyHash(of: key.publicKey),
            amount: coin.amount, type: .all, cache: cache)
        return [key.sign(hash).der + [SighashType.all.byte], key.publicKey.compressed]
    }
}
