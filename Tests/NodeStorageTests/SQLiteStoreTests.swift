import CSQLite
import Glibc
import LightningWire
import NodeStorage
import Testing

struct SQLiteStoreTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/node.db" }

    init() throws { folder = try TemporaryFolder() }

    private func execute(_ sql: String) {
        var handle: OpaquePointer?
        #expect(sqlite3_open(path, &handle) == SQLITE_OK)
        #expect(sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK)
        sqlite3_close(handle)
    }

    @Test("a store opened again has what was committed, and its file is the owner's alone")
    func reopen() throws {
        do {
            let store = try SQLiteStore(path: path)
            try store.commit([RecordWrite(.meta, key: [1], value: [2])])
        }
        let store = try SQLiteStore(path: path)
        #expect(try store.value(in: .meta, at: [1]) == [2])
        try store.checkIntegrity()
        for file in [path, path + "-wal", path + "-shm"] {
            var status = stat()
            #expect(stat(file, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
    }

    @Test("the database of a newer release is refused and left alone")
    func newerSchema() throws {
        do { _ = try SQLiteStore(path: path) }
        execute("PRAGMA user_version = 1000")
        #expect(throws: StorageError.newerSchema(found: 1000, supported: 5)) {
            try SQLiteStore(path: path)
        }
    }

    @Test("the database of an older release keeps its records and gets the tables that it lacks")
    func olderSchema() throws {
        // The tables of version 1, written out: what stands in the databases of that version must never change here.
        let tables = [
            "meta", "walletAccount", "walletSeed", "walletChain", "walletTransaction",
            "walletLease", "chainBlock", "walletHistory", "walletHistoryIndex", "walletLabel",
        ]
        for table in tables {
            execute(
                "CREATE TABLE \(table) (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL)"
                    + " WITHOUT ROWID, STRICT")
        }
        execute("INSERT INTO walletSeed VALUES (x'01', x'02')")
        execute("PRAGMA application_id = 0x53414C4D")
        execute("PRAGMA user_version = 1")
        do {
            let store = try SQLiteStore(path: path)
            #expect(try store.value(in: .walletSeed, at: [1]) == [2])
            try store.commit(RecordTable.allCases.map { RecordWrite($0, key: [7], value: [8]) })
        }
        let again = try SQLiteStore(path: path)
        for table in RecordTable.allCases { #expect(try again.value(in: table, at: [7]) == [8]) }
    }

    @Test("records that came together in one table are all found where they were")
    func gatheredTables() throws {
        // What version 4 had of them.
        let gathered: [(RecordTable, String)] = [
            (.channelState, "channelState"), (.channelSignatures, "channelSignatures"),
            (.channelHTLC, "channelHTLC"), (.channelMessage, "channelMessage"),
            (.channelSignedUpdate, "channelSignedUpdate"), (.channelSecret, "channelSecret"),
            (.channelResolution, "channelResolution"), (.payment, "payment"),
            (.paymentAttempt, "paymentAttempt"),
        ]
        let others: [RecordTable] = RecordTable.allCases.filter { table in
            !gathered.contains { $0.0 == table }
        }
        for name in gathered.map(\.1) + others.map({ "\($0)" }) {
            execute(
                "CREATE TABLE \(name) (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL)"
                    + " WITHOUT ROWID, STRICT")
            // Keys with zeros, of all lengths, and such as are no text.
            execute(
                "INSERT INTO \(name) VALUES (x'', x'00'), (x'00', x'ff'), (x'0000ff', x'8000'),"
                    + " (x'ffff', CAST('\(name)' AS BLOB))")
        }
        execute("PRAGMA application_id = 0x53414C4D")
        execute("PRAGMA user_version = 4")
        let store = try SQLiteStore(path: path)
        for table in RecordTable.allCases {
            let expected = [
                Record(key: [], value: [0]), Record(key: [0], value: [0xff]),
                Record(key: [0, 0, 0xff], value: [0x80, 0]),
                Record(key: [0xff, 0xff], value: Array("\(table)".utf8)),
            ]
            #expect(try store.records(in: table) == expected)
            let backwards = try store.records(
                in: table, range: .all, order: .descending, limit: 2)
            #expect(backwards == [expected[3], expected[2]])
            let some = KeyRange(from: [0], upTo: [0xff])
            #expect(
                try store.records(in: table, range: some, order: .ascending, limit: .max)
                    == [expected[1], expected[2]])
            try store.commit([RecordWrite(table, key: [0], value: nil)])
            #expect(try store.value(in: table, at: [0]) == nil)
            #expect(try store.value(in: table, at: [0, 0, 0xff]) == [0x80, 0])
        }
        try store.checkIntegrity()
    }

    @Test("the database of another program is refused and left alone")
    func foreignDatabase() throws {
        execute("CREATE TABLE t (x)")
        #expect(throws: StorageError.notOurs(path: path)) { try SQLiteStore(path: path) }
    }

    @Test("a file that is no database is refused and left alone")
    func noDatabase() throws {
        let file = try #require(fopen(path, "w"))
        fputs(String(repeating: "this is a text, not a database. ", count: 64), file)
        fclose(file)
        #expect(throws: StorageError.notOurs(path: path)) { try SQLiteStore(path: path) }
    }

    @Test("a commit waits for no reader, and a reader sees whole commits")
    func readersBeside() throws {
        let store = try SQLiteStore(path: path)
        for value in UInt8(0)..<50 {
            try store.commit([
                RecordWrite(.meta, key: [1], value: [value]),
                RecordWrite(.meta, key: [2], value: [value]),
            ])
            let both = try store.records(in: .meta)
            #expect(both.map(\.value) == [[value], [value]])
        }
    }

    @Test("a torn log loses the torn commit and nothing before it")
    func tornLog() throws {
        let copy = try TemporaryFolder()
        let store = try SQLiteStore(path: path)
        try store.commit([RecordWrite(.meta, key: [1], value: [1])])
        var status = stat()
        #expect(stat(path + "-wal", &status) == 0)
        let lengthBefore = status.st_size
        try store.commit([RecordWrite(.meta, key: [2], value: [2])])
        #expect(stat(path + "-wal", &status) == 0)
        let length = status.st_size
        #expect(length > lengthBefore)
        for cut in stride(from: lengthBefore, to: length, by: 997) {
            // What a power cut leaves: the log up to some byte.
            #expect(system("cp '\(path)' '\(path)-wal' '\(copy.path)/'") == 0)
            #expect(truncate(copy.path + "/node.db-wal", off_t(cut)) == 0)
            let recovered = try SQLiteStore(path: copy.path + "/node.db")
            #expect(try recovered.value(in: .meta, at: [1]) == [1])
            #expect(try recovered.value(in: .meta, at: [2]) == nil)
            try recovered.checkIntegrity()
            #expect(system("rm '\(copy.path)'/node.db*") == 0)
        }
    }

    @Test("a second holder of the data directory is refused, with the first one's number")
    func directoryLock() throws {
        let first = try DataDirectory(path: folder.path + "/a/b")
        #expect(DataDirectory.holder(of: first.path) == Int(getpid()))
        #expect(throws: StorageError.inUse(path: first.path, process: Int(getpid()))) {
            try DataDirectory(path: first.path)
        }
        var status = stat()
        #expect(stat(first.path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o700)
    }

    @Test("the data directory is free again when its holder is gone")
    func directoryReleased() throws {
        do { _ = try DataDirectory(path: folder.path) }
        _ = try DataDirectory(path: folder.path)
    }
}
