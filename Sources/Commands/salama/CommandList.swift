/// Every command, in the order in which the help lists them.
enum CommandList {
    static let all: [Command] = [VersionCommand.command]
}
