extension Array {
    /// Appends `other`, which is not copied where there was nothing before: steps are mostly put after empty ones.
    @inlinable
    public mutating func extend(by other: [Element]) {
        if isEmpty {
            self = other
        } else if !other.isEmpty {
            append(contentsOf: other)
        }
    }
}
