import Bitcoin
import LightningNode
import LightningWallet
import NodeAPI

/// The node's values as messages of the interface, and back.
extension OutPointMessage {
    init(_ outPoint: OutPoint) {
        self.init()
        txidBytes = outPoint.transactionID.hash.bytes
        txidStr = outPoint.transactionID.description
        outputIndex = outPoint.index
    }
}

extension OutPoint {
    init(_ message: OutPointMessage?) throws(APIError) {
        guard let message else { throw APIError(.invalidArgument, "the outpoint is missing") }
        let id: TransactionID?
        if message.txidStr.isEmpty {
            id = (try? Hash256(message.txidBytes)).map { TransactionID($0) }
        } else {
            id = TransactionID(message.txidStr)
        }
        guard let id else {
            throw APIError(.invalidArgument, "the outpoint names no transaction")
        }
        self.init(id, message.outputIndex)
    }
}

extension StatusResponse {
    init(_ status: String) {
        self.init()
        self.status = status
    }
}

extension Utxo {
    init(_ state: CoinState, _ network: Network) {
        self.init()
        addressType =
            switch state.coin.path.account {
            case .witness: .witnessPubkeyHash
            case .nestedWitness: .nestedPubkeyHash
            case .taproot: .taprootPubkey
            }
        let script = state.coin.output.scriptPubKey
        address = Address(script: script, network: network)?.description ?? ""
        amountSat = state.coin.amount.value
        pkScript = Hex.encode(script.bytes)
        outpoint = OutPointMessage(state.coin.outPoint)
        confirmations = Int64(state.confirmations)
    }
}

extension UtxoLease {
    init(_ coin: Coin, _ lease: CoinLease) {
        self.init()
        id = lease.id.bytes
        outpoint = OutPointMessage(coin.outPoint)
        expiration = lease.expiry
        pkScript = coin.output.scriptPubKey.bytes
        value = UInt64(clamping: coin.amount.value)
    }
}

extension TransactionMessage {
    init(_ report: TransactionReport, _ network: Network) {
        self.init()
        let transaction = report.transaction
        txHash = transaction.id.description
        amount = transaction.netAmount.value
        numConfirmations = Int32(clamping: report.confirmations)
        let confirmation = transaction.status.confirmation
        blockHash = confirmation?.block.hash.description ?? ""
        blockHeight = Int32(clamping: confirmation?.block.height.value ?? 0)
        timeStamp = confirmation.map { Int64($0.time) } ?? Int64(clamping: transaction.seenAt)
        totalFees = transaction.fee?.value ?? 0
        let ours = Set(transaction.credits.map { Int($0.index) })
        outputDetails = transaction.transaction.outputs.enumerated().map { index, output in
            OutputDetail(output, index, isOurs: ours.contains(index), network)
        }
        destAddresses = outputDetails.map(\.address).filter { !$0.isEmpty }
        rawTxHex = Hex.encode(transaction.transaction.encoded)
        label = report.label ?? ""
        let spent = Set(transaction.debits.map { Int($0.index) })
        previousOutpoints = transaction.transaction.inputs.enumerated().map { index, input in
            var previous = PreviousOutPoint()
            previous.outpoint = input.previousOutput.description
            previous.isOurOutput = spent.contains(index)
            return previous
        }
    }
}

extension OutputDetail {
    init(_ output: TransactionOutput, _ index: Int, isOurs: Bool, _ network: Network) {
        self.init()
        outputType =
            switch output.scriptPubKey.template {
            case .payToPublicKey: .pubkey
            case .payToPublicKeyHash: .pubkeyHash
            case .payToScriptHash: .scriptHash
            case .payToWitnessPublicKeyHash: .witnessV0PubkeyHash
            case .payToWitnessScriptHash: .witnessV0ScriptHash
            case .payToTaproot: .witnessV1Taproot
            case .payToAnchor, .futureWitness: .witnessUnknown
            case .nullData: .nulldata
            case .bareMultisig: .multisig
            case .nonStandard: .nonStandard
            }
        address = Address(script: output.scriptPubKey, network: network)?.description ?? ""
        pkScript = Hex.encode(output.scriptPubKey.bytes)
        outputIndex = Int64(index)
        amount = output.amount.value
        isOurAddress = isOurs
    }
}
