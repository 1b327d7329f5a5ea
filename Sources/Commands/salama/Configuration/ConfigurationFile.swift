import Glibc

/// A file of options, one `name=value` on a line; `;` and `#` begin comments, `[headings]` are for the reader.
enum ConfigurationFile {
    private static let sizeLimit = 1 << 20

    /// The options that the file sets.
    static func read(_ path: String, mustExist: Bool) throws(UsageError) -> [String: Configuration
        .Entry]
    {
        guard let text = try contents(path, mustExist: mustExist) else { return [:] }
        var entries: [String: Configuration.Entry] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let line = trimmed(line)
            if line.isEmpty || line.hasPrefix(";") || line.hasPrefix("#") || line.hasPrefix("[") {
                continue
            }
            let source = Configuration.Source.file(path: path, line: index + 1)
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw UsageError("\(source.text): `\(line)` is no line of the form name=value")
            }
            let name = trimmed(parts[0])
            let value = trimmed(parts[1])
            let option = try option(named: name, source)
            if let earlier = entries[option.name] {
                guard option.isRepeatable else {
                    throw UsageError(
                        "\(source.text): \(name) is set twice (\(earlier.source.text))")
                }
                entries[option.name]?.values.append(value)
            } else {
                entries[option.name] = Configuration.Entry(values: [value], source: source)
            }
        }
        return entries
    }

    private static func option(
        named name: String, _ source: Configuration.Source
    ) throws(UsageError) -> ConfigurationOption {
        if let option = ConfigurationOption.all.first(where: { $0.name == name }),
            name != "configfile"
        {
            return option
        }
        let hint =
            nearest(to: name, among: ConfigurationOption.all.map(\.name))
            .map { "; did you mean `\($0)`?" } ?? "; `salama config --help` lists the options"
        throw UsageError("\(source.text): unknown option `\(name)`\(hint)")
    }

    private static func contents(_ path: String, mustExist: Bool) throws(UsageError) -> String? {
        switch SmallFile.read(path, limit: sizeLimit) {
        case .success(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .failure(let error):
            guard mustExist || error.code != ENOENT else { return nil }
            throw UsageError("cannot read the configuration \(path): \(error.reason)")
        }
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n" }
        var text = text[...]
        while let first = text.first, isBlank(first) { text.removeFirst() }
        while let last = text.last, isBlank(last) { text.removeLast() }
        return String(text)
    }
}

/// Files that are read or written whole.
enum SmallFile {
    struct Failure: Error {
        let code: Int32
        let reason: String

        init(_ code: Int32) {
            self.code = code
            reason = String(cString: strerror(code))
        }
    }

    /// The file's bytes, at most `limit` of them.
    static func read(_ path: String, limit: Int = 1 << 20) -> Result<[UInt8], Failure> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .failure(Failure(errno)) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(Failure(errno)) }
            guard count > 0 else { return .success(bytes) }
            guard bytes.count + count <= limit else { return .failure(Failure(EFBIG)) }
            bytes += buffer[..<count]
        }
    }

    /// Puts a file of these bytes (0600) in its place all at once.
    static func write(_ bytes: [UInt8], to path: String) -> Result<Void, Failure> {
        let partial = path + ".new"
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return .failure(Failure(errno)) }
        let isWritten =
            Glibc.write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        guard isWritten, rename(partial, path) == 0 else {
            return .failure(Failure(isWritten ? errno : code))
        }
        return .success(())
    }
}
