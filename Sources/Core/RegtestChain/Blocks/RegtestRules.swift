import Bitcoin

/// The constants of the regression test network's consensus.
public enum RegtestRules {
    /// The target of every block, in compact form: half of all hashes meet it.
    public static let bits: UInt32 = 0x207f_ffff
    /// The expected number of hashes that one block stands for.
    public static let workPerBlock: UInt64 = 2
    /// The number of blocks after which the subsidy halves.
    public static let halvingInterval: UInt32 = 150
    /// The number of blocks on top of a coinbase transaction before its outputs may be spent.
    public static let coinbaseMaturity: UInt32 = 100
    /// The signature operations that a block may cost (BIP 141).
    public static let maximumSigOpsCost = 80_000
    /// How far ahead of the clock the time of a block may be, in seconds.
    public static let maximumFutureTime: UInt32 = 7_200

    /// The new coins of the block at `height`.
    public static func subsidy(at height: BlockHeight) -> Satoshi {
        let halvings = height.value / halvingInterval
        return halvings >= 64 ? .zero : Satoshi(5_000_000_000 >> Int64(halvings))
    }

    /// The first block, the same on every regression test network.
    public static let genesis = Network.regtest.genesisBlock

    /// Whether `hash` meets the target of ``bits``.
    public static func meetsTarget(_ hash: BlockHash) -> Bool {
        // The target is 0x7fffff followed by zeros: the most significant byte of the hash, which is the last on the
        // wire, must be below 0x80, and where it is 0x7f the two next may not both be 0xff with anything after.
        let bytes = hash.hash.bytes
        guard bytes[31] <= 0x7f else { return false }
        guard bytes[31] == 0x7f, bytes[30] == 0xff, bytes[29] == 0xff else { return true }
        return bytes[..<29].allSatisfy { $0 == 0 }
    }
}
