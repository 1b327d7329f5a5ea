import FoundationEssentials
import NodeRuntime
import Synchronization
import Testing
import Threads

/// The queue between threads.
struct MailboxTests {
    @Test("what is posted while nobody waits is there at once, and wakes nobody later")
    func ready() {
        let box = Mailbox<Int>(limit: 3)
        #expect(box.post(1) == .accepted)
        #expect(box.post(2) == .accepted)
        #expect(box.post(3) == .accepted)
        #expect(box.post(4) == .full)
        #expect(box.takeAll(timeout: -1).messages == [1, 2, 3])
        let clock = ContinuousClock()
        let duration = clock.measure { #expect(box.takeAll(timeout: 50).messages.isEmpty) }
        #expect(duration >= .milliseconds(45))
    }

    @Test("closing wakes the owner, who still gets what waits")
    func closing() {
        let box = Mailbox<Int>(limit: 3)
        let thread = SystemThread("closer") {
            SystemThread.sleep(milliseconds: 20)
            box.close()
        }
        let (messages, isClosed) = box.takeAll(timeout: -1)
        #expect(messages.isEmpty && isClosed)
        thread.join()
        #expect(box.post(1) == .closed)
    }

    @Test("nothing is lost or delivered twice between threads that post and an owner in a hurry")
    func threads() {
        let box = Mailbox<Int>(limit: .max)
        let threads = (0..<3).map { thread in
            SystemThread("poster") {
                for number in 0..<2_000 { box.post(thread * 2_000 + number) }
            }
        }
        var seen: [Int] = []
        var turns = 0
        while seen.count < 6_000, turns < 1_000_000 {
            seen += box.takeAll(timeout: turns % 2 == 0 ? 0 : 1).messages
            turns += 1
        }
        for thread in threads { thread.join() }
        #expect(seen.sorted() == Array(0..<6_000))
    }

    @Test("thousands of boxes take no descriptors")
    func descriptors() throws {
        let before = try Self.descriptorCount
        let boxes = (0..<5_000).map { _ in Mailbox<Int>(limit: 1) }
        let after = try Self.descriptorCount
        #expect(after < before + 1_000)
        #expect(boxes.allSatisfy { $0.post(1) == .accepted })
    }

    private static var descriptorCount: Int {
        get throws { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count }
    }
}
