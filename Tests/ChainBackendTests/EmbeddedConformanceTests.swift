import Bitcoin
import ChainBackend
import Testing

/// What every backend does alike, on the chain inside the process.
@Suite(.serialized)
struct EmbeddedConformanceTests {
    @Test("in process", arguments: ConformanceCase.all)
    func embedded(_ conformance: ConformanceCase) throws {
        try Self.shared.use { try conformance.run($0) }
    }

    private static let shared = SharedChain { EmbeddedControl() }
}

/// The embedded chain under a test's command.
final class EmbeddedControl: ControlledChain {
    private let chain = EmbeddedChain()

    var backend: any ChainBackend { chain }

    func mine(_ count: Int, to script: Script) throws -> [BlockHash] {
        try chain.mine(count, to: script)
    }

    func invalidate(_ block: BlockHash) throws { try chain.invalidate(block) }

    func reconsider(_ block: BlockHash) throws { try chain.reconsider(block) }
}
