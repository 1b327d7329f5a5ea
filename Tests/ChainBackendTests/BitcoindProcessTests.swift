import Bitcoin
import ChainBackend
import Dispatch
import FoundationEssentials
import Glibc
import Synchronization
import TestSupport
import Testing

/// What befalls a bitcoind: restarts, wrong credentials, pruning, many callers.
@Suite(.serialized, .enabled(if: BitcoindProcess.isAvailable, "\(BitcoindProcess.reason)"))
struct BitcoindProcessTests {
    /// The user `alice` with the password `secret`: a salt and the HMAC under it.
    private static let auth =
        "alice:5a1f00d5a1f00d5a1f00d5a1f00d5a1f$"
        + "c48c8f0a90502e0d44030689786bcb21a5e754414dc0f8cf7c99b49f51c3dab0"

    @Test("a password opens, a wrong one and a wrong cookie do not")
    func authentication() throws {
        let process = try BitcoindProcess(["-rpcauth=\(Self.auth)"], zmq: false)
        func backend(_ authentication: BitcoindAuthentication) throws -> BitcoindBackend {
            var configuration = process.configuration(zmq: false)
            configuration.authentication = authentication
            return try BitcoindBackend(configuration)
        }
        #expect(
            try backend(.password(user: "alice", password: "secret")).status().height
                == BlockHeight(0))
        #expect(throws: ChainError.unauthorized) {
            try backend(.password(user: "alice", password: "Secret")).status()
        }
        let cookie = process.directory.appending(path: "wrong-cookie")
        try Data("__cookie__:00".utf8).write(to: cookie)
        #expect(throws: ChainError.unauthorized) {
            try backend(.cookie(path: cookie.path)).status()
        }
        try Data("alice:secret\n".utf8).write(to: cookie)
        #expect(try backend(.cookie(path: cookie.path)).status().height == BlockHeight(0))
        #expect(
            "\(BitcoindAuthentication.password(user: "alice", password: "secret"))" == "user alice")
    }

    @Test("a cookie that is not there, and a port where nobody listens, are told")
    func unreachable() throws {
        var configuration = BitcoindConfiguration(
            network: .regtest, port: try BitcoindProcess.freePort(),
            authentication: .cookie(path: "/nonexistent/.cookie"))
        #expect(
            throws: ChainError.unavailable(
                reason: "cannot read the cookie /nonexistent/.cookie: No such file or directory"
                    + " (is bitcoind running?)")
        ) { try BitcoindBackend(configuration).status() }
        configuration.authentication = .password(user: "a", password: "b")
        #expect {
            try BitcoindBackend(configuration).status()
        } throws: {
            if case ChainError.unavailable(let reason) = $0 {
                reason.contains("Connection refused")
            } else {
                false
            }
        }
    }

    @Test("a new cookie after a restart is read without a word")
    func newCookie() throws {
        let process = try BitcoindProcess(zmq: false)
        let backend = try BitcoindBackend(process.configuration(zmq: false))
        let before = try backend.status()
        let cookie = try String(contentsOfFile: process.cookiePath, encoding: .utf8)
        try process.stop()
        try process.start()
        #expect(try String(contentsOfFile: process.cookiePath, encoding: .utf8) != cookie)
        #expect(try backend.status() == before)
    }

    @Test("another network than the configured one is refused")
    func wrongNetwork() throws {
        let process = try BitcoindProcess(zmq: false)
        var configuration = process.configuration(zmq: false)
        configuration.network = .signet
        let backend = try BitcoindBackend(configuration)
        #expect(throws: ChainError.wrongNetwork(expected: .signet, actual: "regtest")) {
            try backend.mempool()
        }
    }

    @Test(
        "a restart is survived: events tell of it, and the follower goes on",
        arguments: [true, false])
    func restart(zmq: Bool) throws {
        let process = try BitcoindProcess(zmq: zmq)
        let chain = try BitcoindChain(process, zmq: zmq)
        let first = try chain.mine(3, to: OpenScript.output)
        let log = EventLog()
        let subscription = log.subscribe(to: chain.backend)
        let follower = ChainFollower(chain.backend, after: [])
        let reports = ReportLog()
        reports.run(follower)
        try eventually("the first blocks") { reports.connected == [genesis] + first }
        try eventually("the tip") { reports.last == .caughtUp(follower.position) }

        try process.stop()
        try eventually("the end to be noticed") { log.isDisconnected && reports.isAway }
        #expect(throws: ChainError.self) { try chain.backend.status() }
        log.clear()
        try process.start()
        try eventually("the return to be noticed") { log.events.contains(.reconnected) }
        try eventually("to be caught up") { reports.last == .caughtUp(follower.position) }
        // What is told then is told fast, over ZeroMQ too.
        try eventually("the stream to stand") { !zmq || log.events.contains(.eventsLost) }
        let second = try chain.mine(2, to: OpenScript.output)
        try eventually("the blocks after the restart") {
            reports.connected == [genesis] + first + second
        }
        follower.cancel()
        try eventually("the follower to end") { reports.hasEnded }
        withExtendedLifetime(subscription) {}
    }

    @Test("a bitcoind that crashed and lost its last blocks is followed onto its new chain")
    func crash() throws {
        let chain = try BitcoindChain(BitcoindProcess(zmq: false), zmq: false)
        let lost = try chain.mine(3, to: OpenScript.output)
        let follower = ChainFollower(chain.backend, after: [])
        while try follower.next() != nil {}
        #expect(follower.position?.hash == lost[2])
        chain.process.kill()
        try chain.process.start()
        // It has not written the blocks to disk yet, and there is nobody to get them from.
        let status = try chain.backend.status()
        if status.height < BlockHeight(3) {
            #expect(status.isInitialDownload)
            #expect(
                throws: ChainError.warmingUp(
                    reason: "it is at height \(status.height) and was at 3 before")
            ) { try follower.next() }
            #expect(follower.position?.hash == lost[2])
        }
        let new = try chain.mine(4, to: .payToWitnessScriptHash(of: Script([0x52])))
        var steps: [ChainStep] = []
        // The tip of the old branch is not even known any more, but the blocks that were followed are.
        while let step = try follower.next() { steps.append(step) }
        #expect(follower.position?.hash == new[3])
        #expect(Array(steps.map(\.point.hash).suffix(4)) == new)
    }

    @Test("a pruned block is told from one that is not known", arguments: [true, false])
    func pruned(rest: Bool) throws {
        let process = try BitcoindProcess(
            ["-prune=1", "-fastprune", "-rest=\(rest ? 1 : 0)"], zmq: false)
        let chain = try BitcoindChain(process, zmq: false)
        let mined = try chain.mine(800, to: OpenScript.output)
        #expect(try chain.backend.status().prunedBelow == BlockHeight(0))
        try process.call("pruneblockchain", "400")
        let below = try #require(try chain.backend.status().prunedBelow)
        #expect(below > BlockHeight(1) && below <= BlockHeight(401))
        #expect(throws: ChainError.pruned(mined[0])) { try chain.backend.block(mined[0]) }
        #expect(try chain.backend.header(of: mined[0])?.height == BlockHeight(1))
        #expect(try chain.backend.block(mined[700]).hash == mined[700])
        #expect(throws: ChainError.unknownBlock(BlockHash(.zero))) {
            try chain.backend.block(BlockHash(.zero))
        }
        let start = try chain.backend.start(at: BlockHeight(1))
        let follower = ChainFollower(chain.backend, after: start.map { [$0] } ?? [])
        #expect(throws: ChainError.pruned(mined[0])) { try follower.next() }
        #expect(follower.position == start)
        let later = try chain.backend.start(at: below)
        let after = ChainFollower(chain.backend, after: later.map { [$0] } ?? [])
        #expect(try after.next()?.point.height == below)
    }

    @Test("many threads call at the same time, more than there are connections")
    func manyThreads() throws {
        let process = try BitcoindProcess(["-rpcthreads=2", "-rpcworkqueue=4"], zmq: false)
        let chain = try BitcoindChain(process, zmq: false)
        let mined = try chain.mine(20, to: OpenScript.output)
        let backend = chain.backend
        let failures = Mutex<[String]>([])
        DispatchQueue.concurrentPerform(iterations: 32) { thread in
            for index in 0..<20 {
                do {
                    let hash = mined[(thread + index) % mined.count]
                    let block = try backend.block(hash)
                    let header = try backend.header(of: hash)
                    if block.hash != hash || header?.header != block.header {
                        failures.withLock { $0.append("a wrong block") }
                    }
                } catch {
                    failures.withLock { $0.append("\(error)") }
                }
            }
        }
        #expect(failures.withLock { $0 } == [])
    }

    private var genesis: BlockHash { Network.regtest.genesisBlock.hash }
}

/// The reports of a follower that runs in a thread of its own.
final class ReportLog: Sendable {
    private let reports = Mutex<[ChainReport]>([])
    private let ended = Mutex(false)

    func run(_ follower: ChainFollower) {
        DispatchQueue(label: "follower").async {
            follower.run { report in
                if report != .unchanged { self.reports.withLock { $0.append(report) } }
            }
            self.ended.withLock { $0 = true }
        }
    }

    var all: [ChainReport] { reports.withLock { $0 } }
    var last: ChainReport? { all.last }
    var hasEnded: Bool { ended.withLock { $0 } }

    /// The blocks connected, in order.
    var connected: [BlockHash] {
        all.compactMap {
            if case .step(.connect(_, let point)) = $0 { point.hash } else { nil }
        }
    }

    var isAway: Bool {
        all.contains {
            if case .away(.unavailable) = $0 { true } else { false }
        }
    }
}
