import Bitcoin
@testable import ChainBackend
import JSON
import LightningNode
@testable import NodeFixtures
import TestSupport

/// A real bitcoind as a chain under the test's command. It ends with the last copy of this value.
struct BitcoindTestChain: TestChain {
    /// Nothing is asked of it but to live, from whatever thread.
    nonisolated(unsafe) private let process: BitcoindProcess
    private let backend: BitcoindBackend
    /// The best chain, which nobody else changes.
    private var hashes: [BlockHash]
    private var blocks: [BlockHash: Block] = [:]

    /// Starts one, with further options of its command line.
    init(_ arguments: [String] = []) throws {
        // The checks of itself, which are on by default here, look at the whole chain with each block.
        process = try BitcoindProcess(
            ["-rest", "-txindex", "-checkblockindex=0", "-checkmempool=0"] + arguments, zmq: false)
        backend = try BitcoindBackend(
            BitcoindConfiguration(
                network: .regtest, port: process.rpcPort,
                authentication: .cookie(path: process.cookiePath)))
        hashes = [Network.regtest.genesisHash]
    }

    var height: BlockHeight { BlockHeight(UInt32(hashes.count - 1)) }

    func blockHash(at height: BlockHeight) -> BlockHash? {
        height.value < hashes.count ? hashes[Int(height.value)] : nil
    }

    func contents(of hash: BlockHash) -> Block? { blocks[hash] }

    func waiting() -> [Transaction] {
        guard let entries = try? backend.call("getrawmempool", true).object else { return [] }
        let ids = entries.members.map { member in
            (id: member.name, ancestors: member.value["ancestorcount"]?.integer(Int.self) ?? 0)
        }
        return ids.sorted { ($0.ancestors, $0.id) < ($1.ancestors, $1.id) }.compactMap { entry in
            TransactionID(entry.id).flatMap { try? backend.mempoolTransaction($0) }
        }
    }

    func offer(_ transactions: [Transaction], now: UInt32) -> BroadcastOutcome {
        do {
            switch try backend.broadcast(package: transactions) {
            case .accepted: return .accepted
            case .rejected(let reason): return .rejected(reason: reason)
            }
        } catch {
            return .unanswered(reason: "\(error)")
        }
    }

    mutating func mineBlock(to script: Script, now: UInt32) throws {
        try mineBlocks(1, to: script, now: now)
    }

    /// Mines several blocks at the same time.
    mutating func mineBlocks(_ count: Int, to script: Script, now: UInt32) throws {
        let address = try requireAddress(script)
        let answers = try backend.batch([
            .init("setmocktime", .integer(now)),
            .init("generatetoaddress", .integer(count), .string(address)),
        ])
        _ = try answers[0].get()
        let mined = try BitcoindAnswer(answers[1].get(), to: "generatetoaddress").elements()
        for answer in mined { try append(answer.identifier()) }
    }

    mutating func mineBlock(of transactions: [Transaction], to script: Script, now: UInt32) throws {
        let address = try requireAddress(script)
        let answers = try backend.batch([
            .init("setmocktime", .integer(now)),
            .init(
                "generateblock", .string(address),
                .array(transactions.map { .string(Hex.encode($0.encoded)) })),
        ])
        _ = try answers[0].get()
        try append(BitcoindAnswer(answers[1].get(), to: "generateblock").identifier("hash"))
    }

    mutating func takeBack(_ hash: BlockHash, now: UInt32) throws {
        _ = try backend.call("invalidateblock", .string("\(hash)"))
        guard let index = hashes.firstIndex(of: hash) else { return }
        hashes.removeSubrange(index...)
    }

    private mutating func append(_ hash: BlockHash) throws {
        let block = try backend.block(hash)
        blocks[hash] = block
        hashes.append(hash)
    }

    private func requireAddress(_ script: Script) throws -> String {
        guard let address = Address(script: script, network: .regtest) else {
            throw UnexpectedReply()
        }
        return "\(address)"
    }
}
