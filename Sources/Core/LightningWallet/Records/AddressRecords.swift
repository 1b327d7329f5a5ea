import Bitcoin
import LightningWire

/// What is stored of a branch of addresses.
struct AddressCounters: Hashable, Sendable {
    /// The index of the next address to hand out.
    var next: UInt32 = 0
    /// The index after the highest one that was paid.
    var used: UInt32 = 0
}

extension AddressCounters: RecordCodable {
    init(from record: inout RecordReader) throws(RecordError) {
        next = try record.requireNumber(0)
        used = try record.requireNumber(2)
        guard used <= next, next <= 1 << 31 else { throw .invalidField(type: 2) }
    }

    func write(to record: inout RecordWriter) {
        record.put(0, integer: UInt64(next))
        record.put(2, integer: UInt64(used))
    }
}

extension AddressBook.BranchID: BinaryCodable {
    init(from reader: inout ByteReader) throws(DecodeError) {
        let path = try WalletKeyPath(from: &reader)
        self.init(account: path.account, branch: path.branch)
    }

    func write(to writer: inout ByteWriter) {
        WalletKeyPath(account, branch, 0).write(to: &writer)
    }
}

extension Wallet {
    func write(_ branch: AddressBook.BranchID) -> RecordWrite {
        let state = book.branches[branch]
        let counters = AddressCounters(next: state?.next ?? 0, used: state?.used ?? 0)
        return RecordWrite(.walletAccount, key: branch.encoded, value: counters.record)
    }
}
