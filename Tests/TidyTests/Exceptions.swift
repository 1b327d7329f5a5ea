/// An accepted breach of a rule.
struct RuleException: Sendable {
    let rule: Rule.Name
    /// The file, from the package's root.
    let path: String
    /// A part of the finding's message that tells which one is meant; empty for all in the file.
    let about: String
    /// Why the breach is right.
    let reason: String

    func excuses(_ finding: Finding) -> Bool {
        finding.path == path && (about.isEmpty || finding.message.contains(about))
    }
}

extension RuleException {
    /// All of them. One that excuses nothing any more fails the tests: remove it.
    static let all: [RuleException] = [
        RuleException(
            rule: .functionLength, path: "Sources/Core/LightningWire/Messages/Message.swift",
            about: "`init`", reason: "one switch with a case for each message of the protocol"),
        RuleException(
            rule: .corePurity, path: "Sources/Core/Bitcoin/Mutation.swift", about: "`CommandLine`",
            reason: "names the fault of a test's process, in builds for tests alone"),
    ]
}
