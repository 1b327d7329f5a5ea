import Bitcoin
import Glibc
import Synchronization
import TestSupport
import Testing

/// The daemon as a user runs it.
@Suite(.serialized) struct DaemonTests {
    static let chains = ChainProcess.Kind.allCases.filter(\.isPresent)

    @Test(
        "a node is made, paid, pays, stops, and has the same balance when it starts again",
        arguments: chains)
    func story(_ kind: ChainProcess.Kind) throws {
        let chainFolder = try TemporaryFolder()
        let folder = try TemporaryFolder()
        let chain = try ChainProcess(kind, folder: chainFolder.path)
        let balance: Int64
        do {
            let node = try NodeProcess(folder: folder.path, chain: chain)
            try chain.mine(1, to: node.newAddress())
            try chain.mine(100, to: Payee(0).address)
            try node.waitForTip(chain)
            #expect(try node.balance("confirmed_balance") == 5_000_000_000)
            let id = try #require(try node.send(1_000_000, to: Payee(1).address))
            try eventually("the mempool") {
                try chain.call("getrawmempool").array?.contains(.string(id)) ?? false
            }
            try chain.mine(1, to: Payee(0).address)
            try node.waitForTip(chain)
            balance = try node.balance()
            #expect((4_998_990_000..<4_999_000_000).contains(balance))
            _ = try node.post("/v1/stop", [:])
            #expect(try node.process.wait() == 0)
        }
        let node = try NodeProcess(folder: folder.path, chain: chain)
        #expect(try node.balance() == balance)
        node.process.end(with: SIGINT)
    }

    static let hasPrlimit = system("prlimit --version >/dev/null 2>&1") == 0

    @Test(
        "a file size limit is told as a full disk, and the node goes on once it is lifted",
        .enabled(if: hasPrlimit, "the prlimit program is not there"))
    func fileSizeLimit() throws {
        let chainFolder = try TemporaryFolder()
        let folder = try TemporaryFolder()
        let chain = try ChainProcess(.salama, folder: chainFolder.path)
        let node = try NodeProcess(folder: folder.path, chain: chain)
        let command = "prlimit --pid \(node.process.identifier)"
        #expect(system("\(command) --fsize=4096:unlimited") == 0)
        _ = system("(sleep 2; \(command) --fsize=unlimited) &")
        #expect(try !node.newAddress().isEmpty)
        #expect(node.process.errors.contains("no space left for"))
        #expect(node.process.errors.contains("the disk takes writes again"))
    }

    @Test("a node whose chain is away says so, and spends nothing until it is back")
    func chainAway() throws {
        let chainFolder = try TemporaryFolder()
        let folder = try TemporaryFolder()
        let chain = try ChainProcess(.salama, folder: chainFolder.path)
        let node = try NodeProcess(folder: folder.path, chain: chain)
        try chain.mine(1, to: node.newAddress())
        try chain.mine(100, to: Payee(0).address)
        try node.waitForTip(chain)
        #expect(try node.get("/v1/getinfo")["chain_backend_error"]?.string == "")
        chain.end()
        try eventually("the news") {
            try node.get("/v1/getinfo")["chain_backend_error"]?.string?.isEmpty == false
        }
        #expect(try node.get("/v1/getinfo")["synced_to_chain"]?.bool == false)
        #expect(try node.send(1_000_000, to: Payee(1).address) == nil)
        #expect(try node.balance("confirmed_balance") == 5_000_000_000)
        #expect(try node.get("/v1/transactions")["transactions"]?.array?.count == 1)
    }

    @Test("a second node on the same data directory is refused in one line, with status 1")
    func secondInstance() throws {
        let chainFolder = try TemporaryFolder()
        let folder = try TemporaryFolder()
        let chain = try ChainProcess(.salama, folder: chainFolder.path)
        let node = try NodeProcess(folder: folder.path, chain: chain)
        let second = try ChildProcess.run(
            #require(PackageFiles.salama),
            [
                "start", "--datadir", folder.path, "--network", "regtest", "--nolisten",
                "--restlisten",
                "127.0.0.1:0",
            ])
        #expect(second.status == 1)
        #expect(second.errors.contains("another salama (process \(node.process.identifier))"))
        #expect(second.errors.split(separator: "\n").count == 1)
    }

    @Test("killed at random instants while it pays, a node loses no coin and pays nobody twice")
    func killed() throws {
        let kills = PackageFiles.environment("SALAMA_TEST_KILLS").flatMap { Int($0) } ?? 8
        let chainFolder = try TemporaryFolder()
        let folder = try TemporaryFolder()
        let chain = try ChainProcess(.salama, folder: chainFolder.path)
        var node = try NodeProcess(folder: folder.path, chain: chain)
        try chain.mine(40, to: node.newAddress())
        try chain.mine(100, to: Payee(0).address)
        try node.waitForTip(chain)
        let funds = try node.balance()
        let record = PaymentRecord()

        for _ in 0..<kills {
            let payer = Payer(node, record)
            usleep(UInt32.random(in: 1_000...250_000))
            kill(node.process.identifier, SIGKILL)
            payer.join()
            node.process.end(with: SIGKILL)
            if Bool.random() { try chain.mine(1, to: Payee(0).address) }
            node = try NodeProcess(folder: folder.path, chain: chain)
        }
        try eventually("the last payments") {
            try chain.mine(1, to: Payee(0).address)
            try node.waitForTip(chain)
            return try node.balance() == node.balance("confirmed_balance")
        }
        try check(record, funds: funds, left: node.balance(), chain.transactions())
    }

    /// Every payment that the node vouched for was made, none was made twice, and the books balance.
    private func check(
        _ record: PaymentRecord, funds: Int64, left: Int64, _ transactions: [Transaction]
    ) throws {
        var outputs: [OutPoint: Int64] = [:]
        var paid: [Script: Int] = [:]
        var spent: Int64 = 0
        var mined: Set<String> = []
        for transaction in transactions {
            let id = transaction.id
            for (index, output) in transaction.outputs.enumerated() {
                outputs[OutPoint(id, UInt32(index))] = output.amount.value
            }
            guard !transaction.isCoinbase else { continue }
            mined.insert(id.description)
            let put = transaction.inputs.reduce(Int64(0)) { $0 + (outputs[$1.previousOutput] ?? 0) }
            spent += put - transaction.outputs.reduce(Int64(0)) { $0 + $1.amount.value }
            for output in transaction.outputs where record.scripts.contains(output.scriptPubKey) {
                paid[output.scriptPubKey, default: 0] += 1
                spent += output.amount.value
            }
        }
        #expect(record.attempts > 0)
        #expect(record.vouched.isSubset(of: mined))
        #expect(paid.values.allSatisfy { $0 == 1 })
        #expect(left == funds - spent)
        print(
            "\(record.attempts) payments begun, \(record.vouched.count) vouched for, \(paid.count) made"
        )
    }
}

/// Somebody who is paid once: the script of a number.
struct Payee {
    let script: Script
    let address: String

    init(_ number: Int) {
        let program = (0..<20).map { UInt8(truncatingIfNeeded: number >> (8 * ($0 % 4))) }
        script = Script([0x00, 0x14] + program)
        address = Address(script: script, network: .regtest)?.description ?? ""
    }
}

/// The payments that were begun, and those that the node answered with a transaction.
final class PaymentRecord: Sendable {
    private struct Contents: Sendable {
        var attempts = 0
        var scripts: Set<Script> = []
        var vouched: Set<String> = []
    }

    private let contents = Mutex(Contents())

    var attempts: Int { contents.withLock { $0.attempts } }
    var scripts: Set<Script> { contents.withLock { $0.scripts } }
    var vouched: Set<String> { contents.withLock { $0.vouched } }

    /// Someone new to pay.
    func begin() -> Payee {
        contents.withLock { contents in
            contents.attempts += 1
            let payee = Payee(contents.attempts)
            contents.scripts.insert(payee.script)
            return payee
        }
    }

    func vouch(for id: String) { contents.withLock { _ = $0.vouched.insert(id) } }
}

/// Pays one payee after the other until the node answers no more.
final class Payer: Sendable {
    private let thread: pthread_t

    init(_ node: NodeProcess, _ record: PaymentRecord) {
        let work = Unmanaged.passRetained(Work(node: node, record: record))
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
                do {
                    while true {
                        let payee = work.record.begin()
                        if let id = try work.node.send(100_000, to: payee.address) {
                            work.record.vouch(for: id)
                        } else {
                            usleep(5_000)
                        }
                    }
                } catch {
                    // The node was killed: that is what the test is about.
                }
                return nil
            }, work.toOpaque())
        self.thread = thread
    }

    func join() { pthread_join(thread, nil) }

    private final class Work: Sendable {
        let node: NodeProcess
        let record: PaymentRecord

        init(node: NodeProcess, record: PaymentRecord) {
            self.node = node
            self.record = record
        }
    }
}
