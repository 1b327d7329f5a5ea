import Bitcoin
import ChainBackend
import NodeAPI

/// Fee rates as the chain backend estimates them.
struct FeeSource: Sendable {
    let backend: any ChainBackend
    let network: Network

    /// What lnd aims at where nothing is said.
    private static let standardTarget = 6
    /// What is paid on test networks where the backend has seen too little to tell: 2 sat/vB.
    private static let testRate = FeeratePerKw(500)

    /// The rate that is asked for: itself, or an estimate for a count of blocks. Blocks on the backend.
    func rate(satPerVbyte: UInt64, target: Int32) throws(APIError) -> FeeratePerKw {
        guard satPerVbyte == 0 || target == 0 else {
            throw APIError(
                .invalidArgument, "either a fee rate or a confirmation target may be set")
        }
        if satPerVbyte > 0 {
            guard let rate = FeeratePerKw(satoshiPerVirtualByte: satPerVbyte) else {
                throw APIError(.invalidArgument, "a fee rate of \(satPerVbyte) sat/vB is absurd")
            }
            return rate
        }
        return try estimate(target: target == 0 ? Self.standardTarget : Int(target))
    }

    /// The rate that is asked for in either of the fields that lnd has for it, of which `satPerByte` is the older.
    func rate(
        satPerVbyte: UInt64, satPerByte: Int64, target: Int32
    ) throws(APIError) -> FeeratePerKw {
        guard satPerVbyte == 0 || satPerByte == 0 else {
            throw APIError(
                .invalidArgument, "either sat_per_byte or sat_per_vbyte should be set, but not both"
            )
        }
        let older: UInt64 = try narrowed(satPerByte, "sat_per_byte")
        return try rate(satPerVbyte: max(satPerVbyte, older), target: target)
    }

    /// The rate at which a transaction should confirm within `target` blocks, and never below what the mempool takes.
    func estimate(target: Int) throws(APIError) -> FeeratePerKw {
        guard (1...1_008).contains(target) else {
            throw APIError(
                .invalidArgument, "a confirmation target is from 1 to 1008, not \(target)")
        }
        do throws(ChainError) {
            let minimum = try backend.minimumMempoolFee()
            if let estimate = try backend.estimateFee(blocks: max(2, target)) {
                return max(estimate, minimum)
            }
            guard network != .mainnet else {
                throw ChainError.warmingUp(reason: "no fee estimate yet")
            }
            return max(Self.testRate, minimum)
        } catch {
            throw APIError(.unavailable, "the fee rate is not known (\(error)): give sat_per_vbyte")
        }
    }
}
