import LightningChannel
import Testing

/// Expects `body` to be refused with exactly `expected`, and to have changed nothing: not the commitments, the disk or the
/// wire.
func expectRefusal(
    _ expected: ChannelError, _ side: inout TestSide, location: SourceLocation = #_sourceLocation,
    _ body: (inout TestSide) throws -> Void
) {
    let before = side
    #expect(throws: expected, sourceLocation: location) { try body(&side) }
    #expect(side.commitments == before.commitments, sourceLocation: location)
    #expect(side.shelf == before.shelf, sourceLocation: location)
    #expect(side.wire == before.wire, sourceLocation: location)
}
