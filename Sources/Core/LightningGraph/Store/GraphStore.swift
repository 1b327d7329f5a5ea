import Bitcoin
import LightningWire

/// Why a stored graph cannot be read. It can be had again from peers, so the answer to each is to start without one.
public enum GraphStoreError: Error, Equatable, Sendable {
    /// The file does not begin as a stored graph does.
    case notAGraph
    /// A newer release wrote it.
    case unknownVersion(UInt32)
    /// The file is shorter or longer than its counts say.
    case wrongSize(expected: Int, actual: Int)
    /// There are more nodes, channels or fees than a graph takes.
    case tooLarge(count: UInt64, limit: UInt64)
    /// Bytes changed after they were written.
    case wrongChecksum(expected: UInt32, actual: UInt32)
    /// A column holds a value that no graph can have: its name.
    case invalidColumn(String)
}

/// The file form of a graph: a header, then columns of little-endian numbers, then a checksum.
///
///     8  "SALGRAPH"           then for each node, by number of channels    then for each direction, two per channel
///     4  version                1  prefix of the id                          8  htlc_minimum_msat
///     4  nodes                 32  x coordinate of the id                    8  htlc_maximum_msat
///     4  channels               4  timestamp of its announcement             4  timestamp, 0 for no update
///     4  inbound fees           1  flags                                     4  fee_base_msat
///     8  saved at             then for each channel, ascending by id         4  fee_proportional_millionths
///    16  fingerprint key        8  short_channel_id                          4  checksum
///                               8  capacity                                  2  cltv_expiry_delta
///     …  columns                8  fingerprint of the funding                1  flags
///     4  CRC-32C of all         4  place of node 1                         then for each inbound fee
///        before                 4  place of node 2                           4  direction
///                               1  flags                                     4  base, signed
///                                                                            4  proportional, signed
///
/// It is made to be mapped and read once, column by column, without a look at any message. It holds no signatures: the
/// messages themselves are records of their own, read only where a peer asks for them.
public enum GraphStore {
    static let magic = Array("SALGRAPH".utf8)
    static let version: UInt32 = 1
    static let headerSize = 48
    static let nodeSize = 38
    static let channelSize = 33
    static let directionSize = 35
    static let inboundFeeSize = 12

    /// What a file holds.
    public struct Contents: Sendable {
        public var graph: ChannelGraph
        /// When it was saved, in seconds since 1970: what is newer has to be asked for.
        public var savedAt: UInt64
        /// The key of the graph's fingerprints.
        public var key: FundingFingerprintKey

        /// Contents of these parts.
        public init(graph: ChannelGraph, savedAt: UInt64, key: FundingFingerprintKey) {
            self.graph = graph
            self.savedAt = savedAt
            self.key = key
        }
    }

    /// The size of a file with these counts.
    static func size(nodes: Int, channels: Int, inboundFees: Int) -> Int {
        headerSize + nodes * nodeSize + channels * (channelSize + 2 * directionSize)
            + inboundFees * inboundFeeSize + 4
    }
}
