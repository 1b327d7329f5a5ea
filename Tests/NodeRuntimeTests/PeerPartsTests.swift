import LightningWire
@testable import NodeRuntime
import Synchronization
import Testing

/// The parts of the peers' thread, each alone.
struct PeerPartsTests {
    @Test("pauses double up to the longest, never the same for all, and begin anew")
    func pauses() {
        for random: UInt64 in [0, 1, 12_345, .max] {
            var pause = ReconnectPause(100...1_000)
            for length: UInt64 in [100, 200, 400, 800, 1_000, 1_000] {
                let next = pause.next(random)
                #expect((length / 2...length).contains(next))
            }
            pause.reset()
            let first = pause.next(random)
            #expect((50...100).contains(first))
        }
    }

    @Test("so many connections are accepted at once, and then so many in a second")
    func admission() {
        var limits = PeerConnectionLimits()
        limits.acceptedAtOnce = 3
        limits.acceptedPerSecond = 10
        var admission = AdmissionControl(limits, now: 0)
        #expect(Self.accepted(&admission) == 3 && admission.isHolding)
        let isEarly = admission.refill(now: 50)
        #expect(!isEarly)
        let isDue = admission.refill(now: 100)
        #expect(isDue && !admission.isHolding)
        #expect(Self.accepted(&admission) == 1)
    }

    private static func accepted(_ admission: inout AdmissionControl) -> Int {
        var count = 0
        while admission.mayAccept() { count += 1 }
        return count
    }

    @Test("without descriptors nothing is accepted for a while")
    func exhaustion() {
        var admission = AdmissionControl(PeerConnectionLimits(), now: 0)
        admission.pause(until: 1_000)
        #expect(admission.isHolding)
        let isEarly = admission.refill(now: 999)
        let isDue = admission.refill(now: 1_000)
        #expect(!isEarly && isDue)
    }

    @Test("who waits for room is called when half of it is free, once")
    func budget() {
        let calls = Mutex(0)
        let total = InboundTotal(limit: 1_000_000, onRoom: {})
        let budget = InboundBudget(
            bytes: 100, messages: 10, of: total, onRoom: { calls.withLock { $0 += 1 } })
        var tickets = (0..<10).map { _ in budget.ticket(bytes: 10, messages: 1) }
        #expect(!budget.hasRoom())
        tickets.removeLast(4)
        #expect(calls.withLock { $0 } == 0)
        tickets.removeLast(2)
        #expect(calls.withLock { $0 } == 1)
        tickets.removeAll()
        #expect(calls.withLock { $0 } == 1)
        #expect(budget.hasRoom())
    }

    @Test("messages that take long count for more than their bytes")
    func work() {
        let calls = Mutex(0)
        let total = InboundTotal(limit: 1_000_000, onRoom: {})
        let budget = InboundBudget(
            bytes: 10_000, messages: 100, operations: 20, of: total,
            onRoom: { calls.withLock { $0 += 1 } })
        var tickets = [budget.ticket(bytes: 10, messages: 1, operations: 19)]
        #expect(budget.hasRoom() && budget.operationsLeft == 1)
        // One message may go beyond it: what it asks for is known once it is there.
        tickets.append(budget.ticket(bytes: 10, messages: 1, operations: 400))
        #expect(!budget.hasRoom() && budget.operationsLeft < 0)
        tickets.removeFirst()
        #expect(calls.withLock { $0 } == 0)
        tickets.removeAll()
        #expect(calls.withLock { $0 } == 1)
        #expect(budget.hasRoom() && budget.operationsLeft == 20)
    }

    @Test(
        "each signature and each onion counts",
        arguments: [
            (UpdateAddHTLC.type, 1_452, 4), (CommitmentSigned.type, 100, 1),
            (CommitmentSigned.type, 100 + 483 * 64, 484), (Ping.type, 100, 0),
        ] as [(UInt16, Int, Int)])
    func operations(type: UInt16, size: Int, expected: Int) {
        #expect(MessageWork.operations(type: type, size: size) == expected)
    }

    @Test(
        "what all peers sent is bounded, the last quarter is for peers with channels, and all are woken"
    )
    func total() {
        let calls = Mutex(0)
        let total = InboundTotal(limit: 8_000, onRoom: { calls.withLock { $0 += 1 } })
        func budget(isStranger: Bool) -> InboundBudget {
            let budget = InboundBudget(bytes: 5_000, messages: 100, of: total, onRoom: {})
            budget.setLimits(bytes: 5_000, messages: 100, isStranger: isStranger)
            return budget
        }
        let (gone, stranger, friend) = (
            budget(isStranger: true), budget(isStranger: true), budget(isStranger: false)
        )
        var tickets = [
            gone.ticket(bytes: 2_936, messages: 1), gone.ticket(bytes: 2_936, messages: 1),
        ]
        #expect(!stranger.hasRoom() && friend.hasRoom())
        tickets.append(friend.ticket(bytes: 1_936, messages: 1))
        #expect(!friend.hasRoom())
        #expect(calls.withLock { $0 } == 0)
        tickets.removeFirst()
        #expect(calls.withLock { $0 } == 0)
        tickets.removeFirst()
        #expect(calls.withLock { $0 } == 1)
        #expect(stranger.hasRoom() && friend.hasRoom())
        tickets.removeAll()
        #expect(calls.withLock { $0 } == 1)
    }

    @Test(
        "messages of the graph go to the graph, all others but those of programs to the node",
        arguments: [
            (MessageRoute.graph, [256, 257, 258, 261, 263, 265] as [UInt16]),
            (.node, [16, 128, 259, 260, 266, 32_768]), (.custom, [32_769, 65_535]),
        ])
    func routes(_ route: MessageRoute, _ types: [UInt16]) {
        for type in types { #expect(MessageRoute(type: type) == route) }
    }

    @Test("a proxy that says other than SOCKS5 does, or too much, is refused")
    func proxies() throws {
        let target = PeerEndpoint(host: "node.example", port: 9_735)
        for answer: [UInt8] in [[4, 0], [5, 0xff], [5, 2]] {
            #expect(throws: SOCKSFailure.self) {
                var exchange = SOCKSConnect(to: target, isolation: nil)
                _ = try exchange.receive(answer)
            }
        }
        var exchange = SOCKSConnect(to: target, isolation: nil)
        #expect(exchange.greeting == [5, 1, 0])
        let request = try exchange.receive([5, 0])
        #expect(request == [5, 1, 0, 3, 12] + Array("node.example".utf8) + [0x26, 0x07])
        let early = try exchange.receive([5, 0, 0, 3, 3, 1, 2])
        #expect(early.isEmpty && !exchange.isFinished)
        let late = try exchange.receive([3, 0, 0])
        #expect(late.isEmpty && exchange.isFinished)
        #expect(throws: SOCKSFailure.self) {
            var flooded = SOCKSConnect(to: target, isolation: nil)
            _ = try flooded.receive([UInt8](repeating: 5, count: 1_000))
        }
    }
}
