/// `salama version`.
enum VersionCommand {
    static let version = "0.1.0"
    /// What the interface calls itself: clients read the version of lnd whose interface it is, to know what there is.
    static let apiVersion = "0.18.0-beta salama-\(version)"

    static let command = Command(
        name: "version", group: .tools, summary: "print the version of this program",
        takesConfiguration: false,
        examples: [Example("salama version", "prints the version")],
        run: { _ in put("salama \(version)\n") })
}
