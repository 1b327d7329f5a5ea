extension Block {
    /// The number of bytes of the encoding without witnesses.
    public var baseSize: Int { envelopeSize + transactions.reduce(0) { $0 + $1.baseSize } }

    /// The number of bytes of the encoding with witnesses.
    public var totalSize: Int { envelopeSize + transactions.reduce(0) { $0 + $1.totalSize } }

    /// The size in weight units (BIP 141).
    public var weight: Weight { Weight(UInt64(baseSize * 3 + totalSize)) }

    private var envelopeSize: Int { 80 + ByteWriter.compactSizeLength(transactions.count) }
}
