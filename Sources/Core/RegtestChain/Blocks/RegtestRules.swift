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
    public static let genesis: Block = {
        let message = "The Times 03/Jan/2009 Chancellor on brink of second bailout for banks"
        let key =
            "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f355"
            + "04e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f"
        let keyBytes = (try? Hex.decode(key)) ?? []
        let scriptSig: [UInt8] = [4, 0xff, 0xff, 0, 0x1d, 1, 4, UInt8(message.utf8.count)]
        let coinbase = Transaction(
            version: 1,
            inputs: [
                TransactionInput(
                    previousOutput: .null, scriptSig: Script(scriptSig + Array(message.utf8)))
            ],
            outputs: [
                TransactionOutput(
                    amount: Satoshi(5_000_000_000),
                    scriptPubKey: Script([UInt8(keyBytes.count)] + keyBytes + [0xac]))
            ])
        return Block(
            header: BlockHeader(
                version: 1, previousBlock: BlockHash(.zero), merkleRoot: coinbase.id.hash,
                time: 1_296_688_602, bits: bits, nonce: 2),
            transactions: [coinbase])
    }()

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
