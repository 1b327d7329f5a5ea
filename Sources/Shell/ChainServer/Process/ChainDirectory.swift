import Bitcoin
import ChainBackend
import Glibc
import RegtestChain

/// The directory of a chain, which one process has at a time.
final class ChainDirectory: Sendable {
    let path: String
    private let lock: Int32

    /// Makes the directory where it is missing, and takes it.
    init(_ path: String) throws(ChainServerError) {
        self.path = path
        try PrivateFile.makeDirectory(path)
        lock = open(path + "/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else {
            throw .file(path: path + "/.lock", reason: PrivateFile.lastError())
        }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else { throw .inUse(directory: path) }
    }

    deinit { close(lock) }

    private var chainPath: String { path + "/chain.log" }
    private var mempoolPath: String { path + "/mempool.dat" }
    private var faucetPath: String { path + "/faucet" }

    /// Repeats what the files hold on a new chain, and gives the file that what follows is written to.
    func load(_ chain: inout RegtestChain, now: UInt32) throws(ChainServerError) -> ChainLog {
        let log: ChainLog
        do throws(ChainLogError) {
            log = try ChainLog(path: chainPath) { (entry) throws(ReplayError) in
                try chain.replay(entry)
            }
        } catch {
            throw .log(error)
        }
        if let bytes = try PrivateFile.read(mempoolPath, limit: 1 << 30) {
            for transaction in try Self.decodeMempool(bytes, path: mempoolPath) {
                // What no longer fits the chain or the policy is left out, as bitcoind does.
                _ = try? chain.submit(transaction, now: now)
            }
            _ = chain.takeNotices()
        }
        return log
    }

    /// Writes the unconfirmed transactions, parents before their children.
    func save(_ mempool: Mempool) throws(ChainServerError) {
        var writer = ByteWriter()
        let ids = mempool.topologicallySorted(Set(mempool.entries.keys))
        writer.writeCompactSize(ids.count)
        for id in ids { mempool[id]?.transaction.write(to: &writer) }
        try PrivateFile.replace(mempoolPath, with: writer.bytes)
    }

    /// The faucet that the directory has, or a new one. `seed` makes its addresses repeatable.
    func loadFaucet(seed: UInt64?) throws(ChainServerError) -> Faucet {
        if let bytes = try PrivateFile.read(faucetPath, limit: 200) {
            let words = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }
            guard words.count == 2, let seed = try? Hex.decode(words[0]), seed.count == 32,
                let count = Int(words[1]), (0...Faucet.maximumAddresses).contains(count)
            else { throw .damaged(path: faucetPath, reason: "not a seed and a count") }
            return Faucet(seed: SecretBytes(seed), addressCount: count)
        }
        let secret =
            seed.map { SHA256.hash(Array("salama faucet \($0)".utf8)).bytes }
            ?? SystemRandom.bytes(32)
        let faucet = Faucet(seed: SecretBytes(secret))
        try save(faucet)
        return faucet
    }

    /// Writes what the faucet's keys are derived from, and how many there are.
    func save(_ faucet: Faucet) throws(ChainServerError) {
        let text = "\(Hex.encode(faucet.seed.exposedCopy())) \(faucet.addressCount)\n"
        try PrivateFile.replace(faucetPath, with: Array(text.utf8))
    }

    private static func decodeMempool(
        _ bytes: [UInt8], path: String
    ) throws(ChainServerError) -> [Transaction] {
        do throws(DecodeError) {
            var reader = ByteReader(bytes.span.bytes)
            let count = try reader.readCompactSize()
            var transactions: [Transaction] = []
            for _ in 0..<count { transactions.append(try Transaction(from: &reader)) }
            return transactions
        } catch {
            throw .damaged(path: path, reason: "\(error)")
        }
    }
}
