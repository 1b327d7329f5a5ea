/// Something that is spoilt on purpose in a run, to see that the checker of an invariant notices.
package enum Doctoring: Sendable {
    /// A node's disk acknowledges commits and does not keep them.
    case brokenDisk
    /// A record is lost from a node's disk.
    case lostRecord
    /// A wallet's books show a satoshi too much.
    case phantomCoin
    /// A node's money goes where it was not meant to.
    case theft
    /// One end of each channel believes in a millisatoshi more.
    case driftingBalance
    /// HTLCs expire some days before their channels know.
    case earlierExpiry
    /// A forwarder gives back what it was paid out for.
    case forgedFailure
    /// A node hears no more of the chain once faults have stopped.
    case deafNode
    /// A transaction is spoilt on its way from a node to its backend.
    case invalidTransaction
}
