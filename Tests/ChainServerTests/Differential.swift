import Bitcoin
import ChainBackend
import ChainServer
import FoundationEssentials
import JSON
import RegtestChain
import TestSupport
import Testing

/// The tests' own support has a type of that name too.
typealias JSONValue = JSON.JSONValue

/// A real bitcoind and an embedded chain with the same blocks, which are asked the same things.
final class Differential {
    private let bitcoind: BitcoindProcess
    private let service: ChainService
    private var nextCoin: UInt32 = 1

    /// Outputs that anyone can spend who shows a script with the one operation `OP_TRUE`.
    static let witnessScript = Script([0x51])
    static let openScript = Script.payToWitnessScriptHash(of: witnessScript)

    init(blocks: Int) throws {
        bitcoind = try BitcoindProcess(["-txindex", "-blockfilterindex"], zmq: false)
        let clock = ServiceClock()
        service = ChainService(
            EmbeddedChain(clock: clock.now), clock: clock,
            faucet: Faucet(seed: SecretBytes([UInt8](repeating: 1, count: 32))))
        try mine(blocks)
    }

    /// Mines blocks at bitcoind and gives them to the embedded chain.
    func mine(_ count: Int = 1) throws {
        let address = try #require(Address(script: Self.openScript, network: .regtest))
        let hashes = try JSONValue(
            parsing: bitcoind.call("generatetoaddress", "\(count)", "\(address)"))
        for hash in hashes.array ?? [] {
            let block = try bitcoind.call("getblock", hash.string ?? "", "0")
            #expect(try service.call("submitblock", [.string(block)]) == .null)
        }
    }

    /// A coin that no call has given, deep enough to be spent.
    func takeCoin() throws -> (outPoint: OutPoint, amount: Satoshi) {
        let hash = try service.call("getblockhash", [.integer(nextCoin)])
        nextCoin += 1
        let hex = try service.call("getblock", [hash, 0]).string ?? ""
        let coinbase = try Block(decoding: Hex.decode(hex)).transactions[0]
        return (OutPoint(coinbase.id, 0), coinbase.outputs[0].amount)
    }

    /// Asks both, and expects the same answer or the same error. Gives the answer of the embedded chain.
    @discardableResult
    func expectSame(
        _ method: String, _ parameters: JSONValue...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> JSONValue {
        let words = parameters.map { $0.string ?? String(decoding: $0.serialized(), as: UTF8.self) }
        let theirs: JSONValue
        do {
            theirs = try answer(method, words)
        } catch BitcoindProcessError.refused(_, let message) {
            let lines = message.split(separator: "\n").drop { $0 != "error message:" }
            theirs = ["error": .string(Self.plain(lines.dropFirst().joined(separator: "\n")))]
        }
        let ours: JSONValue
        do throws(RPCError) {
            ours = try service.call(method, .array(parameters))
        } catch {
            ours = ["error": .string(Self.plain(error.message))]
        }
        #expect(
            Self.comparable(ours) == Self.comparable(theirs), "\(method)",
            sourceLocation: sourceLocation)
        return ours
    }

    private func answer(_ method: String, _ words: [String]) throws -> JSONValue {
        let text: String
        switch words.count {
        case 0: text = try bitcoind.call(method)
        case 1: text = try bitcoind.call(method, words[0])
        default: text = try bitcoind.call(method, words[0], words[1])
        }
        if text.isEmpty { return .null }
        return (try? JSONValue(parsing: text)) ?? .string(text)
    }

    /// Fields that bitcoin-knots adds to Bitcoin Core's, or that say when something came.
    private static let ignored: Set<String> = [
        "usage", "txcount", "header_version", "time", "startingpriority", "currentpriority", "hash",
        "unbroadcast", "disk_size", "package-error",
    ]

    private static func comparable(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let object):
            var sorted: [(String, JSONValue)] = []
            for member in object.members.sorted(by: { $0.name < $1.name })
            where !ignored.contains(member.name) {
                sorted.append((member.name, comparable(member.value)))
            }
            return .object(JSONObject(sorted))
        case .array(let array): return .array(array.map { comparable($0) })
        case .string(let text): return .string(plain(text))
        case .null, .bool, .number: return value
        }
    }

    /// Puts Bitcoin Core 29.0's word in the place of those that later versions and bitcoin-knots have for a reason.
    private static func plain(_ text: String) -> String {
        let words: [(String, String)] = [
            ("mempool-script-verify-flag-failed", "script"),
            ("non-mandatory-script-verify-flag", "script"),
            ("mandatory-script-verify-flag-failed", "script"),
            ("truc-spent-by-nontruc", "TRUC-violation"), ("truc-spends-nontruc", "TRUC-violation"),
            ("truc-ancestors-toomany", "TRUC-violation"), ("truc-vsize-toobig", "TRUC-violation"),
            ("truc-descendants-toomany", "TRUC-violation"),
            ("truc-child-vsize-toobig", "TRUC-violation"),
            ("bad-witness-stackitem-size", "bad-witness-nonstandard"),
            ("bad-witness-nonwitness-input", "bad-witness-nonstandard"),
            ("bad-witness-anchor-not-empty", "bad-witness-nonstandard"),
            ("bad-txns-input-witness-unknown", "bad-txns-nonstandard-inputs"),
        ]
        for (variant, word) in words where text.hasPrefix(variant) {
            return word + text.dropFirst(variant.count)
        }
        return text
    }
}
