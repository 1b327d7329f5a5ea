import COpenSSL

extension [UInt8] {
    /// Overwrites the bytes with zeros in a way that the optimiser cannot leave out, then removes them.
    ///
    /// Reaches this storage alone: copies made by growing or by sharing it are not wiped.
    public mutating func wipe() {
        withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
        removeAll()
    }
}

extension SecretBytes {
    /// Moves `bytes` here and wipes them there.
    public convenience init(wiping bytes: inout [UInt8]) {
        self.init(bytes)
        bytes.wipe()
    }

    /// Appends the bytes to `target`, which is to have room reserved for them: growing would leave a copy behind.
    public func append(to target: inout [UInt8]) {
        withUnsafeBytes { target.append(contentsOf: $0) }
    }
}
