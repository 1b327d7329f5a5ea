import Glibc

/// What standard output is, and how it may look.
enum Terminal {
    /// Whether a person looks at standard output.
    static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Whether colours may be used: on a terminal that has them, unless NO_COLOR is set.
    static var hasColors: Bool {
        let isForbidden = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
        return isOutput && !isForbidden && !isDumb
    }
}
