/// Why words or entropy make no mnemonic. No case holds a word: they are the secret.
public enum MnemonicError: Error, Equatable, Sendable {
    /// Entropy has 16, 20, 24, 28 or 32 bytes.
    case invalidEntropyLength(Int)
    /// A mnemonic has 12, 15, 18, 21 or 24 words.
    case invalidWordCount(Int)
    /// A word is not in the English list; `position` counts words from 0.
    case unknownWord(position: Int)
    /// All words are in the list, but the last one does not fit the others.
    case checksumMismatch
    /// The passphrase has characters other than ASCII, which have to be normalised first.
    case passphraseNotASCII
}

extension MnemonicError: CustomStringConvertible {
    /// One line that says what is wrong and what would be right.
    public var description: String {
        switch self {
        case .invalidEntropyLength(let count):
            "the entropy has \(count) bytes, expected 16, 20, 24, 28 or 32"
        case .invalidWordCount(let count):
            "the mnemonic has \(count) words, expected 12, 15, 18, 21 or 24"
        case .unknownWord(let position):
            "word \(position + 1) of the mnemonic is not in the English list of BIP 39"
        case .checksumMismatch:
            "the words of the mnemonic do not fit together: one is wrong or they are out of order"
        case .passphraseNotASCII: "the passphrase has characters other than ASCII"
        }
    }
}

/// Words that stand for the entropy of a wallet (BIP 39, English).
public struct Mnemonic: Sendable, Equatable {
    /// The 16 to 32 bytes behind the words, without the checksum.
    public let entropy: SecretBytes

    /// The numbers of words that BIP 39 has.
    public static let wordCounts = [12, 15, 18, 21, 24]

    /// Takes 16, 20, 24, 28 or 32 bytes of good randomness.
    ///
    /// Throws ``MnemonicError/invalidEntropyLength(_:)``.
    public init(entropy: SecretBytes) throws(MnemonicError) {
        guard [16, 20, 24, 28, 32].contains(entropy.count) else {
            throw .invalidEntropyLength(entropy.count)
        }
        self.entropy = entropy
    }

    /// Reads words with any white space between and around them; case does not count.
    public init(_ text: some StringProtocol) throws(MnemonicError) {
        let words = text.split { $0.isWhitespace }
        guard Mnemonic.wordCounts.contains(words.count) else {
            throw .invalidWordCount(words.count)
        }
        // Eleven bits for each word, the last byte filled with zeros.
        var bytes: [UInt8] = []
        defer { bytes.wipe() }
        bytes.reserveCapacity((words.count * 11 + 7) / 8)
        var (buffer, bits) = (0, 0)
        for (position, word) in words.enumerated() {
            guard let index = Mnemonic.index(of: word.lowercased()) else {
                throw .unknownWord(position: position)
            }
            buffer = (buffer << 11 | index) & 0xf_ffff
            bits += 11
            while bits >= 8 {
                bits -= 8
                bytes.append(UInt8(buffer >> bits & 0xff))
            }
        }
        if bits > 0 { bytes.append(UInt8(buffer << (8 - bits) & 0xff)) }
        let count = words.count * 4 / 3
        let entropy = SecretBytes(bytes[..<count])
        guard Mnemonic.checksum(entropy) == bytes[count] else { throw .checksumMismatch }
        try self.init(entropy: entropy)
    }

    /// The words in their order.
    public var words: [String] {
        var bytes: [UInt8] = []
        defer { bytes.wipe() }
        bytes.reserveCapacity(entropy.count + 1)
        entropy.append(to: &bytes)
        bytes.append(Mnemonic.checksum(entropy))
        return (0..<(entropy.count * 3 / 4)).map { position in
            Mnemonic.englishWords[Mnemonic.bits(of: bytes, from: position * 11)]
        }
    }

    /// The seed for BIP 32: 64 bytes. `passphrase` is plain ASCII.
    ///
    /// Throws ``MnemonicError/passphraseNotASCII``: BIP 39 demands the form NFKD, which the caller has to bring about for
    /// other characters, to call ``seed(normalizedPassphrase:)``.
    public func seed(passphrase: String = "") throws(MnemonicError) -> SecretBytes {
        var bytes = Array(passphrase.utf8)
        defer { bytes.wipe() }
        guard bytes.allSatisfy({ $0 < 128 }) else { throw .passphraseNotASCII }
        return seed(normalizedPassphrase: SecretBytes(bytes))
    }

    /// The seed for BIP 32: 64 bytes. `normalizedPassphrase` is UTF-8 in the normal form NFKD.
    public func seed(normalizedPassphrase: SecretBytes) -> SecretBytes {
        // A word is short enough to live in its string's own bytes: the sentence is what leaves traces.
        var password: [UInt8] = []
        password.reserveCapacity(24 * 9)
        for word in words {
            if !password.isEmpty { password.append(UInt8(ascii: " ")) }
            password.append(contentsOf: word.utf8)
        }
        var salt: [UInt8] = []
        salt.reserveCapacity(8 + normalizedPassphrase.count)
        salt.append(contentsOf: "mnemonic".utf8)
        normalizedPassphrase.append(to: &salt)
        return PBKDF2.sha512(
            password: SecretBytes(wiping: &password), salt: SecretBytes(wiping: &salt),
            rounds: 2048)
    }
}

extension Mnemonic {
    /// The first bits of the hash, one for each four bytes, at the top of a byte.
    private static func checksum(_ entropy: SecretBytes) -> UInt8 {
        var hasher = SHA256()
        entropy.withUnsafeBytes { hasher.update($0.bytes) }
        let first = hasher.finalize().withUnsafeBytes { $0[0] }
        return first & ~UInt8(0xff >> (entropy.count / 4))
    }

    private static func index(of word: String) -> Int? {
        var (low, high) = (0, englishWords.count)
        while low < high {
            let middle = (low + high) / 2
            if englishWords[middle] < word { low = middle + 1 } else { high = middle }
        }
        return low < englishWords.count && englishWords[low] == word ? low : nil
    }

    /// The eleven bits that start at bit `start`.
    private static func bits(of bytes: [UInt8], from start: Int) -> Int {
        (start..<(start + 11)).reduce(0) { value, bit in
            value << 1 | Int(bytes[bit / 8] >> (7 - bit % 8) & 1)
        }
    }
}
