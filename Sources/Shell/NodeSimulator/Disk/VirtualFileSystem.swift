import CSQLite
import Synchronization

/// A ``VirtualDisk`` under a name by which SQLite opens files on it (`sqlite3_vfs`).
///
/// Unchecked sendability: the registered structure is written before it is registered and never after.
package final class VirtualFileSystem: @unchecked Sendable {
    /// SQLite's name for it.
    package let name: String
    /// Where the files are.
    package let disk: VirtualDisk
    private let registered: UnsafeMutablePointer<sqlite3_vfs>
    private let cName: UnsafeMutablePointer<CChar>

    private static let counter = Atomic<Int>(0)

    /// Registers the disk with SQLite until this goes.
    package init(_ disk: VirtualDisk) {
        let number = Self.counter.add(1, ordering: .relaxed).newValue
        name = "salama-virtual-\(number)"
        self.disk = disk
        let bytes = name.utf8CString
        cName = .allocate(capacity: bytes.count)
        for (index, byte) in bytes.enumerated() { (cName + index).initialize(to: byte) }
        registered = .allocate(capacity: 1)
        registered.initialize(to: sqlite3_vfs())
        fill(&registered.pointee)
        sqlite3_vfs_register(registered, 0)
    }

    deinit {
        sqlite3_vfs_unregister(registered)
        registered.deallocate()
        cName.deallocate()
    }

    private func fill(_ vfs: inout sqlite3_vfs) {
        vfs.iVersion = 2
        vfs.szOsFile = Int32(MemoryLayout<OpenFile>.size)
        vfs.mxPathname = 512
        vfs.zName = UnsafePointer(cName)
        vfs.pAppData = Unmanaged.passUnretained(self).toOpaque()
        vfs.xOpen = openFile
        vfs.xDelete = { vfs, path, _ in
            guard let disk = VirtualFileSystem.disk(of: vfs), let path else {
                return IOFailure.delete
            }
            return disk.delete(String(cString: path))
        }
        vfs.xAccess = { vfs, path, _, answer in
            guard let disk = VirtualFileSystem.disk(of: vfs), let path else {
                return IOFailure.access
            }
            answer?.pointee = disk.exists(String(cString: path)) ? 1 : 0
            return SQLITE_OK
        }
        vfs.xFullPathname = { _, path, capacity, target in
            guard let path, let target else { return SQLITE_CANTOPEN }
            copyPath(capacity, target, path)
            return SQLITE_OK
        }
        vfs.xRandomness = { _, count, target in
            for index in 0..<Int(count) { target?[index] = CChar(truncatingIfNeeded: index &* 37) }
            return count
        }
        vfs.xSleep = { _, _ in 0 }
        vfs.xCurrentTime = { _, answer in
            answer?.pointee = 2_460_000
            return SQLITE_OK
        }
        vfs.xCurrentTimeInt64 = { _, answer in
            answer?.pointee = 2_460_000 * 86_400_000
            return SQLITE_OK
        }
        vfs.xGetLastError = { _, _, _ in 0 }
    }

    fileprivate static func own(_ vfs: UnsafeMutablePointer<sqlite3_vfs>?) -> VirtualFileSystem? {
        vfs?.pointee.pAppData.map {
            Unmanaged<VirtualFileSystem>.fromOpaque($0).takeUnretainedValue()
        }
    }

    fileprivate static func disk(of vfs: UnsafeMutablePointer<sqlite3_vfs>?) -> VirtualDisk? {
        own(vfs)?.disk
    }
}

/// What SQLite keeps for each file that it has open, as its `sqlite3_file`.
private struct OpenFile {
    var base: sqlite3_file
    /// Retained while the file is open.
    var owner: Unmanaged<VirtualFileSystem>
    var file: Int
    var handle: Int
    /// The locks on shared memory that are held, shared and alone, a bit each.
    var sharedLocks: UInt32 = 0
    var exclusiveLocks: UInt32 = 0
}

/// Copies a path into SQLite's buffer.
private func copyPath(
    _ capacity: Int32, _ target: UnsafeMutablePointer<CChar>, _ path: UnsafePointer<CChar>
) {
    var index = 0
    while index < Int(capacity) - 1, path[index] != 0 {
        target[index] = path[index]
        index += 1
    }
    target[index] = 0
}

private func openFile(
    _ vfs: UnsafeMutablePointer<sqlite3_vfs>?, _ path: UnsafePointer<CChar>?,
    _ target: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32,
    _ flagsAnswer: UnsafeMutablePointer<Int32>?
) -> Int32 {
    guard let target, let owner = VirtualFileSystem.own(vfs) else { return SQLITE_CANTOPEN }
    let disk = owner.disk
    target.pointee.pMethods = nil
    let name = path.map { String(cString: $0) } ?? "temporary-\(disk.operations)"
    guard let opened = disk.open(name, create: flags & SQLITE_OPEN_CREATE != 0) else {
        return SQLITE_CANTOPEN
    }
    let methods = ioMethods.pointer
    UnsafeMutableRawPointer(target).initializeMemory(
        as: OpenFile.self,
        to: OpenFile(
            base: sqlite3_file(pMethods: methods), owner: .passRetained(owner),
            file: opened.file, handle: opened.handle))
    flagsAnswer?.pointee = flags
    return SQLITE_OK
}

/// Calls `body` with the open file behind SQLite's handle.
private func with(
    _ file: UnsafeMutablePointer<sqlite3_file>?,
    _ body: (inout OpenFile, VirtualDisk) -> Int32
) -> Int32 {
    guard let file else { return SQLITE_MISUSE }
    return file.withMemoryRebound(to: OpenFile.self, capacity: 1) {
        body(&$0.pointee, $0.pointee.owner.takeUnretainedValue().disk)
    }
}

/// The functions that SQLite calls on open files.
///
/// Unchecked sendability: they are made once and never changed.
private struct IOMethods: @unchecked Sendable {
    let pointer: UnsafePointer<sqlite3_io_methods>
}

private let ioMethods: IOMethods = {
    var methods = sqlite3_io_methods()
    methods.iVersion = 2
    methods.xClose = { file in
        with(file) { open, disk in
            disk.close(open.file, handle: open.handle)
            open.owner.release()
            return SQLITE_OK
        }
    }
    methods.xRead = { file, target, count, offset in
        with(file) { open, disk in
            disk.read(
                open.file, into: UnsafeMutableRawBufferPointer(start: target, count: Int(count)),
                at: Int(offset))
        }
    }
    methods.xWrite = { file, source, count, offset in
        with(file) { open, disk in
            let bytes = Array(UnsafeRawBufferPointer(start: source, count: Int(count)))
            return disk.write(open.file, bytes, at: Int(offset))
        }
    }
    methods.xTruncate = { file, size in with(file) { $1.truncate($0.file, to: Int(size)) } }
    methods.xSync = { file, _ in with(file) { $1.sync($0.file) } }
    methods.xFileSize = { file, answer in
        with(file) { open, disk in
            answer?.pointee = Int64(disk.size(of: open.file))
            return SQLITE_OK
        }
    }
    methods.xLock = { file, level in with(file) { $1.lock($0.file, level, for: $0.handle) } }
    methods.xUnlock = { file, level in
        with(file) { open, disk in
            disk.unlock(open.file, level, for: open.handle)
            return SQLITE_OK
        }
    }
    methods.xCheckReservedLock = { file, answer in
        with(file) { open, disk in
            answer?.pointee = disk.isReserved(open.file) ? 1 : 0
            return SQLITE_OK
        }
    }
    methods.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
    methods.xSectorSize = { _ in 4_096 }
    // What SQLite assumes of the disks below Linux's file systems.
    methods.xDeviceCharacteristics = { _ in SQLITE_IOCAP_POWERSAFE_OVERWRITE }
    addSharedMemory(to: &methods)
    let pointer = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    pointer.initialize(to: methods)
    return IOMethods(pointer: UnsafePointer(pointer))
}()

private func addSharedMemory(to methods: inout sqlite3_io_methods) {
    methods.xShmMap = { file, region, size, extend, answer in
        with(file) { open, disk in
            let address = disk.sharedMemory(
                open.file, region: Int(region), size: Int(size), extend: extend != 0)
            answer?.pointee = address.flatMap { UnsafeMutableRawPointer(bitPattern: $0) }
            return SQLITE_OK
        }
    }
    methods.xShmLock = { file, offset, count, flags in
        with(file) { open, disk in
            let range = Int(offset)..<Int(offset + count)
            let mask = range.reduce(UInt32(0)) { $0 | 1 << UInt32($1) }
            let isShared = flags & SQLITE_SHM_SHARED != 0
            guard flags & SQLITE_SHM_LOCK != 0 else {
                let held = isShared ? open.sharedLocks : open.exclusiveLocks
                guard held & mask != 0 else { return SQLITE_OK }
                disk.unlockSharedMemory(open.file, range, shared: isShared)
                if isShared { open.sharedLocks &= ~mask } else { open.exclusiveLocks &= ~mask }
                return SQLITE_OK
            }
            let result = disk.lockSharedMemory(open.file, range, shared: isShared)
            guard result == SQLITE_OK else { return result }
            if isShared { open.sharedLocks |= mask } else { open.exclusiveLocks |= mask }
            return SQLITE_OK
        }
    }
    methods.xShmBarrier = { _ in }
    methods.xShmUnmap = { file, delete in
        with(file) { open, disk in
            for slot in 0..<Int(SQLITE_SHM_NLOCK) {
                let bit = UInt32(1) << UInt32(slot)
                if open.sharedLocks & bit != 0 {
                    disk.unlockSharedMemory(open.file, slot..<slot + 1, shared: true)
                }
                if open.exclusiveLocks & bit != 0 {
                    disk.unlockSharedMemory(open.file, slot..<slot + 1, shared: false)
                }
            }
            open.sharedLocks = 0
            open.exclusiveLocks = 0
            if delete != 0 { disk.freeSharedMemory(open.file) }
            return SQLITE_OK
        }
    }
}
