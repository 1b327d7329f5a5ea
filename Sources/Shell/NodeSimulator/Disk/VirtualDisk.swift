import CSQLite
import Synchronization

/// A disk in memory on which SQLite works through ``VirtualFileSystem``, and which fails when it is told to.
///
/// What was written and not synced is lost or torn when the power fails; what was synced is kept.
package final class VirtualDisk: Sendable {
    private let state: Mutex<State>

    fileprivate struct State {
        var files: [VirtualFile?] = []
        var names: [String: Int] = [:]
        var random: SimulationRandom
        var isFull = false
        /// Writes and syncs until the power fails.
        var untilCut: Int?
        /// Writes and syncs until one fails.
        var untilFailure: Int?
        var isCut = false
        var nextHandle = 0
        var openHandles = 0
        var ignoresSync = false
        var operations = 0
    }

    /// An empty disk. `seed` decides what of unsynced writes is lost.
    package init(seed: UInt64) {
        state = Mutex(State(random: SimulationRandom(seed: seed)))
    }

    deinit {
        state.withLock { state in
            for index in state.files.indices { state.files[index]?.sharedMemory.free() }
        }
    }

    /// Whether files cannot grow any more.
    package var isFull: Bool {
        get { state.withLock { $0.isFull } }
        set { state.withLock { $0.isFull = newValue } }
    }

    /// Whether a sync is acknowledged and not done: a disk that lies.
    package var ignoresSync: Bool {
        get { state.withLock { $0.ignoresSync } }
        set { state.withLock { $0.ignoresSync = newValue } }
    }

    /// Whether the power has failed, so that everything fails until ``restart(losingUnsynced:)``.
    package var isCut: Bool { state.withLock { $0.isCut } }

    /// How many writes and syncs there were.
    package var operations: Int { state.withLock { $0.operations } }

    /// Lets the power fail before the write or sync after so many more.
    package func cutPower(afterOperations count: Int) { state.withLock { $0.untilCut = count } }

    /// Lets one write or sync fail, after so many more.
    package func failOnce(afterOperations count: Int) {
        state.withLock { $0.untilFailure = count }
    }

    /// Cuts the power now: connections that are still open do nothing any more.
    package func cutPower() { state.withLock { $0.isCut = true } }

    /// The machine or the process starts again, after its connections are closed. Where the power failed, what was not
    /// synced is lost or torn.
    package func restart(losingUnsynced: Bool) {
        state.withLock { state in
            precondition(state.openHandles == 0, "a connection outlives its process")
            for index in state.files.indices {
                guard losingUnsynced else {
                    state.files[index]?.forgetProcess()
                    continue
                }
                state.files[index]?.losePower(&state.random)
            }
            state.isCut = false
            state.untilCut = nil
            state.untilFailure = nil
        }
    }
}

/// What SQLite asks for, by open file. Each answers SQLite's result code.
extension VirtualDisk {
    func open(_ name: String, create: Bool) -> (file: Int, handle: Int)? {
        state.withLock { state in
            guard !state.isCut else { return nil }
            state.nextHandle += 1
            defer { state.openHandles += 1 }
            if let file = state.names[name] { return (file, state.nextHandle) }
            guard create else {
                state.openHandles -= 1
                return nil
            }
            state.files.append(VirtualFile())
            state.names[name] = state.files.count - 1
            return (state.files.count - 1, state.nextHandle)
        }
    }

    func close(_ file: Int, handle: Int) {
        state.withLock { state in
            state.openHandles -= 1
            state.files[file]?.locks.unlock(SQLITE_LOCK_NONE, for: handle)
        }
    }

    func exists(_ name: String) -> Bool { state.withLock { $0.names[name] != nil } }

    func delete(_ name: String) -> Int32 {
        state.withLock { state in
            guard state.mayChange() else { return IOFailure.delete }
            guard let file = state.names.removeValue(forKey: name) else {
                return IOFailure.noFile
            }
            state.files[file]?.sharedMemory.free()
            state.files[file] = nil
            return SQLITE_OK
        }
    }

    func read(_ file: Int, into target: UnsafeMutableRawBufferPointer, at offset: Int) -> Int32 {
        state.withLock { state in
            guard !state.isCut, let contents = state.files[file]?.contents else {
                return IOFailure.read
            }
            let available = max(0, min(target.count, contents.count - offset))
            contents.withUnsafeBytes { source in
                guard available > 0 else { return }
                target.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + available]))
            }
            guard available < target.count else { return SQLITE_OK }
            UnsafeMutableRawBufferPointer(rebasing: target[available...])
                .initializeMemory(as: UInt8.self, repeating: 0)
            return IOFailure.shortRead
        }
    }

    func write(_ file: Int, _ bytes: [UInt8], at offset: Int) -> Int32 {
        state.withLock { state in
            guard state.mayChange() else { return IOFailure.write }
            guard let count = state.files[file]?.count else { return IOFailure.write }
            if state.isFull, offset + bytes.count > count { return SQLITE_FULL }
            state.files[file]?.write(bytes, at: offset)
            return SQLITE_OK
        }
    }

    func truncate(_ file: Int, to size: Int) -> Int32 {
        state.withLock { state in
            guard state.mayChange() else { return IOFailure.truncate }
            state.files[file]?.truncate(to: size)
            return SQLITE_OK
        }
    }

    func sync(_ file: Int) -> Int32 {
        state.withLock { state in
            guard state.mayChange() else { return IOFailure.sync }
            if !state.ignoresSync { state.files[file]?.sync() }
            return SQLITE_OK
        }
    }

    func size(of file: Int) -> Int { state.withLock { $0.files[file]?.count ?? 0 } }

    func lock(_ file: Int, _ level: Int32, for handle: Int) -> Int32 {
        state.withLock { state in
            state.files[file]?.locks.lock(level, for: handle) == true ? SQLITE_OK : SQLITE_BUSY
        }
    }

    func unlock(_ file: Int, _ level: Int32, for handle: Int) {
        state.withLock { $0.files[file]?.locks.unlock(level, for: handle) }
    }

    func isReserved(_ file: Int) -> Bool {
        state.withLock { $0.files[file]?.locks.isReserved ?? false }
    }

    func sharedMemory(_ file: Int, region: Int, size: Int, extend: Bool) -> UInt? {
        state.withLock {
            $0.files[file]?.sharedMemory.region(region, size: size, extend: extend)
        }
    }

    /// Gives back the memory that no connection uses any more.
    func freeSharedMemory(_ file: Int) {
        state.withLock { $0.files[file]?.sharedMemory.free() }
    }

    func lockSharedMemory(_ file: Int, _ range: Range<Int>, shared: Bool) -> Int32 {
        state.withLock { state in
            state.files[file]?.sharedMemory.lock(range, shared: shared) == true
                ? SQLITE_OK : SQLITE_BUSY
        }
    }

    func unlockSharedMemory(_ file: Int, _ range: Range<Int>, shared: Bool) {
        state.withLock { $0.files[file]?.sharedMemory.unlock(range, shared: shared) }
    }
}

extension VirtualDisk.State {
    /// Counts a change, and says whether it may happen.
    fileprivate mutating func mayChange() -> Bool {
        operations += 1
        if let left = untilCut {
            untilCut = left - 1
            if left <= 0 { isCut = true }
        }
        if isCut { return false }
        if let left = untilFailure {
            untilFailure = left > 0 ? left - 1 : nil
            return left > 0
        }
        return true
    }
}
