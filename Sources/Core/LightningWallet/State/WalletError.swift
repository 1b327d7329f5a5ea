import Bitcoin
import LightningWire

/// Why the wallet refuses an input or a request. Whatever it refuses leaves it as it was.
public enum WalletError: Error, Equatable, Sendable {
    // The chain.
    /// A block does not follow the tip.
    case blockNotNext(expected: BlockHeight, actual: BlockHeight)
    /// A block names another parent than the tip.
    case blockNotOnTip(expected: BlockHash, actual: BlockHash)
    /// The block to take back is not the tip.
    case notTip(expected: BlockHash?, actual: BlockHash)
    /// The reorganisation reaches back to blocks that count as final; a rescan from below `final` repairs the wallet.
    case reorganisationTooDeep(final: BlockHeight)
    /// The block was scanned with a scanner that does not know all that the wallet watches; scan it again with a new one.
    case staleScan
    /// A rescanned block is above the tip, or not the next of the rescan.
    case rescanOutOfOrder(expected: BlockHeight?, actual: BlockHeight)
    /// The block holds a transaction that spends what one in another block of the best chain already spent.
    case inconsistentChain(TransactionID, spentBy: TransactionID)

    // Keys and addresses.
    /// The wallet has no keys for this account.
    case unknownAccount(AccountKind)
    /// The script is none of the wallet's.
    case foreignScript(Script)
    /// All 2^31 addresses of a branch are handed out.
    case addressesExhausted
    /// A key cannot be derived.
    case derivation(DerivationError)
    /// A key or signature operation has no result.
    case key(KeyError)

    // Transactions and coins.
    /// The transaction holds amounts that cannot exist, or is a coinbase where one that waits is needed.
    case impossibleTransaction(TransactionID)
    /// The wallet does not have the transaction.
    case unknownTransaction(TransactionID)
    /// The transaction is mined or dead, where one that waits is needed.
    case notUnconfirmed(TransactionID)
    /// The wallet does not have the coin, or it is spent.
    case unknownCoin(OutPoint)
    /// Another lease keeps the coin until `expiry`.
    case coinLeased(OutPoint, expiry: UInt64)
    /// No lease of that name keeps the coin.
    case unknownLease(OutPoint)
    /// A lease ends before it begins.
    case leaseExpired(expiry: UInt64, now: UInt64)
    /// The label has more than 500 bytes.
    case labelTooLong(Int)
    /// The transaction has no input or output of the wallet's.
    case notOurs(TransactionID)
    /// Something else that the wallet knows spends an input of the transaction.
    case alreadySpent(OutPoint, by: TransactionID)

    // Stored state.
    /// A stored record cannot be read.
    case damagedRecord(table: RecordTable, key: [UInt8], RecordError)
    /// A record without which the wallet means nothing is not stored.
    case missingRecord(table: RecordTable)
}
