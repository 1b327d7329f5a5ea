import Glibc
import NodeSimulator
import Threads

/// A run: measures what the network can do, then tries it while it does four fifths of that, and audits it.
struct Soak {
    private let settings: SoakSettings
    private let network: SoakNetwork
    private let plan: SoakPlan
    private let progress: SoakProgress

    /// The share of what the network can do that is asked of it while it is tried.
    private static let load = 0.8

    /// Starts the network; what is known so far goes to `progress`.
    init(
        _ settings: SoakSettings, _ processes: LocalProcesses, _ progress: SoakProgress
    ) throws {
        self.settings = settings
        self.progress = progress
        plan = SoakPlan(seed: settings.seed, seconds: settings.seconds, trials: settings.trials)
        say(
            "soak: seed \(settings.seed), \(plan.steps.count) trials in"
                + " \(grouped(settings.seconds)) s, files in \(processes.folder)")
        network = try SoakNetwork(settings, processes)
    }

    /// Pays, tries, and audits.
    func run() throws -> SoakReport {
        let books = try SoakBooks(network)
        let traffic = try SoakTraffic(network.honest)
        let capacity = try measureCapacity(traffic)
        say("soak: \(Int(capacity)) payments a second can be made")
        traffic.setPace(capacity * Self.load)
        var report = SoakReport(settings, network.chain.name, capacity: capacity)
        for step in plan.steps {
            let record = try run(step, traffic)
            report.steps.append(record)
            report.note(network.use, names: network.all.map(\.name))
            report.reasons = traffic.reasons
            report.processorTime = try ProcessFigures.processorTime(of: getpid())
            progress.update(report, record)
        }
        traffic.stop()
        try network.waitForRest()
        let accounts = try books.accounts()
        report.broken += SoakAudit.complaints(
            of: accounts, told: traffic.told, channels: network.channelEnds)
        report.facts = SoakReport.Facts(accounts)
        report.reasons = traffic.reasons
        report.isComplete = true
        report.judge()
        return report
    }

    /// Payments per second, where each payer begins the next one when the last one has ended.
    private func measureCapacity(_ traffic: SoakTraffic) throws -> Double {
        try network.pass(plan.capacityTime / 4)
        let window = traffic.nextWindow()
        try network.pass(plan.capacityTime * 3 / 4)
        // A machine that does much else takes longer until that says something.
        for _ in 0..<Self.patience where window.figures.paid < Self.enough { try network.pass(1) }
        window.close()
        let rate = window.figures.rate
        guard rate > 0 else {
            throw CommandFailure("no payment is made at all: \(traffic.reasons)")
        }
        return rate
    }

    /// How many payments tell how many a second can be made, and how many seconds they are waited for.
    private static let enough = 50
    private static let patience = 60

    private func run(_ step: SoakStep, _ traffic: SoakTraffic) throws -> SoakRecord {
        let before = traffic.nextWindow()
        try network.pass(plan.before)
        if step.number == 1 { network.markBaseline() }
        network.forgetPeaks()
        let during = traffic.nextWindow()
        let end = ContinuousClock.now + .seconds(plan.during)
        var random = SimulationRandom(seed: step.seed)
        let what = try trial(step.trial, &random)
        try network.pass((end - .now) / .seconds(1))
        let (memory, files) = network.peaks
        let after = traffic.nextWindow()
        try network.pass(plan.after)
        after.close()
        // What is yet on its way counts where it began: windows are read at the end.
        return SoakRecord(
            step: step, what: what, before: before, during: during, after: after, memory: memory,
            files: files)
    }

    /// Tries the network in one way, and answers what was done in a few words.
    private func trial(
        _ trial: SoakTrial, _ random: inout SimulationRandom
    ) throws -> SoakRecord.Event {
        let faults = SoakFaults(network: network, settings: settings, seconds: plan.during)
        let attacks = SoakAttacks(network: network, seconds: plan.during)
        switch trial {
        case .killedNodes: return try faults.killNodes(&random)
        case .fullDisk: return try faults.fillDisk(&random)
        case .killedChain: return try faults.killChain()
        case .reorganisations: return try faults.reorganise(&random)
        case .clockJumps: return try faults.moveClock(&random)
        case .slowLinks: return try faults.slowLinks(&random)
        case .deadLinks: return try faults.loseLinks(&random)
        case .connectionFlood: return try attacks.floodWithConnections()
        case .slowHandshakes: return try attacks.shakeHandsSlowly()
        case .messageFlood: return try attacks.floodWithMessages()
        case .gossipSpam: return try attacks.spamGossip()
        case .onionGarbage: return try attacks.sendGarbage()
        case .slotJamming: return try attacks.jam()
        case .requestFlood: return try attacks.floodWithRequests()
        case .slowRequests: return try attacks.askSlowly()
        }
    }
}
