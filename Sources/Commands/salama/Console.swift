import Glibc
import Synchronization

/// Standard output and error as commands use them.
enum Console {
    /// The error number of the first write to standard output that failed; nil where all was written.
    fileprivate static let failure = Mutex<Int32?>(nil)

    /// Throws where something that was put out is lost: on a full disk, or as nobody reads any more.
    static func requireWritten() throws(CommandFailure) {
        guard let code = failure.withLock({ $0 }) else { return }
        throw CommandFailure("cannot write to standard output: \(String(cString: strerror(code)))")
    }

    /// Opens `/dev/null` for each of the three standard descriptors that is closed: the next file opened would get its
    /// number, and what is meant for people would be written into that file.
    static func openStandardDescriptors() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            _ = open("/dev/null", O_RDWR)
        }
    }
}

/// Writes to standard output as it is.
func put(_ text: String) {
    guard let code = write(text, to: STDOUT_FILENO) else { return }
    Console.failure.withLock { $0 = $0 ?? code }
}

/// Writes one line to standard error.
func say(_ line: String) { complain(line + "\n") }

/// Writes to standard error as it is.
func complain(_ text: String) { _ = write(text, to: STDERR_FILENO) }

/// Answers the error number where not all could be written.
private func write(_ text: String, to descriptor: Int32) -> Int32? {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return errno }
        rest = rest.dropFirst(count)
    }
    return nil
}
