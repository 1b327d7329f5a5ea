import Glibc

/// Writes to standard output as it is.
func put(_ text: String) { write(text, to: STDOUT_FILENO) }

/// Writes one line to standard error.
func say(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

private func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        // Nobody reads any more, or nothing can be written: there is nobody to tell.
        guard count > 0 || (count < 0 && errno == EINTR) else { return }
        rest = rest.dropFirst(max(0, count))
    }
}
