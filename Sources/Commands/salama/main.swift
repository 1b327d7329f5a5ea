import Glibc

// What the process writes is its owner's alone, whatever the shell's mask says.
umask(0o077)

Console.openStandardDescriptors()

let runner = CommandLineRunner(
    commands: CommandList.all, configurationFlags: CommandList.configurationFlags)
exit(runner.run(Array(CommandLine.arguments.dropFirst())))
