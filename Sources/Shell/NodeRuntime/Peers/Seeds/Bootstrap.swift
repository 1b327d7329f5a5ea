import Bitcoin
import CLinux
import Threads

/// Finding the first peers through DNS seeds (BOLT 10).
extension PeerLoop {
    /// How many nodes of an answer are tried.
    private static let triedNodes = 3
    /// Between two questions, in milliseconds.
    private static let seedInterval: UInt64 = 60_000

    /// Asks a seed while there is nobody to talk to.
    func bootstrap() {
        guard !settings.seeds.isEmpty, now >= nextBootstrap, peers.isEmpty, dials.isEmpty,
            kept.isEmpty, isReading
        else { return }
        nextBootstrap = now + Self.seedInterval
        guard let seed = settings.seeds.randomElement() else { return }
        let question = settings.askSeed
        let isStarted = SystemThread.detached("seed") { [weak self] in
            let answer = question(seed)
            self?.post { loop in loop.take(answer, of: seed) }
        }
        if !isStarted { log.write(.warn, .peer, "there is no thread to ask the seed \(seed)") }
    }

    private func take(_ answer: [UInt8]?, of seed: String) {
        guard let answer else {
            return log.write(.warn, .peer, "the seed \(seed) does not answer")
        }
        do throws(SeedFailure) {
            let nodes = try SeedAnswer.nodes(in: answer).filter { $0.key != local }
            log.write(.info, .peer, "the seed \(seed) names \(nodes.count) nodes")
            for node in nodes.shuffled().prefix(Self.triedNodes) {
                dial(node.key, at: [node.endpoint], nil)
            }
        } catch {
            log.write(.warn, .peer, "the answer of the seed \(seed) cannot be used: \(error)")
        }
    }
}

/// The system's resolver, for what `getaddrinfo` does not ask.
enum SeedResolver {
    private static let internet: Int32 = 1
    private static let service: Int32 = 33

    /// The name server's answer to a question for services; nil where there is none. Blocks.
    @Sendable static func ask(_ name: String) -> [UInt8]? {
        var answer = [UInt8](repeating: 0, count: 65_535)
        let count = res_query(name, internet, service, &answer, Int32(answer.count))
        guard count > 0 else { return nil }
        return Array(answer.prefix(Int(count)))
    }
}

extension Network {
    /// The seeds of the network's nodes; none for networks that everybody makes for himself.
    public var nodeSeeds: [String] {
        switch self {
        case .mainnet: ["nodes.lightning.wiki", "lseed.bitcoinstats.com"]
        case .testnet3: ["test.nodes.lightning.wiki"]
        case .testnet4: ["test4.nodes.lightning.wiki"]
        case .signet: ["signet.nodes.lightning.wiki"]
        case .regtest: []
        }
    }
}
