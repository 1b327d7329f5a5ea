import Bitcoin

extension RegtestChain {
    /// BIP 431 for transactions whose parents and siblings may be in the same package.
    func checkRestrictedTopology(of package: JudgedPackage) throws(PackageRejection) {
        for candidate in package.candidates {
            do throws(TopologyViolation) {
                try checkRestrictedTopology(of: candidate, in: package.candidates)
            } catch {
                throw PackageRejection("TRUC-violation", detail: error.text)
            }
        }
    }

    private func checkRestrictedTopology(
        of candidate: Candidate, in package: [Candidate]
    ) throws(TopologyViolation) {
        let spent = Set(candidate.transaction.inputs.map(\.previousOutput.transactionID))
        let packageParents = package.filter { spent.contains($0.id) }
        for parent in packageParents {
            try RelayPolicy.checkVersions(
                child: candidate.name, version: candidate.transaction.version,
                parent: parent.name, parentVersion: parent.transaction.version)
        }
        guard candidate.transaction.version == RelayPolicy.restrictedVersion else { return }
        let ancestors = candidate.ancestors.count + packageParents.count
        try RelayPolicy.checkRestrictedSize(
            candidate.name, virtualSize: candidate.virtualSize, hasParent: ancestors > 0,
            ancestors: ancestors)
        guard ancestors > 0 else { return }
        let mempoolParent = candidate.ancestors.first.flatMap { mempool[$0] }
        guard let parent = mempoolParent.map({ TransactionName($0) }) ?? packageParents.first?.name
        else { return }
        for other in package where other.id != candidate.id {
            for input in other.transaction.inputs {
                switch input.previousOutput.transactionID {
                case parent.id: throw .tooManyDescendants(of: parent)
                case candidate.id:
                    throw TopologyViolation(text: "tx \(other.name) would have too many ancestors")
                default: break
                }
            }
        }
        if let mempoolParent, mempool.withDescendants(mempoolParent.id).count > 1,
            mempoolParent.children.isDisjoint(with: candidate.conflicts)
        {
            throw .tooManyDescendants(of: parent)
        }
    }
}

extension TopologyViolation {
    static func tooManyDescendants(of parent: TransactionName) -> TopologyViolation {
        TopologyViolation(text: "tx \(parent) would exceed descendant count limit")
    }
}
