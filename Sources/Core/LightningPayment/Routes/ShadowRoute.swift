/// The blocks that a payer adds to the last expiry, so that the nodes on the way cannot tell from it how far away the payee
/// is.
///
/// BOLT 7: "In order to create a plausible offset, the origin node MAY start a limited random walk on the graph, starting
/// from the intended recipient and summing the `cltv_expiry_delta`s, and use the resulting sum as the offset."
/// The walk here is over deltas as they are usual, so that it needs no graph.
enum ShadowRoute {
    /// The deltas that most channels ask for, the more usual more often.
    private static let usualDeltas: [UInt32] = [40, 40, 80, 80, 80, 144, 34, 100]
    /// A payment binds money for no longer than it has to where it is refused, but for that many blocks.
    static let most: UInt32 = 288

    /// The sum of none to three deltas, of which each further one is half as likely; at most a quarter of `room`, which are the
    /// blocks that are left for the way.
    static func delta(_ random: UInt64, room: UInt32) -> UInt32 {
        var (bits, sum) = (random, UInt32(0))
        for _ in 0..<3 {
            guard bits & 1 == 1 else { break }
            sum += usualDeltas[Int(bits >> 1) & 7]
            bits >>= 4
        }
        return min(sum, room / 4, most)
    }
}
