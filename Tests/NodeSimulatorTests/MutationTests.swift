import Bitcoin
import FoundationEssentials
import NodeSimulator
import TestSupport
import Testing

/// Faults of the core, switched on one at a time: each is noticed (docs/simulator.md).
struct MutationTests {
    /// What notices a fault.
    enum Catcher {
        /// The simulation: the network of this seed broke that promise when it was last looked for.
        case simulation(Invariant, seed: UInt64)
        /// Tests whose names match.
        case tests(String)
    }

    static func catcher(of mutation: Mutation) -> Catcher {
        switch mutation {
        case .skipDiskSync: .simulation(.recovery, seed: 6)
        case .trustUnsyncedLog: .tests("NodeSimulatorTests.DiskTests/startIsDurable")
        case .acceptAnySecret: .tests("LightningChannelTests.CommitTests/wrongSecret")
        case .acceptAnySignature: .simulation(.validity, seed: 1)
        case .acceptAnyPreimage: .tests("LightningChannelTests.RemoveTests")
        case .forgetSecret: .simulation(.durability, seed: 1)
        case .forgetSignatures: .simulation(.durability, seed: 1)
        case .forgetResolution: .tests("LightningChannelTests.ResolveTests")
        case .forgetPastHTLC: .tests("LightningChannelTests.RecordTests")
        case .forgetSignedUpdates: .simulation(.recovery, seed: 10)
        case .forwardUncommitted: .simulation(.noLoss, seed: 4)
        case .keepPaidAmount: .simulation(.validity, seed: 14)
        case .keepUncommitted: .simulation(.recovery, seed: 10)
        case .noRevocationAgain: .tests("LightningChannelTests.ReestablishTests")
        case .noCommitmentAgain: .tests("LightningChannelTests.ReestablishTests")
        case .otherOrderAgain: .tests("LightningChannelTests.ReestablishTests")
        case .ignoreOutdated: .tests("LightningChannelTests.ReestablishTests")
        case .wrongDelay: .simulation(.validity, seed: 16)
        case .htlcIndexOffByOne: .simulation(.validity, seed: 11)
        case .skipPenalty: .simulation(.settlement, seed: 6)
        case .skipTimeout: .tests("LightningOnChainTests.CloseTests")
        case .claimTooEarly: .simulation(.validity, seed: 16)
        case .missPreimages: .simulation(.noLoss, seed: 42)
        case .failBackAtOnce: .tests("LightningOnChainTests.ReorganisationTests")
        case .lateForTimeouts: .simulation(.resolution, seed: 122)
        case .neverRaiseFees: .tests("LightningOnChainTests.CommitmentPublishingTests")
        case .skipWatch: .simulation(.settlement, seed: 2)
        case .sendWithoutWriting: .simulation(.recovery, seed: 1)
        case .forwardForNothing: .tests("LightningCryptoTests.PaymentOpeningTests")
        case .forwardWithoutTime: .tests("LightningCryptoTests.PaymentOpeningTests")
        case .takeAnyAmount: .tests("LightningCryptoTests.PaymentOpeningTests")
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
        case .simulation(let invariant, let seed):
            let found = try firstBroken(argument, seed: seed)
            let (promise, seed) = try #require(found, "no checker noticed \(mutation)")
            let expected = promise == "\(invariant)" ? "" : ", where \(invariant) was to be first"
            print("\(mutation) was caught by \(promise) in the network of seed \(seed)\(expected)")
        case .tests(let filter):
            let program = try #require(Self.testProgram)
            let process = try ChildProcess(
                program, ["--testing-library", "swift-testing", "--filter", filter, argument])
            let status = try process.wait(atMost: .seconds(600))
            // Where no test has such a name nothing failed.
            let failed = (process.output + process.errors).split(separator: "\n").first {
                $0.contains(" Test \"") && $0.contains(" failed after ")
            }
            let line = try #require(failed, "no test of \(filter) noticed \(mutation)")
            #expect(status != 0)
            print("\(mutation) was caught by \(filter): \(line.split(separator: "\"")[1])")
        }
    }

    /// The first promise that is broken with a fault, and the seed of the network: of that seed, or where the network has
    /// taken another course since, of one of the first forty.
    private func firstBroken(
        _ argument: String, seed: UInt64
    ) throws -> (promise: Substring, seed: Substring)? {
        let runner = try #require(Self.runner)
        for range in [["\(seed)", "1"], ["1", "40"]] {
            let process = try ChildProcess(runner, range + [argument])
            try process.wait(atMost: .seconds(600))
            let lines = process.output.split(separator: "\n")
            // What a checker has to say may take several lines.
            guard let index = lines.firstIndex(where: { $0.hasPrefix("caught by ") }), index > 0
            else { continue }
            let promise = lines[index].dropFirst("caught by ".count).prefix { $0 != ":" }
            return (promise, lines[index - 1].split(separator: " ")[1])
        }
        return nil
    }

    @Test("there are at least 25 faults, each with somebody who notices")
    func count() { #expect(Mutation.allCases.count >= 25) }
}
