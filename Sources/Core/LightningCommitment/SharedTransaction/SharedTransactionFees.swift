import Bitcoin
import LightningWire

/// Who pays how much of a shared transaction's fee (BOLT 2, "Fee Responsibility").
extension SharedTransaction {
    /// What an input's witness counts as at least: a signature and a key, as of P2WPKH (BOLT 3, appendix G).
    public static let minimumWitnessWeight = Weight(107)

    /// BOLT 2: "The *initiator* is responsible for paying the fees for the following fields, to be referred to as the
    /// `common fields`." Version, counts of inputs and outputs, and lock time, then marker and flag.
    public static let commonWeight = Weight((4 + 1 + 1 + 4) * 4 + 2)

    /// The weight of an input without its witness: the output that it spends, an empty script, the sequence number.
    public static let inputWeight = Weight((36 + 1 + 4) * 4)

    /// The weight of an output: amount, length of the script, script.
    public static func outputWeight(_ script: Script) -> Weight {
        let length = script.bytes.count
        return Weight(UInt64(8 + ByteWriter.compactSizeLength(length) + length) * 4)
    }

    /// The weight of what `party` put into the transaction. BOLT 2: "The rest of the transaction bytes' fees are the
    /// responsibility of the peer who contributed that input or output via `tx_add_input` or `tx_add_output`".
    ///
    /// `witnessWeight` is that of all its witnesses together, or what they are expected to have; less than
    /// ``minimumWitnessWeight`` for each input counts as that.
    public func weight(of party: ConstructionParty, witnessWeight: Weight) -> Weight {
        let inputs = UInt64(inputIndices(party).count)
        var weight = Weight(inputs * Self.inputWeight.value)
        weight += max(witnessWeight, Weight(inputs * Self.minimumWitnessWeight.value))
        for output in outputs where output.party == party {
            weight += Self.outputWeight(output.output.scriptPubKey)
        }
        switch party {
        case .initiator: return weight + Self.commonWeight
        case .nonInitiator: return weight
        }
    }

    /// What `party` has to pay at `feerate`, rounded up.
    public func fee(
        owedBy party: ConstructionParty, feerate: FeeratePerKw, witnessWeight: Weight
    ) -> Satoshi {
        feerate.feeRoundedUp(for: weight(of: party, witnessWeight: witnessWeight))
    }
}
