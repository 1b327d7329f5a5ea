import CLinux
import Glibc
import NodeSimulator
import NodeStorage

/// What goes wrong in the world of the nodes, each for so many seconds at most.
struct SoakFaults {
    let network: SoakNetwork
    let settings: SoakSettings
    let seconds: Double

    /// One of the nodes that may be ended: all but the first one.
    private func victim(_ random: inout SimulationRandom) -> LocalNode {
        network.honest[random.number(in: 1...(network.honest.count - 1))]
    }

    func killNodes(_ random: inout SimulationRandom) throws -> SoakRecord.Event {
        let end = ContinuousClock.now + .seconds(seconds * 0.8)
        var names: [String] = []
        repeat {
            let node = victim(&random)
            node.kill()
            try network.pass(Double(random.number(below: 500)) / 1_000)
            try node.start()
            names.append(node.name)
            try network.pass(Double(random.number(in: 300...2_000)) / 1_000)
        } while ContinuousClock.now < end
        return .done(names.joined(separator: ", "))
    }

    func fillDisk(_ random: inout SimulationRandom) throws -> SoakRecord.Event {
        let node = network.honest[random.number(below: network.honest.count)]
        guard FileSizeLimit.set(4_096, of: node.identifier) else {
            return .skipped("the system lets nobody limit the files of a process")
        }
        defer { _ = FileSizeLimit.set(nil, of: node.identifier) }
        try network.pass(seconds * 0.7)
        return .done(node.name)
    }

    func killChain() throws -> SoakRecord.Event {
        try network.loseChain(for: seconds * 0.6)
        return .done("\(Int(seconds * 0.6)) s away")
    }

    func reorganise(_ random: inout SimulationRandom) throws -> SoakRecord.Event {
        var depths: [String] = []
        for _ in 0..<3 {
            let depth = random.number(in: 1...5)
            let first = try network.chain.height - Int64(depth) + 1
            let client = network.chain.client
            let hash = try client.call("getblockhash", .integer(first))
            _ = try client.call("invalidateblock", hash)
            // Other blocks, and one more of them.
            try network.chain.mine(depth + 1, to: network.honest[0].newAddress())
            _ = try client.call("reconsiderblock", hash)
            depths.append("\(depth)")
            try network.pass(seconds * 0.3)
        }
        return .done(depths.joined(separator: ", ") + " blocks")
    }

    func moveClock(_ random: inout SimulationRandom) throws -> SoakRecord.Event {
        guard let library = settings.clockLibrary else {
            return .skipped("libfaketime is not there (scripts/faketime gets it)")
        }
        let node = victim(&random)
        let path = node.folder + "/clock"
        try Self.write("+0\n", to: path)
        node.stop()
        try node.start(environment: [
            "LD_PRELOAD=\(library)", "FAKETIME_TIMESTAMP_FILE=\(path)",
            "FAKETIME_CACHE_DURATION=1", "FAKETIME_DONT_FAKE_MONOTONIC=1",
            "DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1",
            // Else the library changes the environment, beside which Swift looks for the arguments.
            "FAKETIME_SHARED=/none /none",
        ])
        var jumps: [String] = []
        for _ in 0..<3 {
            let jump = random.number(in: 60...10_800) * (random.chance(50) ? 1 : -1)
            let text = (jump > 0 ? "+" : "") + "\(jump)"
            try Self.write(text + "\n", to: path)
            jumps.append(text)
            try network.pass(seconds * 0.2)
        }
        node.stop()
        try node.start()
        return .done("\(node.name): \(jumps.joined(separator: ", ")) s")
    }

    private static func write(_ text: String, to path: String) throws(CommandFailure) {
        if case .failure(let error) = SmallFile.write(Array(text.utf8), to: path) {
            throw CommandFailure("cannot write \(path): \(error.reason)")
        }
    }

    func slowLinks(_ random: inout SimulationRandom) throws -> SoakRecord.Event {
        let node = random.number(below: network.honest.count)
        network.relay.set(.slow(300), of: node)
        defer { network.relay.set(.fair, of: node) }
        try network.pass(seconds * 0.9)
        return .done(network.honest[node].name)
    }

    func loseLinks(_ random: inout SimulationRandom) throws -> SoakRecord.Event {
        let node = random.number(below: network.honest.count)
        network.relay.set(.still, of: node)
        defer { network.relay.set(.fair, of: node) }
        try network.pass(seconds * 0.3)
        // What was there before is never heard of again.
        network.relay.lose(node)
        return .done(network.honest[node].name)
    }
}

/// How large the files of a process may become: what a full disk is to it, and needs no rights.
enum FileSizeLimit {
    /// Sets it in bytes, or lifts it; false where the system refuses.
    static func set(_ bytes: UInt64?, of process: pid_t) -> Bool {
        var limits: [UInt64] = [0, 0]
        // The hardest limit stays as it is, or it could not be lifted again.
        guard prlimit64(process, fileSize, nil, &limits) == 0 else { return false }
        limits[0] = bytes ?? limits[1]
        return prlimit64(process, fileSize, limits, nil) == 0
    }

    /// The system's number for this limit.
    private static let fileSize: Int32 = 1
}
