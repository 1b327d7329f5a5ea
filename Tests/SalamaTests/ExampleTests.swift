import FoundationEssentials
import TestSupport
import Testing

/// The example of a program with nodes in it.
struct ExampleTests {
    @Test("two nodes in one program open a channel, and one pays the other")
    func embeddedNodes() throws {
        let program = try #require(PackageFiles.built("EmbeddedNode"))
        let folder = FileManager.default.temporaryDirectory.appending(path: "salama-\(UUID())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let result = try ChildProcess.run(program, [folder.path])
        #expect(result.status == 0, "\(result.errors)")
        let lines = result.output.split(separator: "\n")
        #expect(lines.first?.hasPrefix("lnbcrt500u1") == true)
        #expect(lines.last?.hasPrefix("succeeded(") == true)
    }
}
