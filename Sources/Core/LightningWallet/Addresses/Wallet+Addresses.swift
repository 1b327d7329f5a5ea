import Bitcoin

extension Wallet {
    /// A fresh address, handed out to nobody before. Show it once the step's writes are durable.
    ///
    /// Throws ``WalletError/addressesExhausted``, or ``WalletError/unknownAccount(_:)``.
    public mutating func newAddress(
        _ account: AccountKind, _ branch: AccountBranch = .external
    ) throws(WalletError) -> (address: Address, path: WalletKeyPath, step: WalletStep) {
        let path = try book.take(account, branch)
        var step = WalletStep()
        step.writes = [write(.init(account: account, branch: branch))]
        return (try address(at: path), path, step)
    }

    /// The last address handed out if nobody has paid to it, else a fresh one.
    public mutating func unusedAddress(
        _ account: AccountKind, _ branch: AccountBranch = .external
    ) throws(WalletError) -> (address: Address, path: WalletKeyPath, step: WalletStep) {
        guard let path = book.lastUnused(account, branch) else {
            return try newAddress(account, branch)
        }
        return (try address(at: path), path, WalletStep())
    }

    /// The address of a key.
    public func address(at path: WalletKeyPath) throws(WalletError) -> Address {
        guard let address = Address(script: try book.script(at: path), network: network) else {
            throw .unknownAccount(path.account)
        }
        return address
    }

    /// The number of addresses handed out, or passed over because a later one was paid.
    public func addressCount(_ account: AccountKind, _ branch: AccountBranch) -> UInt32 {
        book.branches[.init(account: account, branch: branch)]?.next ?? 0
    }

    /// The key that `script` is locked to; nil where it is not the wallet's.
    public func path(of script: Script) -> WalletKeyPath? { book.path(of: script) }
}
