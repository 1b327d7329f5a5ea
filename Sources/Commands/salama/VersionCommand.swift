/// `salama version`.
enum VersionCommand {
    static let version = "0.1.0"

    static let command = Command(
        name: "version", group: .tools, summary: "print the version of this program",
        takesConfiguration: false,
        examples: [Example("salama version", "prints the version")],
        run: { _ in put("salama \(version)\n") })
}
