import FoundationEssentials
import TestSupport
import Testing

/// The program's completions and manual page, from the program itself.
struct DocumentationTests {
    let salama: String

    init() throws { salama = try #require(PackageFiles.salama) }

    @Test("bash reads its completions, and they offer commands and flags")
    func bash() throws {
        let words = """
            source <("$0" completions bash)
            COMP_WORDS=(salama comp); COMP_CWORD=1; _salama; echo "${COMPREPLY[*]}"
            COMP_WORDS=(salama completions ""); COMP_CWORD=2; _salama; echo "${COMPREPLY[*]}"
            COMP_WORDS=(salama version --h); COMP_CWORD=2; _salama; echo "${COMPREPLY[*]}"
            COMP_WORDS=(salama wallet a); COMP_CWORD=2; _salama; echo "${COMPREPLY[*]}"
            COMP_WORDS=(salama wallet psbt ""); COMP_CWORD=3; _salama; echo "${COMPREPLY[*]}"
            COMP_WORDS=(salama wallet psbt sign --f); COMP_CWORD=4; _salama; echo "${COMPREPLY[*]}"
            """
        let result = try ChildProcess.run("/bin/bash", ["-c", words, salama])
        #expect(result.errors == "")
        #expect(
            result.output == """
                completions
                bash zsh fish --help
                --help
                accounts addresses
                fund fundtemplate sign finalize
                --funded_psbt

                """)
    }

    @Test("each shell's completions are for each command", arguments: ["bash", "zsh", "fish"])
    func shells(_ shell: String) throws {
        let result = try ChildProcess.run(salama, ["completions", shell])
        #expect(result.status == 0)
        for name in ["version", "completions", "manpage"] { #expect(result.output.contains(name)) }
    }

    @Test(
        "help has lines of at most 80 letters, but for examples and options that are longer",
        arguments: ["openchannel", "start", "bench", "config", "wallet psbt fund", "wallet"])
    func helpWidth(_ command: String) throws {
        let words = command.split(separator: " ").map(String.init)
        let result = try ChildProcess.run(salama, words + ["--help"])
        #expect(result.status == 0)
        #expect(try ChildProcess.run(salama, ["help"] + words).output == result.output)
        for line in result.output.split(separator: "\n")
        where !line.hasPrefix("  $") && !line.hasPrefix("Usage: ") { #expect(line.count <= 80) }
    }

    @Test("help of a word that commands begin with lists them, and the word alone is refused")
    func helpOfGroups() throws {
        let help = try ChildProcess.run(salama, ["help", "wallet", "psbt"])
        #expect(help.status == 0 && help.output.contains("wallet psbt finalize"))
        #expect(!help.output.contains("wallet listleases"))
        #expect(try ChildProcess.run(salama, ["wallet"]).status == 2)
    }

    @Test("another shell is refused in one line, with status 2")
    func unknownShell() throws {
        let result = try ChildProcess.run(salama, ["completions", "tcsh"])
        #expect(result.status == 2)
        #expect(
            result.errors
                == "salama: completions: completions are for bash, zsh or fish, not `tcsh`\n")
    }

    @Test("the manual page names every command, and no line of it is a request by accident")
    func manual() throws {
        let result = try ChildProcess.run(salama, ["manpage"])
        #expect(result.status == 0)
        let requests: Set<String> = [
            ".TH", ".SH", ".SS", ".TP", ".PP", ".B", ".I", ".EX", ".EE",
        ]
        for line in result.output.split(separator: "\n")
        where line.first == "." || line.first == "'" {
            #expect(requests.contains(String(line.prefix { $0 != " " })), "\(line)")
        }
        #expect(result.output.contains(".SS salama version\n"))
    }
}
