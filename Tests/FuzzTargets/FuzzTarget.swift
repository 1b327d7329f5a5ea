import Bitcoin

/// Something that reads bytes from outside, and what has to hold for whatever bytes come.
///
/// Beyond the property that is checked, no input may trap or take long.
public struct FuzzTarget: Sendable {
    /// The name by which it is run.
    public let name: String
    /// Inputs that are read to their end, for a fuzzer to start from.
    public let seeds: [[UInt8]]
    /// Reads an input; throws where a property does not hold, not where the input is refused.
    public let run: @Sendable ([UInt8]) throws -> Void

    /// A target of these parts.
    public init(
        _ name: String, seeds: [[UInt8]], run: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.name = name
        self.seeds = seeds
        self.run = run
    }

    /// Every target.
    public static let all: [FuzzTarget] =
        bitcoin + scripts + text + web + wire + onions + transport + invoices
        + channels + channelMessages + graphs + gossip

    /// The target of that name.
    public static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// A property that an input broke.
public struct FuzzFailure: Error, CustomStringConvertible {
    /// What does not hold.
    public let description: String

    init(_ description: String) { self.description = description }
}

extension FuzzTarget {
    /// A target for a decoder and its encoder: what was decoded, encoded and decoded again is the same.
    static func codec<Value: Equatable & SendableMetatype>(
        _ name: String, seeds: [[UInt8]], isCanonical: Bool = false,
        decode: @escaping @Sendable ([UInt8]) throws -> Value,
        encode: @escaping @Sendable (Value) -> [UInt8]
    ) -> FuzzTarget {
        FuzzTarget(name, seeds: seeds) { bytes in
            guard let value = try? decode(bytes) else { return }
            let encoded = encode(value)
            if isCanonical, encoded != bytes {
                throw FuzzFailure("\(name): the encoding of what was decoded has other bytes")
            }
            guard let again = try? decode(encoded) else {
                throw FuzzFailure("\(name): what was encoded is refused")
            }
            guard again == value else {
                throw FuzzFailure("\(name): what was encoded is decoded to another value")
            }
        }
    }

    /// A target for a type with one encoding for each value.
    static func codec<Value: BinaryCodable & Equatable & Sendable>(
        _ name: String, of type: Value.Type, seeds: [Value]
    ) -> FuzzTarget {
        codec(
            name, seeds: seeds.map(\.encoded), isCanonical: true,
            decode: { try Value(decoding: $0) }, encode: { $0.encoded })
    }

    /// A target for text that is parsed and printed.
    static func text<Value: Equatable & SendableMetatype>(
        _ name: String, seeds: [String], parse: @escaping @Sendable (String) throws -> Value?,
        print: @escaping @Sendable (Value) -> String
    ) -> FuzzTarget {
        FuzzTarget(name, seeds: seeds.map { Array($0.utf8) }) { bytes in
            guard let value = try? parse(String(decoding: bytes, as: UTF8.self)) else { return }
            guard let again = try? parse(print(value)), again == value else {
                throw FuzzFailure("\(name): what was printed is parsed to another value")
            }
        }
    }
}
