import Bitcoin

/// A transaction that others began and the wallet is to pay for.
public struct TemplateRequest: Sendable {
    /// What there is already: at least one output, and inputs of the wallet's or of others, which keep their order.
    public var template: PSBT
    /// The rate of the fee.
    public var feeRate: FeeratePerKw
    /// Whose coins pay.
    public var funding: Funding
    /// Where what is left over goes.
    public var change: ChangePlace
    /// Which coins of the wallet may be spent, and under which lease they may be kept.
    public var coins: CoinChoice
    /// The account whose next change address gets what is left over, where an output is added for it.
    public var changeAccount: AccountKind
    /// The bounds on fees.
    public var policy: FeePolicy

    /// Who pays.
    public enum Funding: Hashable, Sendable {
        /// The template's inputs alone; the wallet's among them are leased.
        case template
        /// The template's inputs, and coins that the wallet adds and leases. The wallet's own inputs in the template are
        /// leased already, by whoever put them there.
        case added
    }

    /// The output for change.
    public enum ChangePlace: Hashable, Sendable {
        /// An output of the template, which gets what is left over on top of its amount.
        case output(Int)
        /// A new output after the others.
        case last
        /// A new output anywhere, so that it does not stand out.
        case anywhere
    }

    /// Pays for `template`, with change to a taproot address anywhere, unless told otherwise.
    public init(
        template: PSBT, feeRate: FeeratePerKw, funding: Funding, change: ChangePlace = .anywhere,
        coins: CoinChoice = CoinChoice(), changeAccount: AccountKind = .taproot,
        policy: FeePolicy = FeePolicy()
    ) {
        self.template = template
        self.feeRate = feeRate
        self.funding = funding
        self.change = change
        self.coins = coins
        self.changeAccount = changeAccount
        self.policy = policy
    }
}

/// A transaction that is paid for and waits for its signatures.
public struct FundedTransaction: Hashable, Sendable {
    /// The transaction with all that its signers need.
    public let psbt: PSBT
    /// The output that pays back to the wallet; nil where nothing is left over.
    public let changeIndex: Int?
    /// The coins of the wallet that were leased for it.
    public let leased: [Coin]

    /// A transaction of these parts.
    public init(psbt: PSBT, changeIndex: Int?, leased: [Coin]) {
        self.psbt = psbt
        self.changeIndex = changeIndex
        self.leased = leased
    }
}

extension PSBTInput {
    /// What the input weighs at most once it is signed, with the count of its witness items; nil where its script has no
    /// form whose signatures can be foreseen.
    func signedWeight(spending output: TransactionOutput) -> Weight? {
        let base: UInt64 = 36 + 1 + 4
        switch output.scriptPubKey.template {
        case .payToWitnessPublicKeyHash: return AccountKind.witness.inputWeight
        case .payToTaproot:
            guard taprootLeafScripts.isEmpty else { return nil }
            let hashType: UInt64 = (sighashType ?? .default) == .default ? 0 : 1
            return AccountKind.taproot.inputWeight + Weight(hashType)
        case .payToScriptHash:
            guard case .payToWitnessPublicKeyHash = redeemScript?.template else { return nil }
            return AccountKind.nestedWitness.inputWeight
        case .payToPublicKeyHash:
            // A signature of 72 bytes with its hash type, and a key.
            return Weight((base + 1 + 72 + 1 + 33) * 4 + 1)
        case .payToWitnessScriptHash:
            guard let witnessScript,
                case .bareMultisig(let required, _) = witnessScript.template
            else { return nil }
            let script = witnessScript.bytes.count
            let witness =
                2 + required * (1 + 72) + ByteWriter.compactSizeLength(script) + script
            return Weight(base * 4 + UInt64(witness))
        case .payToAnchor: return Weight(base * 4 + 1)
        case .payToPublicKey, .bareMultisig, .futureWitness, .nullData, .nonStandard: return nil
        }
    }
}
