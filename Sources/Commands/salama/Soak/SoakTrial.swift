import NodeSimulator

/// Something that a network has to live through.
enum SoakTrial: String, CaseIterable, Sendable {
    case killedNodes = "killed-nodes"
    case fullDisk = "full-disk"
    case killedChain = "killed-chain"
    case reorganisations = "reorganisations"
    case clockJumps = "clock-jumps"
    case slowLinks = "slow-links"
    case deadLinks = "dead-links"
    case connectionFlood = "connection-flood"
    case slowHandshakes = "slow-handshakes"
    case messageFlood = "message-flood"
    case gossipSpam = "gossip-spam"
    case onionGarbage = "onion-garbage"
    case slotJamming = "slot-jamming"
    case requestFlood = "request-flood"
    case slowRequests = "slow-requests"

    /// Whether somebody means harm.
    var isAttack: Bool {
        switch self {
        case .killedNodes, .fullDisk, .killedChain, .reorganisations, .clockJumps, .slowLinks,
            .deadLinks:
            false
        case .connectionFlood, .slowHandshakes, .messageFlood, .gossipSpam, .onionGarbage,
            .slotJamming, .requestFlood, .slowRequests:
            true
        }
    }

    /// What happens, for the help.
    var summary: String {
        switch self {
        case .killedNodes: "nodes are ended as by a crash, one after the other, and started again"
        case .fullDisk: "a node's files cannot grow"
        case .killedChain: "the chain's process is ended as by a crash, and started again"
        case .reorganisations: "up to five blocks are replaced by others"
        case .clockJumps: "a node's clock jumps forth and back by up to three hours"
        case .slowLinks: "all connections of a node take up to 300 ms each way"
        case .deadLinks: "connections of a node say nothing any more, without an end"
        case .connectionFlood: "connections from hundreds of addresses, as fast as they go"
        case .slowHandshakes: "connections whose handshakes come one byte a second"
        case .messageFlood: "strangers send messages as fast as they are taken"
        case .gossipSpam: "false signatures, channels that are not there, terms that flap"
        case .onionGarbage: "onions that nobody can peel, in messages and payments"
        case .slotJamming: "payments that are held fill a channel"
        case .requestFlood: "requests without a macaroon, as fast as they are answered"
        case .slowRequests: "connections whose requests come one byte a second"
        }
    }
}

/// One trial of a run, with the random numbers that decide it.
struct SoakStep: Sendable {
    let number: Int
    let trial: SoakTrial
    /// What its random numbers follow from.
    let seed: UInt64
}

/// What a seed decides: which trials come when.
struct SoakPlan: Sendable {
    /// How long the rate is measured that the network reaches, in seconds.
    let capacityTime: Double
    /// How long each of the three parts of a step takes, in seconds.
    let before: Double
    let during: Double
    let after: Double
    let steps: [SoakStep]

    /// Long enough for connections that say nothing to be given up.
    private static let usualStep = 45.0

    /// All trials in each round, the faults first, in an order that the seed decides.
    init(seed: UInt64, seconds: Int, trials: [SoakTrial]) {
        var random = SimulationRandom(seed: seed)
        let all = Double(seconds)
        capacityTime = min(30, max(4, all / 20))
        let left = all - capacityTime
        let rounds = max(1, Int(left / (Self.usualStep * Double(max(1, trials.count)))))
        var steps: [SoakStep] = []
        for _ in 0..<rounds {
            let faults = trials.filter { !$0.isAttack }.shuffled(using: &random)
            let attacks = trials.filter(\.isAttack).shuffled(using: &random)
            for trial in faults + attacks {
                steps.append(
                    SoakStep(number: steps.count + 1, trial: trial, seed: random.next()))
            }
        }
        self.steps = steps
        let step = left / Double(max(1, steps.count))
        (before, during, after) = (step * 0.25, step * 0.45, step * 0.3)
    }
}
