import Bitcoin

/// Numbers that nobody can guess who does not know the seed, and that the seed alone decides.
struct EntropyGenerator: RandomNumberGenerator {
    private let seed: Hash256
    private var counter: UInt64 = 0

    init(seed: Hash256) { self.seed = seed }

    mutating func next() -> UInt64 {
        var writer = ByteWriter(capacity: 40)
        writer.write(seed)
        writer.writeBigEndian(counter)
        counter += 1
        return SHA256.hash(writer.bytes).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
    }
}
