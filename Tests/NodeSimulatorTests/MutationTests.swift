import Bitcoin
import FoundationEssentials
import TestSupport
import Testing

/// Faults of the core, switched on one at a time: each is noticed (docs/simulator.md).
struct MutationTests {
    /// What notices a fault.
    enum Catcher {
        /// The simulation of so many networks from a seed on, with these checkers among those that may.
        case simulation(from: UInt64, count: UInt64)
        /// Tests whose names match.
        case tests(String)
    }

    static func catcher(of mutation: Mutation) -> Catcher {
        switch mutation {
        case .skipDiskSync, .forgetSecret, .forgetSignatures, .forgetSignedUpdates,
            .sendWithoutWriting, .keepPaidAmount, .wrongDelay, .skipPenalty, .claimTooEarly,
            .lateForTimeouts, .acceptAnySignature, .missPreimages, .forwardUncommitted,
            .keepUncommitted:
            .simulation(from: 1, count: 40)
        case .trustUnsyncedLog: .tests("NodeSimulatorTests.DiskTests/startIsDurable")
        case .acceptAnySecret: .tests("LightningChannelTests.CommitTests/wrongSecret")
        case .acceptAnyPreimage: .tests("LightningChannelTests.RemoveTests")
        case .forgetResolution: .tests("LightningChannelTests.ResolveTests")
        case .forgetPastHTLC: .tests("LightningChannelTests.RecordTests")
        case .ignoreOutdated, .noRevocationAgain, .noCommitmentAgain, .otherOrderAgain:
            .tests("LightningChannelTests.ReestablishTests")
        case .htlcIndexOffByOne: .tests("LightningCommitmentTests.CommitmentVectors")
        case .failBackAtOnce: .tests("LightningOnChainTests.ReorganisationTests")
        case .skipTimeout: .tests("LightningOnChainTests.CloseTests")
        case .neverRaiseFees: .tests("LightningOnChainTests.CommitmentPublishingTests")
        case .skipWatch: .tests("LightningNodeTests")
        case .forwardForNothing, .forwardWithoutTime, .takeAnyAmount:
            .tests("LightningCryptoTests.PaymentOpeningTests")
        case .payTwice: .tests("LightningPaymentTests.PaymentTests")
        }
    }

    /// The program that runs networks with a fault; it was built with the running tests and lies beside them.
    static let runner: String? = beside("MutationRunner")

    /// The program that runs these tests.
    static let testProgram = try? FileManager.default.destinationOfSymbolicLink(
        atPath: "/proc/self/exe")

    private static func beside(_ name: String) -> String? {
        guard let testProgram else { return nil }
        let path = URL(filePath: testProgram).deletingLastPathComponent().appending(path: name).path
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }

    static let isPossible = Mutation.isAvailable && runner != nil

    @Test(
        "every fault of the core is caught",
        .enabled(if: isPossible, "the faults are in builds with SALAMA_MUTATIONS=1 alone"),
        arguments: Mutation.allCases)
    func caught(_ mutation: Mutation) throws {
        let argument = "--mutation=\(mutation.rawValue)"
        switch Self.catcher(of: mutation) {
        case .simulation(let first, let count):
            let runner = try #require(Self.runner)
            let process = try ChildProcess(runner, ["\(first)", "\(count)", argument])
            try process.wait(atMost: .seconds(600))
            #expect(process.output.contains("caught by "), "no checker noticed \(mutation)")
        case .tests(let filter):
            let program = try #require(Self.testProgram)
            let process = try ChildProcess(
                program, ["--testing-library", "swift-testing", "--filter", filter, argument])
            let status = try process.wait(atMost: .seconds(600))
            // Where no test has such a name nothing failed.
            let isNoticed =
                status != 0 && (process.output + process.errors).contains(" failed after ")
            #expect(isNoticed, "no test of \(filter) noticed \(mutation)")
        }
    }

    @Test("there are at least 25 faults, each with somebody who notices")
    func count() { #expect(Mutation.allCases.count >= 25) }
}
