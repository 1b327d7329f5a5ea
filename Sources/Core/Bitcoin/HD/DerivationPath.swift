/// Why a derivation path, an extended key or one of its children cannot be.
public enum DerivationError: Error, Equatable, Sendable {
    /// A step of a path is not a number below 2^31 with or without a mark; `position` counts steps from 0.
    case invalidStep(String, position: Int)
    /// A path has more than 255 steps.
    case tooDeep(steps: Int)
    /// A child with a hardened number needs the private key.
    case hardenedChildOfPublicKey(ChildNumber)
    /// The key of this number would be out of range: use the next one (chance 2^-127).
    case noKeyAtNumber(ChildNumber)
    /// A seed has 16 to 64 bytes.
    case invalidSeedLength(Int)
    /// The master key of this seed would be out of range: take another seed (chance 2^-127).
    case unusableSeed
    /// The text is not base58check.
    case base58(Base58Error)
    /// An extended key has 78 bytes.
    case invalidLength(expected: Int, actual: Int)
    /// The first four bytes belong to no known kind of extended key.
    case unknownVersion(UInt32)
    /// A private key where a public one is expected, or the other way round.
    case wrongKind(expectedPrivate: Bool)
    /// The key is for the main network and a test network is expected, or the other way round.
    case wrongNetwork(expected: Network)
    /// A master key (depth 0) names a parent or a number of its own.
    case masterKeyWithParent
    /// A private key is preceded by a byte of zero.
    case invalidPrivateKeyPrefix(UInt8)
    /// The bytes of the key are no key.
    case key(KeyError)
}

/// Which child of an extended key: a number below 2^31, hardened or not (BIP 32).
public struct ChildNumber: Hashable, Comparable, Sendable {
    /// The number as it stands in the encoding: the top bit marks a hardened one.
    public let value: UInt32

    static let hardenedBit: UInt32 = 0x8000_0000

    /// Takes a number with the top bit as the mark.
    public init(value: UInt32) { self.value = value }

    /// The child `index` without hardening; nil unless `index` is below 2^31.
    public init?(normal index: UInt32) {
        guard index < ChildNumber.hardenedBit else { return nil }
        value = index
    }

    /// The hardened child `index`; nil unless `index` is below 2^31.
    public init?(hardened index: UInt32) {
        guard index < ChildNumber.hardenedBit else { return nil }
        value = index | ChildNumber.hardenedBit
    }

    /// Whether a private key is needed to derive the child.
    public var isHardened: Bool { value & ChildNumber.hardenedBit != 0 }

    /// The number without the mark: 0 to 2^31 - 1.
    public var index: UInt32 { value & ~ChildNumber.hardenedBit }

    public static func < (left: ChildNumber, right: ChildNumber) -> Bool {
        left.value < right.value
    }
}

extension ChildNumber: CustomStringConvertible {
    /// The number, followed by `'` where it is hardened.
    public var description: String { isHardened ? "\(index)'" : "\(index)" }
}

/// The way from one extended key to another (BIP 32).
public struct DerivationPath: Hashable, Sendable {
    /// The numbers of the children, from the top down.
    public var steps: [ChildNumber]

    /// The greatest depth that an extended key can have.
    public static let maximumDepth = 255

    /// A path of these steps.
    public init(_ steps: [ChildNumber] = []) { self.steps = steps }

    /// Reads a path as in `m/84'/0'/0'/0/5`; `m/` may be left out, and `h` or `H` stand for `'`.
    ///
    /// Throws ``DerivationError/invalidStep(_:position:)`` or ``DerivationError/tooDeep(steps:)``.
    public init(_ text: some StringProtocol) throws(DerivationError) {
        var parts = text.split(separator: "/", omittingEmptySubsequences: false)[...]
        if parts.first == "m" || text.isEmpty { parts.removeFirst() }
        guard parts.count <= DerivationPath.maximumDepth else {
            throw .tooDeep(steps: parts.count)
        }
        steps = []
        for (position, part) in parts.enumerated() {
            guard let step = DerivationPath.step(part) else {
                throw .invalidStep(String(part), position: position)
            }
            steps.append(step)
        }
    }

    private static func step(_ text: some StringProtocol) -> ChildNumber? {
        let mark = text.last.map { "'hH".contains($0) } ?? false
        let digits = mark ? String(text.dropLast()) : String(text)
        guard (1...10).contains(digits.utf8.count), digits.utf8.allSatisfy({ 48...57 ~= $0 }),
            let index = UInt32(digits)
        else { return nil }
        return mark ? ChildNumber(hardened: index) : ChildNumber(normal: index)
    }

    /// The path with one more step.
    public func appending(_ step: ChildNumber) -> DerivationPath {
        DerivationPath(steps + [step])
    }

    /// The path with those of `other` behind it.
    public func appending(_ other: DerivationPath) -> DerivationPath {
        DerivationPath(steps + other.steps)
    }
}

extension DerivationPath: CustomStringConvertible {
    /// The text from the master key on, as in `m/84'/0'/0'`.
    public var description: String { steps.reduce("m") { "\($0)/\($1)" } }
}
