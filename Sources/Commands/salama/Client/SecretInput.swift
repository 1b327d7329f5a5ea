import Glibc

/// Words that must not be seen: passwords and mnemonics, from a terminal without echo or from files.
enum SecretInput {
    /// Whether a person can be asked.
    static var isTerminal: Bool { isatty(STDIN_FILENO) == 1 }

    /// Asks on the terminal, without showing what is typed.
    static func ask(_ prompt: String) throws(CommandFailure) -> String {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { throw CommandFailure("there is no terminal to ask on") }
        defer { close(terminal) }
        var before = termios()
        guard tcgetattr(terminal, &before) == 0 else {
            throw CommandFailure("the terminal cannot hide what is typed")
        }
        var hidden = before
        hidden.c_lflag &= ~tcflag_t(ECHO)
        // A signal that ends or stops the program waits until the terminal shows again what is typed.
        var held = sigset_t()
        sigemptyset(&held)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP] { sigaddset(&held, number) }
        var mask = sigset_t()
        pthread_sigmask(SIG_BLOCK, &held, &mask)
        defer { pthread_sigmask(SIG_SETMASK, &mask, nil) }
        tcsetattr(terminal, TCSAFLUSH, &hidden)
        defer { tcsetattr(terminal, TCSAFLUSH, &before) }
        send(prompt, to: terminal)
        let line = waitForInput(terminal, unlessPending: held) ? readLine(from: terminal) : nil
        send("\n", to: terminal)
        guard let line else { throw CommandFailure("nothing was typed") }
        return line
    }

    /// Waits until something is typed; false where one of `signals` came before.
    private static func waitForInput(_ terminal: Int32, unlessPending signals: sigset_t) -> Bool {
        var descriptor = pollfd(fd: terminal, events: Int16(POLLIN), revents: 0)
        while poll(&descriptor, 1, 50) == 0 {
            var pending = sigset_t()
            sigpending(&pending)
            var signals = signals
            for number in 1..<Int32(32)
            where sigismember(&signals, number) == 1 && sigismember(&pending, number) == 1 {
                return false
            }
        }
        return true
    }

    /// Asks for a new password twice.
    static func askNewPassword() throws(CommandFailure) -> String {
        let password = try ask("Password for the wallet: ")
        try checkNewPassword(password)
        guard try ask("Once more: ") == password else {
            throw CommandFailure("the two passwords differ")
        }
        return password
    }

    /// lnd's rule, which its clients know.
    static func checkNewPassword(_ password: String) throws(CommandFailure) {
        guard password.utf8.count >= 8 else {
            throw CommandFailure(
                "a password has at least 8 bytes; this one has \(password.utf8.count)")
        }
    }

    /// The first line of a file, as `--password-file` has it.
    static func password(inFile path: String) throws(CommandFailure) -> String {
        let line = try text(ofFile: path).split(
            separator: "\n", maxSplits: 1, omittingEmptySubsequences: false
        ).first.map { $0.last == "\r" ? String($0.dropLast()) : String($0) }
        guard let line, !line.isEmpty else { throw CommandFailure("\(path) holds no password") }
        return line
    }

    /// The words of a mnemonic in a file, in any layout.
    static func mnemonic(inFile path: String) throws(CommandFailure) -> [String] {
        let words = try text(ofFile: path).split { $0.isWhitespace }.map(String.init)
        guard !words.isEmpty else { throw CommandFailure("\(path) holds no mnemonic") }
        return words
    }

    private static func text(ofFile path: String) throws(CommandFailure) -> String {
        switch SmallFile.read(Configuration.expanded(path), limit: 1 << 16) {
        case .success(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .failure(let error): throw CommandFailure("cannot read \(path): \(error.reason)")
        }
    }

    private static func send(_ text: String, to terminal: Int32) {
        let bytes = Array(text.utf8)
        _ = write(terminal, bytes, bytes.count)
    }

    private static func readLine(from terminal: Int32) -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count < 4_096 {
            guard read(terminal, &byte, 1) == 1 else { return bytes.isEmpty ? nil : text(bytes) }
            if byte == 0x0a { return text(bytes) }
            bytes.append(byte)
        }
        return text(bytes)
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
