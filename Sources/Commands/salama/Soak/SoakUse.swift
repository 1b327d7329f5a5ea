import Glibc

/// What a node's process has used, from its start or the last mark on.
struct SoakUse: Sendable {
    /// Memory in bytes (PSS), and open files.
    struct Figures: Sendable {
        var memory: Int
        var files: Int

        init(memory: Int, files: Int) { (self.memory, self.files) = (memory, files) }

        /// What the process uses now; nil where it is gone.
        init?(of process: pid_t) {
            guard let memory = try? ProcessFigures.proportionalMemory(of: process),
                let folder = opendir("/proc/\(process)/fd")
            else { return nil }
            defer { closedir(folder) }
            var count = 0
            while readdir(folder) != nil { count += 1 }
            // The folder itself and the one above are listed too.
            (self.memory, files) = (memory, count - 2)
        }
    }

    /// The last look.
    private(set) var last: Figures?
    private(set) var mostMemory = 0
    private(set) var mostFiles = 0
    /// What it used when it had warmed up.
    private(set) var baseline: Figures?

    /// Takes a look into account.
    mutating func note(_ figures: Figures) {
        last = figures
        mostMemory = max(mostMemory, figures.memory)
        mostFiles = max(mostFiles, figures.files)
    }

    /// From here on growth is measured.
    mutating func mark() { baseline = last }
}
