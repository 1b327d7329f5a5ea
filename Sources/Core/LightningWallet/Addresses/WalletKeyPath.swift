import Bitcoin

/// The place of one of the wallet's keys: account, branch, index.
public struct WalletKeyPath: Hashable, Sendable {
    /// The account, and with it the kind of address.
    public let account: AccountKind
    /// Whether the address is for payers or for change.
    public let branch: AccountBranch
    /// The index within the branch, below 2^31.
    public let index: UInt32

    /// Names key `index` of `branch` of `account`.
    public init(_ account: AccountKind, _ branch: AccountBranch, _ index: UInt32) {
        self.account = account
        self.branch = branch
        self.index = index
    }
}

extension WalletKeyPath: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        guard let account = AccountKind(rawValue: try reader.readByte()) else {
            throw .invalidValue(field: "account")
        }
        guard let branch = AccountBranch(rawValue: UInt32(try reader.readByte())) else {
            throw .invalidValue(field: "branch")
        }
        self.init(account, branch, try reader.readBigEndian())
    }

    public func write(to writer: inout ByteWriter) {
        writer.writeByte(account.rawValue)
        writer.writeByte(UInt8(truncatingIfNeeded: branch.rawValue))
        writer.writeBigEndian(index)
    }
}
