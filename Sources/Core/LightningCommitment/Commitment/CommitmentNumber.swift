import Bitcoin
import LightningWire

/// The 48-bit number of a commitment, hidden in the transaction for its two parties (BOLT 3).
public struct CommitmentNumberObscurer: Hashable, Sendable {
    private let factor: UInt64

    /// The largest number.
    public static let maximum: UInt64 = (1 << 48) - 1

    /// BOLT 3: "SHA256(payment_basepoint from open_channel || payment_basepoint from accept_channel)", of which the lower
    /// 48 bits count.
    public init(openerPaymentBasepoint: PublicKey, accepterPaymentBasepoint: PublicKey) {
        let hash = SHA256.hash(
            openerPaymentBasepoint.compressed + accepterPaymentBasepoint.compressed)
        factor = hash.bytes.suffix(6).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The fields of the commitment transaction numbered `number`, which is at most ``maximum``.
    public func fields(of number: UInt64) -> (lockTime: LockTime, sequence: InputSequence) {
        precondition(number <= Self.maximum, "a commitment number has 48 bits")
        let obscured = number ^ factor
        return (
            LockTime(0x2000_0000 | UInt32(obscured & 0xff_ffff)),
            InputSequence(0x8000_0000 | UInt32(obscured >> 24))
        )
    }

    /// The number of a commitment transaction; nil where the fields are not those of one.
    public func number(of transaction: Transaction) -> UInt64? {
        guard transaction.inputs.count == 1 else { return nil }
        let (lockTime, sequence) = (
            transaction.lockTime.value, transaction.inputs[0].sequence.value
        )
        guard lockTime >> 24 == 0x20, sequence >> 24 == 0x80 else { return nil }
        return (UInt64(sequence & 0xff_ffff) << 24 | UInt64(lockTime & 0xff_ffff)) ^ factor
    }
}
