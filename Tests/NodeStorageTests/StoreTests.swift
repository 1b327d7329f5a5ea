import Glibc
import LightningWire
import NodeStorage
import Testing

/// Both stores keep the same promises.
struct StoreTests {
    enum Kind: CaseIterable { case memory, sqlite }

    private func withStore(_ kind: Kind, _ body: (any RecordStore) throws -> Void) throws {
        switch kind {
        case .memory: try body(MemoryStore())
        case .sqlite:
            let folder = try TemporaryFolder()
            try body(SQLiteStore(path: folder.path + "/node.db"))
        }
    }

    @Test("a committed record is read back, replaced and removed", arguments: Kind.allCases)
    func roundTrip(_ kind: Kind) throws {
        try withStore(kind) { store in
            #expect(try store.value(in: .meta, at: [1]) == nil)
            try store.commit([RecordWrite(.meta, key: [1], value: [7, 8])])
            #expect(try store.value(in: .meta, at: [1]) == [7, 8])
            #expect(try store.value(in: .walletLease, at: [1]) == nil)
            try store.commit([
                RecordWrite(.meta, key: [1], value: [9]), RecordWrite(.meta, key: [2], value: []),
            ])
            #expect(try store.value(in: .meta, at: [1]) == [9])
            #expect(try store.value(in: .meta, at: [2]) == [])
            try store.commit([RecordWrite(.meta, key: [1], value: nil)])
            #expect(try store.value(in: .meta, at: [1]) == nil)
        }
    }

    @Test("the last write of a key in a batch wins", arguments: Kind.allCases)
    func lastWins(_ kind: Kind) throws {
        try withStore(kind) { store in
            try store.commit([
                RecordWrite(.meta, key: [1], value: [1]), RecordWrite(.meta, key: [1], value: nil),
                RecordWrite(.meta, key: [2], value: nil), RecordWrite(.meta, key: [2], value: [2]),
            ])
            #expect(try store.records(in: .meta) == [Record(key: [2], value: [2])])
        }
    }

    @Test("a range is read in pages, in both orders", arguments: Kind.allCases)
    func pages(_ kind: Kind) throws {
        try withStore(kind) { store in
            let keys = (0..<50).map { [UInt8(5), UInt8($0)] } + [[4, 255], [5], [6]]
            try store.commit(keys.map { RecordWrite(.walletLease, key: $0, value: $0) })
            var range = KeyRange(prefix: [5])
            var seen: [[UInt8]] = []
            while true {
                let page = try store.records(
                    in: .walletLease, range: range, order: .ascending, limit: 7)
                guard let last = page.last else { break }
                #expect(page.count <= 7)
                seen += page.map(\.key)
                range = range.after(last.key)
            }
            #expect(seen == [[5]] + (0..<50).map { [5, UInt8($0)] })
            let backwards = try store.records(
                in: .walletLease, range: KeyRange(prefix: [5]), order: .descending, limit: 2)
            #expect(backwards.map(\.key) == [[5, 49], [5, 48]])
        }
    }

    @Test("a prefix of all ones has no end but the table's")
    func prefixOfOnes() {
        #expect(KeyRange(prefix: [255, 255]).upTo == nil)
        #expect(KeyRange(prefix: [1, 255]).upTo == [2])
        #expect(KeyRange(prefix: [255]).contains([255, 3]))
        #expect(!KeyRange(prefix: [1, 255]).contains([2]))
    }
}

/// A folder that goes with the test.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/salama-test-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit {
        let removal = "rm -rf '\(path)'"
        _ = system(removal)
    }
}
