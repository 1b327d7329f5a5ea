/// The merkle tree of Bitcoin, which hashes the last node of an odd row with itself.
public enum MerkleRoot {
    /// The root over `leaves`; zero where there are none.
    ///
    /// `isMutated` tells of two equal neighbours in a row: another list of transactions has the same root
    /// (CVE-2012-2459), so a block with such a tree must not be judged by its hash alone.
    public static func compute(_ leaves: [Hash256]) -> (root: Hash256, isMutated: Bool) {
        guard var last = leaves.last else { return (.zero, false) }
        var row = leaves
        var isMutated = false
        while row.count > 1 {
            for index in stride(from: 0, to: row.count - 1, by: 2)
            where row[index] == row[index + 1] {
                isMutated = true
            }
            last = row[row.count - 1]
            if row.count % 2 == 1 { row.append(last) }
            row = stride(from: 0, to: row.count, by: 2).map { combine(row[$0], row[$0 + 1]) }
        }
        return (row[0], isMutated)
    }

    private static func combine(_ left: Hash256, _ right: Hash256) -> Hash256 {
        var hasher = SHA256()
        hasher.update(left)
        hasher.update(right)
        return SHA256.hash(of: hasher.finalize())
    }
}

extension Block {
    /// The root over the transaction identifiers, which the header must hold.
    public func computeMerkleRoot() -> (root: Hash256, isMutated: Bool) {
        MerkleRoot.compute(transactions.map(\.id.hash))
    }

    /// The root over the identifiers with witnesses, the coinbase counted as zero (BIP 141).
    public func computeWitnessMerkleRoot() -> Hash256 {
        MerkleRoot.compute([.zero] + transactions.dropFirst().map(\.witnessID.hash)).root
    }
}
