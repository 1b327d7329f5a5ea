/// Something that is spoilt on purpose in a run, to see that the checker of an invariant notices.
package enum Doctoring: Sendable {
    /// A node's disk acknowledges commits and does not keep them.
    case brokenDisk
    /// A record is lost from a node's disk.
    case lostRecord
    /// A transaction is spoilt on its way from a node to its backend.
    case invalidTransaction
}
