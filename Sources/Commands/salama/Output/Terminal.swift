import Glibc

/// What standard output and standard error are, and how they may look.
enum Terminal {
    /// Whether a person looks at standard output.
    static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether a person looks at standard error, where progress is shown.
    static var isErrorOutput: Bool { isatty(STDERR_FILENO) == 1 && !isDumb }

    /// Whether colours may be used: on a terminal that has them, unless NO_COLOR is set.
    static var hasColors: Bool {
        let isForbidden = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        return isOutput && !isForbidden && !isDumb
    }

    private static var isDumb: Bool {
        getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
    }

    /// How many columns the terminal on standard output has; nil where it is none.
    static var width: Int? { width(of: STDOUT_FILENO) }

    /// How many columns the terminal on standard error has; nil where it is none.
    static var errorWidth: Int? { width(of: STDERR_FILENO) }

    private static func width(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
        return Int(size.ws_col)
    }
}
