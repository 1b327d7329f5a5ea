import Synchronization

/// A fault that tests put into the core on purpose, one at a time, to see which of them notices.
///
/// The faults exist only where the package is built with `SALAMA_MUTATIONS`; elsewhere ``isOn(_:)`` is the constant
/// false and the compiler removes what depends on it.
public enum Mutation: String, CaseIterable, Sendable {
    /// Commits return before the disk has them.
    case skipDiskSync

    #if SALAMA_MUTATIONS
        private static let active = Atomic<Int>(-1)

        /// Switches this fault on for the rest of the process, and every other off.
        public func activate() {
            Self.active.store(Self.allCases.firstIndex(of: self) ?? -1, ordering: .relaxed)
        }

        /// Whether the fault is on.
        public static func isOn(_ mutation: Mutation) -> Bool {
            let number = active.load(ordering: .relaxed)
            return number >= 0 && allCases[number] == mutation
        }

        /// Whether this build has the faults in it.
        public static let isAvailable = true
    #else
        /// Whether the fault is on: never in this build.
        @inlinable @inline(__always)
        public static func isOn(_ mutation: Mutation) -> Bool { false }

        /// Switches nothing on: this build has no faults in it.
        public func activate() {}

        /// Whether this build has the faults in it.
        public static let isAvailable = false
    #endif
}
