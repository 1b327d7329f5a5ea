import LightningGraph
import LightningWire

/// One way to a payee that does not tell who it is (BOLT 12, `invoice_paths` and `blinded_payinfo`).
public struct BlindedDestination: Hashable, Sendable {
    public var path: BlindedPath
    /// What the path asks for as a whole, and the node that it begins at.
    public var terms: BlindedEnd

    /// The way along `path` on these terms.
    public init(path: BlindedPath, terms: BlindedEnd) {
        self.path = path
        self.terms = terms
    }
}
