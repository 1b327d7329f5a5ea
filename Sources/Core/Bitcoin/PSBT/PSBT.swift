/// A transaction on its way to its signatures, with all that signers need to know (BIP 174, BIP 370, BIP 371).
public struct PSBT: Hashable, Sendable {
    /// The two versions of the format.
    public enum Version: UInt32, Sendable {
        /// BIP 174: the unsigned transaction stands in the global map.
        case v0 = 0
        /// BIP 370: its parts stand in the maps that they concern.
        case v2 = 2
    }

    /// What concerns the whole transaction.
    public var global = PSBTMap()
    /// What concerns the inputs, in their order: as many as the transaction has.
    public var inputs: [PSBTInput] = []
    /// What concerns the outputs, in their order: as many as the transaction has.
    public var outputs: [PSBTOutput] = []

    init() {}

    /// Which version of the format this is.
    public var version: Version {
        global.number(PSBTGlobalType.version).flatMap { Version(rawValue: $0) } ?? .v0
    }

    /// The extended public keys behind the keys of the transaction, by their 78 bytes.
    public var extendedPublicKeys: [[UInt8]: KeyOrigin] {
        get { global.decodedValues(PSBTGlobalType.extendedPublicKey) }
        set { global.setValues(PSBTGlobalType.extendedPublicKey, newValue.mapValues(\.encoded)) }
    }

    static let magic: [UInt8] = [0x70, 0x73, 0x62, 0x74, 0xff]
}

extension PSBT {
    /// Decodes bytes and checks every entry of a type that is known.
    public init(decoding bytes: [UInt8]) throws(PSBTError) {
        guard bytes.starts(with: PSBT.magic) else { throw .notAPSBT }
        var reader = ByteReader(bytes.span.bytes)
        do {
            try reader.skip(PSBT.magic.count)
        } catch {
            throw .malformed(error)
        }
        global = try PSBTMap(from: &reader, scope: .global)
        try PSBTEntryChecks.check(global: global)
        let (inputCount, outputCount) = try checkedCounts()
        for index in 0..<inputCount {
            var input = PSBTInput()
            input.map = try PSBTMap(from: &reader, scope: .input(index))
            try PSBTEntryChecks.check(input: input.map, at: index)
            inputs.append(input)
        }
        for index in 0..<outputCount {
            var output = PSBTOutput()
            output.map = try PSBTMap(from: &reader, scope: .output(index))
            try PSBTEntryChecks.check(output: output.map, at: index)
            outputs.append(output)
        }
        guard reader.isAtEnd else { throw .malformed(.trailingBytes(count: reader.remaining)) }
        try checkVersionFields()
    }

    /// Decodes base 64 text.
    public init(base64 text: some StringProtocol) throws(PSBTError) {
        let bytes: [UInt8]
        do {
            bytes = try Base64.decode(text)
        } catch {
            throw .malformed(error)
        }
        try self.init(decoding: bytes)
    }

    /// The bytes; each map in the order of its keys.
    public var encoded: [UInt8] {
        var writer = ByteWriter(capacity: 1024)
        writer.write(PSBT.magic)
        global.write(to: &writer)
        for input in inputs { input.map.write(to: &writer) }
        for output in outputs { output.map.write(to: &writer) }
        return writer.bytes
    }

    /// The bytes as base 64 text.
    public var base64: String { Base64.encode(encoded) }
}

/// The fields that each version demands and excludes.
extension PSBT {
    /// The numbers of inputs and outputs as the global map has them, after checking that map.
    private func checkedCounts() throws(PSBTError) -> (Int, Int) {
        let number = global.number(PSBTGlobalType.version) ?? 0
        guard let version = Version(rawValue: number) else { throw .unsupportedVersion(number) }
        switch version {
        case .v0:
            let excluded: [PSBTGlobalType] = [
                .transactionVersion, .fallbackLockTime, .inputCount, .outputCount, .modifiable,
            ]
            for type in excluded { try forbid(type, in: global, .global) }
            try require(PSBTGlobalType.unsignedTransaction, in: global, .global)
            let transaction = try versionZeroTransaction()
            for (index, input) in transaction.inputs.enumerated()
            where !input.scriptSig.isEmpty {
                throw .transactionIsSigned(input: index)
            }
            return (transaction.inputs.count, transaction.outputs.count)
        case .v2:
            try forbid(PSBTGlobalType.unsignedTransaction, in: global, .global)
            let required: [PSBTGlobalType] = [.transactionVersion, .inputCount, .outputCount]
            for type in required { try require(type, in: global, .global) }
            return (count(.inputCount), count(.outputCount))
        }
    }

    private func checkVersionFields() throws(PSBTError) {
        let isVersion2 = version == .v2
        for (index, input) in inputs.enumerated() {
            if isVersion2 {
                try require(PSBTInputType.previousTransactionID, in: input.map, .input(index))
                try require(PSBTInputType.outputIndex, in: input.map, .input(index))
            } else {
                for type in PSBTInputType.allCases where type.isVersion2Only {
                    try forbid(type, in: input.map, .input(index))
                }
            }
        }
        for (index, output) in outputs.enumerated() {
            for type in PSBTOutputType.allCases where type.isVersion2Only {
                if isVersion2 {
                    try require(type, in: output.map, .output(index))
                } else {
                    try forbid(type, in: output.map, .output(index))
                }
            }
        }
    }

    private func count(_ type: PSBTGlobalType) -> Int {
        global.value(type).flatMap { try? PSBTMap.count($0) } ?? 0
    }

    private func require(
        _ type: some RawRepresentable<UInt64>, in map: PSBTMap, _ scope: PSBTScope
    ) throws(PSBTError) {
        guard map.value(type) != nil else {
            throw .missingField(scope, type: type.rawValue)
        }
    }

    private func forbid(
        _ type: some RawRepresentable<UInt64>, in map: PSBTMap, _ scope: PSBTScope
    ) throws(PSBTError) {
        guard map.value(type) == nil else {
            throw .forbiddenField(scope, type: type.rawValue)
        }
    }
}
