import Bitcoin

extension PSBTInput {
    /// Adds what a signer of `coin` needs. `previous` proves the amount to signers that ask for more than BIP 143 gives.
    mutating func annotate(
        _ coin: Coin, key: PublicKey, origin: KeyOrigin, previous: Transaction?
    ) {
        witnessOutput = coin.output
        switch coin.path.account {
        case .witness, .nestedWitness:
            previousTransaction = previous
            derivations[key.compressed] = origin
            if coin.path.account == .nestedWitness {
                redeemScript = .payToWitnessPublicKeyHash(of: key)
            }
        case .taproot:
            taprootInternalKey = key.xOnly.key
            taprootDerivations[key.xOnly.key] = TaprootKeyOrigin(origin)
        }
    }
}

extension PSBTOutput {
    /// Adds by what a signer knows that the output pays back to the wallet.
    mutating func annotate(_ path: WalletKeyPath, key: PublicKey, origin: KeyOrigin) {
        switch path.account {
        case .witness: derivations[key.compressed] = origin
        case .nestedWitness:
            derivations[key.compressed] = origin
            redeemScript = .payToWitnessPublicKeyHash(of: key)
        case .taproot:
            taprootInternalKey = key.xOnly.key
            taprootDerivations[key.xOnly.key] = TaprootKeyOrigin(origin)
        }
    }
}
