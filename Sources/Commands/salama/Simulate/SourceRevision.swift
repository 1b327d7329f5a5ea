import Glibc

/// The commit of the sources around the program, which together with a seed tells what to replay.
enum SourceRevision {
    /// The commit's name; the program's version where the program is not inside a repository.
    static let current: String = find() ?? "unknown (version \(VersionCommand.version))"

    private static func find() -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { return nil }
        var folders = String(decoding: buffer[..<count].map(UInt8.init), as: UTF8.self)
            .split(separator: "/")
        while !folders.isEmpty {
            folders.removeLast()
            let path = "/" + folders.joined(separator: "/") + "/.git"
            if let revision = revision(inRepository: path) { return revision }
            // A work tree's `.git` is a file that names the folder.
            if let link = text(of: path), link.hasPrefix("gitdir: ") {
                return revision(inRepository: String(link.dropFirst(8)))
            }
        }
        return nil
    }

    private static func revision(inRepository path: String) -> String? {
        guard let head = text(of: path + "/HEAD") else { return nil }
        guard head.hasPrefix("ref: ") else { return String(head.prefix(12)) }
        let name = String(head.dropFirst(5))
        let common = text(of: path + "/commondir").map { path + "/" + $0 } ?? path
        if let direct = text(of: common + "/" + name) { return String(direct.prefix(12)) }
        let packed = text(of: common + "/packed-refs")?.split(separator: "\n") ?? []
        return packed.first { $0.hasSuffix(" " + name) }.map { String($0.prefix(12)) }
    }

    /// What a small file holds, without the newline at its end; nil where it cannot be read.
    private static func text(of path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = read(file, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
