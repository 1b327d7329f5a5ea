import Glibc
import LightningWire
import NodeStorage
import Testing

/// A disk without space, as a small file system in memory; needs the right to mount one.
struct FullDiskTests {
    static let mayMount: Bool = {
        guard geteuid() == 0, let folder = try? TemporaryFolder() else { return false }
        guard system("mount -t tmpfs -o size=64k tmpfs '\(folder.path)' 2>/dev/null") == 0 else {
            return false
        }
        return system("umount '\(folder.path)'") == 0
    }()

    @Test(
        "a full disk is told as such, loses nothing committed, and takes writes again when there is space",
        .enabled(if: mayMount, "no file system may be mounted here"))
    func fullDisk() throws {
        let folder = try TemporaryFolder()
        #expect(system("mount -t tmpfs -o size=1200k tmpfs '\(folder.path)'") == 0)
        defer { _ = system("umount -l '\(folder.path)'") }
        let path = folder.path + "/node.db"
        let filler = folder.path + "/filler"
        #expect(system("head -c 200k /dev/zero > '\(filler)'") == 0)
        let value = [UInt8](repeating: 7, count: 3_000)
        var committed = 0
        let store = try SQLiteStore(path: path)
        let failure = #expect(throws: StorageError.self) {
            for number in UInt8(0)..<250 {
                try store.commit([RecordWrite(.walletTransaction, key: [number], value: value)])
                committed += 1
            }
        }
        #expect(failure == .diskFull(path: path))
        #expect(failure?.mayPass == true)
        #expect(committed > 0)
        #expect(try store.records(in: .walletTransaction).count == committed)
        unlink(filler)
        try store.commit([RecordWrite(.meta, key: [1], value: [2])])
        #expect(try store.value(in: .meta, at: [1]) == [2])
        try store.checkIntegrity()
    }

    @Test(
        "a file system that became read-only is told as such, at a commit and at the start",
        .enabled(if: mayMount, "no file system may be mounted here"))
    func readOnly() throws {
        let folder = try TemporaryFolder()
        #expect(system("mount -t tmpfs -o size=2m tmpfs '\(folder.path)'") == 0)
        defer { _ = system("umount -l '\(folder.path)'") }
        let path = folder.path + "/node.db"
        do {
            let store = try SQLiteStore(path: path)
            try store.commit([RecordWrite(.meta, key: [1], value: [2])])
        }
        #expect(system("mount -o remount,ro '\(folder.path)'") == 0)
        #expect(throws: StorageError.readOnly(path: path)) { try SQLiteStore(path: path) }
        let locked = folder.path + "/salama.lock"
        #expect(throws: StorageError.readOnly(path: locked)) {
            try DataDirectory(path: folder.path)
        }
        #expect(!StorageError.readOnly(path: path).mayPass)
    }
}
