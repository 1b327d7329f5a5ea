/// The heights from which on soft forks are in force.
public struct SoftForks: Hashable, Sendable {
    /// BIP 34: the coinbase names its height, and blocks have version 2.
    public let heightInCoinbase: BlockHeight
    /// BIP 66: signatures are strict DER, and blocks have version 3.
    public let strictDER: BlockHeight
    /// BIP 65: `OP_CHECKLOCKTIMEVERIFY`, and blocks have version 4.
    public let checkLockTime: BlockHeight
    /// BIP 68, 112 and 113: relative locks and the median time past.
    public let relativeLocks: BlockHeight
    /// BIP 141, 143 and 147: segregated witness.
    public let segwit: BlockHeight
    /// BIP 341 and 342: taproot.
    public let taproot: BlockHeight

    /// The lowest version that a block at `height` may have.
    public func minimumBlockVersion(at height: BlockHeight) -> Int32 {
        if height >= checkLockTime { return 4 }
        if height >= strictDER { return 3 }
        if height >= heightInCoinbase { return 2 }
        return Int32.min
    }
}

extension Network {
    /// The heights from which on soft forks are in force.
    public var softForks: SoftForks {
        switch self {
        case .mainnet: Network.forks(227_931, 363_725, 388_381, 419_328, 481_824, 709_632)
        case .testnet3: Network.forks(21_111, 330_776, 581_885, 770_112, 834_624, 2_011_968)
        case .testnet4, .signet: Network.forks(1, 1, 1, 1, 1, 0)
        case .regtest: Network.forks(1, 1, 1, 1, 0, 0)
        }
    }

    private static func forks(
        _ heightInCoinbase: UInt32, _ strictDER: UInt32, _ checkLockTime: UInt32,
        _ relativeLocks: UInt32, _ segwit: UInt32, _ taproot: UInt32
    ) -> SoftForks {
        SoftForks(
            heightInCoinbase: BlockHeight(heightInCoinbase), strictDER: BlockHeight(strictDER),
            checkLockTime: BlockHeight(checkLockTime), relativeLocks: BlockHeight(relativeLocks),
            segwit: BlockHeight(segwit), taproot: BlockHeight(taproot))
    }
}
