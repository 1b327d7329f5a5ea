import Bitcoin
import JSON

/// Fee rates.
extension BitcoindBackend {
    public func estimateFee(blocks: Int) throws(ChainError) -> FeeratePerKw? {
        try estimateFee(blocks: blocks, mode: .economical)
    }

    /// bitcoind estimates for 1 to 1,008 blocks; what lies beyond is taken as the nearer of these.
    public func estimateFee(
        blocks: Int, mode: FeeEstimateMode
    ) throws(ChainError) -> FeeratePerKw? {
        let answer = BitcoindAnswer(
            try call(
                "estimatesmartfee", .integer(min(max(blocks, 1), 1008)), .string(mode.rawValue)),
            to: "estimatesmartfee")
        return answer.has("feerate") ? try answer.feerate("feerate") : nil
    }

    public func minimumMempoolFee() throws(ChainError) -> FeeratePerKw {
        let answer = BitcoindAnswer(try call("getmempoolinfo"), to: "getmempoolinfo")
        return max(try answer.feerate("mempoolminfee"), try answer.feerate("minrelaytxfee"))
    }
}
