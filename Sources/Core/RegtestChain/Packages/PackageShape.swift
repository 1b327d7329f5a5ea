import Bitcoin

/// Why a list of transactions is not judged together, with Bitcoin Core's words.
public struct PackageRejection: Error, Hashable, Sendable {
    /// The word for the reason.
    public let reason: String
    /// What is added to it; empty where nothing is.
    public let detail: String

    init(_ reason: String, detail: String = "") {
        self.reason = reason
        self.detail = detail
    }

    /// A transaction of the package breaks a rule; its own result says which.
    static let transactionFailed = PackageRejection("transaction failed")

    /// Some transaction does not spend the dust of its parent; its own result says which.
    static let unspentDust = PackageRejection("unspent-dust")

    /// Whether the package broke a rule as a whole, rather than one of its transactions.
    public var isOfWholePackage: Bool { self != .transactionFailed && self != .unspentDust }
}

extension PackageRejection: CustomStringConvertible {
    /// The reason and, after a comma, the detail.
    public var description: String { detail.isEmpty ? reason : "\(reason), \(detail)" }
}

/// What can be asked of a package without knowing the chain.
public enum PackageShape {
    /// The most transactions in a package.
    public static let maximumCount = 25
    private static let maximumWeight = Weight(404_000)

    /// Throws unless the transactions differ, come after those that they spend from, and spend nothing twice.
    public static func check(_ package: [Transaction]) throws(PackageRejection) {
        guard package.count <= maximumCount else {
            throw PackageRejection("package-too-many-transactions")
        }
        let weight = package.reduce(Weight.zero) { $0 + $1.weight }
        guard package.count <= 1 || weight <= maximumWeight else {
            throw PackageRejection("package-too-large")
        }
        let ids = package.map(\.id)
        guard Set(ids).count == ids.count else {
            throw PackageRejection("package-contains-duplicates")
        }
        var later = Set(ids)
        for (transaction, id) in zip(package, ids) {
            guard
                !transaction.inputs.contains(where: {
                    later.contains($0.previousOutput.transactionID)
                })
            else { throw PackageRejection("package-not-sorted") }
            later.remove(id)
        }
        var spent: Set<OutPoint> = []
        for transaction in package {
            let inputs = Set(transaction.inputs.map(\.previousOutput))
            guard !transaction.inputs.isEmpty, spent.isDisjoint(with: inputs) else {
                throw PackageRejection("conflict-in-package")
            }
            spent.formUnion(inputs)
        }
    }

    /// Whether the last transaction spends from each of the others.
    public static func isChildWithParents(_ package: [Transaction]) -> Bool {
        guard package.count > 1, let child = package.last else { return false }
        let spent = Set(child.inputs.map(\.previousOutput.transactionID))
        return package.dropLast().allSatisfy { spent.contains($0.id) }
    }

    /// Whether, besides, none of the parents spends from another.
    public static func isChildWithIndependentParents(_ package: [Transaction]) -> Bool {
        guard isChildWithParents(package) else { return false }
        let parents = Set(package.dropLast().map(\.id))
        return package.dropLast().allSatisfy { parent in
            parent.inputs.allSatisfy { !parents.contains($0.previousOutput.transactionID) }
        }
    }
}
