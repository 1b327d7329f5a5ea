import CZlib
import FoundationEssentials
import LightningGraph
import LightningWire
import TestSupport

/// The public network's graph, where the folder `shared/graph` lies beside the work tree or above it.
enum MainnetGraph {
    static let graph: ChannelGraph? = {
        var folder = PackageFiles.root
        for _ in 0..<5 {
            folder.deleteLastPathComponent()
            let file = folder.appending(path: "shared/graph/mainnet-2026-02-03").path
            guard let nodes = unzip("\(file)-nodes.csv.gz"),
                let directions = unzip("\(file).csv.gz")
            else { continue }
            return try? GraphTable.read(
                nodes: nodes, directions: directions, timestamp: 1_770_000_000)
        }
        return nil
    }()

    private static func unzip(_ path: String) -> [UInt8]? {
        guard let file = gzopen(path, "rb") else { return nil }
        defer { gzclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = gzread(file, &block, UInt32(block.count))
            guard count > 0 else { return bytes.isEmpty ? nil : bytes }
            bytes += block.prefix(Int(count))
        }
    }
}
