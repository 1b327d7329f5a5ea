import Synchronization

/// How much of what all peers sent waits to be processed: over connections that are there and over those that have ended, whose
/// messages nobody takes back.
final class InboundTotal: Sendable {
    private let bytes = Atomic<Int>(0)
    private let limit: Int
    /// Whether sockets are not read until there is room.
    private let isWaiting = Atomic<Bool>(false)
    private let onRoom: @Sendable () -> Void

    /// What a message takes besides its bytes.
    private static let messageSize = 64

    /// A total with nothing used; `onRoom` is called on any thread when there is room again after there was none.
    init(limit: Int, onRoom: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.onRoom = onRoom
    }

    fileprivate func add(bytes count: Int, messages number: Int) {
        bytes.add(count + number * Self.messageSize, ordering: .sequentiallyConsistent)
    }

    fileprivate func subtract(bytes count: Int, messages number: Int) {
        bytes.subtract(count + number * Self.messageSize, ordering: .sequentiallyConsistent)
        guard isWaiting.load(ordering: .sequentiallyConsistent), isBelow(limit / 2),
            isWaiting.exchange(false, ordering: .sequentiallyConsistent)
        else { return }
        onRoom()
    }

    /// Whether more may be read; the last quarter is for peers with channels. Where not, `onRoom` is called when half is free.
    fileprivate func hasRoom(forStranger isStranger: Bool) -> Bool {
        let mine = isStranger ? limit / 4 * 3 : limit
        if isBelow(mine) { return true }
        isWaiting.store(true, ordering: .sequentiallyConsistent)
        // What was given back since may not have seen that somebody waits.
        return isBelow(limit / 2)
    }

    private func isBelow(_ limit: Int) -> Bool {
        bytes.load(ordering: .sequentiallyConsistent) < limit
    }
}

/// How much of what one peer sent waits to be processed. While it is used up the peer's socket is not read, so that the
/// kernel's own window stops the peer.
final class InboundBudget: Sendable {
    private let bytes = Atomic<Int>(0)
    private let messages = Atomic<Int>(0)
    private let operations = Atomic<Int>(0)
    private let byteLimit: Atomic<Int>
    private let messageLimit: Atomic<Int>
    private let operationLimit: Atomic<Int>
    /// Whether the peer's socket is not read until there is room.
    private let isWaiting = Atomic<Bool>(false)
    /// Whether the peer has no channels.
    private let isStranger = Atomic<Bool>(true)
    private let total: InboundTotal
    private let onRoom: @Sendable () -> Void

    /// A stranger's budget with nothing used, as a part of `total`; `onRoom` is called on any thread when there is room again
    /// for who was told to wait.
    init(
        bytes: Int, messages: Int, operations: Int = .max, of total: InboundTotal,
        onRoom: @escaping @Sendable () -> Void
    ) {
        byteLimit = Atomic(bytes)
        messageLimit = Atomic(messages)
        operationLimit = Atomic(operations)
        self.total = total
        self.onRoom = onRoom
    }

    func setLimits(bytes: Int, messages: Int, operations: Int = .max, isStranger: Bool) {
        byteLimit.store(bytes, ordering: .relaxed)
        messageLimit.store(messages, ordering: .relaxed)
        operationLimit.store(operations, ordering: .relaxed)
        self.isStranger.store(isStranger, ordering: .relaxed)
    }

    /// Takes what the messages need, and answers the ticket that gives it back.
    func ticket(bytes count: Int, messages number: Int, operations work: Int = 0) -> InboundTicket {
        bytes.add(count, ordering: .sequentiallyConsistent)
        messages.add(number, ordering: .sequentiallyConsistent)
        operations.add(work, ordering: .sequentiallyConsistent)
        total.add(bytes: count, messages: number)
        return InboundTicket(self, bytes: count, messages: number, operations: work)
    }

    /// The operations on the curve (``MessageWork``) that may still be taken at once.
    var operationsLeft: Int {
        operationLimit.load(ordering: .relaxed) - operations.load(ordering: .sequentiallyConsistent)
    }

    /// Whether more may be read. Where not, `onRoom` is called as soon as half of the budget is free, or the total's.
    func hasRoom() -> Bool {
        guard total.hasRoom(forStranger: isStranger.load(ordering: .relaxed)) else { return false }
        if isBelow(1) { return true }
        isWaiting.store(true, ordering: .sequentiallyConsistent)
        // What was given back since may not have seen that somebody waits.
        guard isBelow(2) else { return false }
        isWaiting.store(false, ordering: .sequentiallyConsistent)
        return true
    }

    private func isBelow(_ divisor: Int) -> Bool {
        bytes.load(ordering: .sequentiallyConsistent) * divisor
            < byteLimit.load(ordering: .relaxed)
            && messages.load(ordering: .sequentiallyConsistent) * divisor
                < messageLimit.load(ordering: .relaxed)
            && operations.load(ordering: .sequentiallyConsistent)
                < operationLimit.load(ordering: .relaxed) / divisor
    }

    fileprivate func giveBack(bytes count: Int, messages number: Int, operations work: Int) {
        operations.subtract(work, ordering: .sequentiallyConsistent)
        bytes.subtract(count, ordering: .sequentiallyConsistent)
        messages.subtract(number, ordering: .sequentiallyConsistent)
        total.subtract(bytes: count, messages: number)
        guard isWaiting.load(ordering: .sequentiallyConsistent), isBelow(2),
            isWaiting.exchange(false, ordering: .sequentiallyConsistent)
        else { return }
        onRoom()
    }
}

/// Stands for messages of a peer that are not processed yet; letting go of it says that they are.
public final class InboundTicket: Sendable {
    private let budget: InboundBudget
    private let bytes: Int
    private let messages: Int
    private let operations: Int

    fileprivate init(_ budget: InboundBudget, bytes: Int, messages: Int, operations: Int) {
        self.budget = budget
        self.bytes = bytes
        self.messages = messages
        self.operations = operations
    }

    deinit { budget.giveBack(bytes: bytes, messages: messages, operations: operations) }
}
