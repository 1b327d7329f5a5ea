import Bitcoin

/// How a transaction breaks the rules of BIP 431, and the transaction that could make room for it.
struct TopologyViolation: Error {
    let text: String
    /// The other child of its parent, which may be evicted where the newcomer pays more.
    var evictableSibling: TransactionID?
}

extension RegtestChain {
    /// BIP 431: version 3 goes with version 3, as one parent and one child, the child small.
    func checkRestrictedTopology(of candidate: Candidate) throws(TopologyViolation) {
        let transaction = candidate.transaction
        let parents = mempool.parents(of: transaction).sorted().compactMap { mempool[$0] }
        for parent in parents {
            try RelayPolicy.checkVersions(
                child: candidate.name, version: transaction.version,
                parent: TransactionName(parent), parentVersion: parent.transaction.version)
        }
        guard transaction.version == RelayPolicy.restrictedVersion else { return }
        try RelayPolicy.checkRestrictedSize(
            candidate.name, virtualSize: candidate.virtualSize,
            hasParent: !candidate.ancestors.isEmpty, ancestors: candidate.ancestors.count)
        guard let parent = parents.first else { return }
        let siblings = parent.children
        let isReplacement = !siblings.isDisjoint(with: candidate.conflicts)
        let descendants = mempool.withDescendants(parent.id).count
        guard descendants + 1 > 2, !isReplacement else { return }
        var violation = TopologyViolation.tooManyDescendants(of: TransactionName(parent))
        if descendants == 2, let sibling = siblings.first,
            mempool.withAncestors(sibling).count == 2
        {
            violation.evictableSibling = sibling
        }
        throw violation
    }
}

extension RelayPolicy {
    /// The version of topologically restricted transactions.
    static let restrictedVersion: Int32 = 3
    private static let maximumSize: UInt64 = 10_000
    private static let maximumChildSize: UInt64 = 1_000

    /// Throws unless both or neither of parent and child are restricted.
    static func checkVersions(
        child: TransactionName, version: Int32, parent: TransactionName, parentVersion: Int32
    ) throws(TopologyViolation) {
        switch (version == restrictedVersion, parentVersion == restrictedVersion) {
        case (true, true), (false, false): break
        case (false, true):
            throw TopologyViolation(
                text: "non-version=3 tx \(child) cannot spend from version=3 tx \(parent)")
        case (true, false):
            throw TopologyViolation(
                text: "version=3 tx \(child) cannot spend from non-version=3 tx \(parent)")
        }
    }

    /// Throws where a restricted transaction is too large for its place.
    static func checkRestrictedSize(
        _ name: TransactionName, virtualSize: UInt64, hasParent: Bool, ancestors: Int
    ) throws(TopologyViolation) {
        guard virtualSize <= maximumSize else {
            throw TopologyViolation(
                text:
                    "version=3 tx \(name) is too big: \(virtualSize) > \(maximumSize) virtual bytes"
            )
        }
        guard ancestors + 1 <= 2 else {
            throw TopologyViolation(text: "tx \(name) would have too many ancestors")
        }
        guard !hasParent || virtualSize <= maximumChildSize else {
            throw TopologyViolation(
                text: "version=3 child tx \(name) is too big:"
                    + " \(virtualSize) > \(maximumChildSize) virtual bytes")
        }
    }
}

/// A transaction's two identifiers, as Bitcoin Core's messages print them.
struct TransactionName: CustomStringConvertible {
    let id: TransactionID
    let witnessID: WitnessTransactionID

    init(_ entry: MempoolEntry) {
        id = entry.id
        witnessID = entry.witnessID
    }

    init(id: TransactionID, witnessID: WitnessTransactionID) {
        self.id = id
        self.witnessID = witnessID
    }

    var description: String { "\(id) (wtxid=\(witnessID))" }
}

extension Candidate {
    var name: TransactionName { TransactionName(id: id, witnessID: witnessID) }
}
