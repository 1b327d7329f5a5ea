/// Coins on the chain.
extension Node {
    /// The key by which the network knows the node.
    public func key() throws -> PublicKey {
        guard case .status(let status) = try host.perform(.status) else { throw NodeDefect() }
        return status.nodeKey
    }

    /// The height of the last block that the node has processed; nil before the first.
    public func height() throws -> BlockHeight? {
        guard case .status(let status) = try host.perform(.status) else { throw NodeDefect() }
        return status.tip?.height
    }

    /// A fresh address to be paid at.
    public func newAddress(_ kind: AccountKind = .taproot) throws -> Address {
        guard
            case .address(let address, _) = try host.perform(
                .books(.newAddress(kind, reuse: false)))
        else { throw NodeDefect() }
        return address
    }

    /// The sums of the wallet's coins.
    public func balance() throws -> WalletBalance {
        guard case .balance(let balance) = try host.perform(.books(.balance)) else {
            throw NodeDefect()
        }
        return balance
    }
}

/// The node has answered another question than was asked: a defect of the node.
public struct NodeDefect: Error, Sendable {}
