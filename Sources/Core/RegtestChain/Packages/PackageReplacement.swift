import Bitcoin

extension RegtestChain {
    /// Replacement by a parent and its child, whose fees count together. Notes what would go.
    func checkReplacement(by package: inout JudgedPackage) throws(PackageRejection) {
        let direct = package.candidates.reduce(into: Set<TransactionID>()) {
            $0.formUnion($1.conflicts)
        }
        guard !direct.isEmpty else { return }
        guard package.candidates.count == 2, PackageShape.isChildWithParents(package.transactions)
        else { throw .replacement("package must be 1-parent-1-child") }
        guard package.candidates.allSatisfy(\.ancestors.isEmpty) else {
            throw .replacement("new transaction cannot have mempool ancestors")
        }
        let (parent, child) = (package.candidates[0], package.candidates[1])
        let count = direct.reduce(0) { $0 + mempool.withDescendants($1).count }
        guard count <= RelayPolicy.maximumReplaced else {
            throw .replacement(
                "too many potential replacements",
                detail: "rejecting replacement \(child.id); too many potential replacements"
                    + " (\(count) > \(RelayPolicy.maximumReplaced))")
        }
        var replaced: Set<TransactionID> = []
        for id in direct { replaced.formUnion(mempool.descendants(of: id).union([id])) }
        do throws(ReplacementShortfall) {
            try policy.checkPaysForReplacement(
                child.id, fees: package.fees, virtualSize: package.virtualSize,
                replacedFees: mempool.aggregate(replaced).fees)
        } catch {
            throw .replacement("insufficient anti-DoS fees", detail: error.text)
        }
        guard package.feerate > parent.feerate else {
            throw .replacement(
                "package feerate is less than or equal to parent feerate",
                detail: "package feerate \(package.feerate) <= parent feerate is \(parent.feerate)")
        }
        try checkImproves(package, replaced: replaced)
        package.candidates[0].replaced = replaced
    }

    /// Throws unless miners earn more with the package than with what it replaces, however much they mine.
    private func checkImproves(
        _ package: JudgedPackage, replaced: Set<TransactionID>
    ) throws(PackageRejection) {
        var before: [FeerateDiagram.Chunk] = []
        var after = [
            FeerateDiagram.Chunk(fees: package.fees, virtualSize: package.virtualSize)
        ]
        var seen: Set<TransactionID> = []
        for id in replaced.sorted() where !seen.contains(id) {
            let cluster = try smallCluster(of: id)
            seen.formUnion(cluster.map(\.id))
            let chunks = cluster.map {
                FeerateDiagram.Chunk(fees: $0.modifiedFee, virtualSize: $0.virtualSize)
            }
            before +=
                chunks.count == 2
                ? FeerateDiagram.chunks(parent: chunks[0], child: chunks[1]) : chunks
            for (entry, chunk) in zip(cluster, chunks) where !replaced.contains(entry.id) {
                after.append(chunk)
            }
        }
        guard FeerateDiagram(after).improves(on: FeerateDiagram(before)) else {
            throw .replacement("insufficient feerate: does not improve feerate diagram")
        }
    }

    /// A transaction with its only relative, the parent first; only such clusters can be compared.
    private func smallCluster(of id: TransactionID) throws(PackageRejection) -> [MempoolEntry] {
        guard let entry = mempool[id] else { return [] }
        let ancestors = mempool.ancestors(of: id).count
        let descendants = mempool.descendants(of: id).count
        if ancestors > 0, descendants > 0 {
            throw .replacement(
                "\(id) has both ancestor and descendant, exceeding cluster limit of 2")
        }
        guard ancestors <= 1 else {
            throw .replacement("\(id) has \(ancestors) ancestors, max 1 allowed")
        }
        guard descendants <= 1 else {
            throw .replacement("\(id) has \(descendants) descendants, max 1 allowed")
        }
        if let child = entry.children.first.flatMap({ mempool[$0] }) {
            guard child.parents.count == 1 else {
                throw .replacement("\(id) is not the only parent of child \(child.id)")
            }
            return [entry, child]
        }
        if let parent = entry.parents.first.flatMap({ mempool[$0] }) {
            guard parent.children.count == 1 else {
                throw .replacement("\(id) is not the only child of parent \(parent.id)")
            }
            return [parent, entry]
        }
        return [entry]
    }
}

extension PackageRejection {
    fileprivate static func replacement(_ text: String, detail: String = "") -> PackageRejection {
        PackageRejection("package RBF failed: \(text)", detail: detail)
    }
}
