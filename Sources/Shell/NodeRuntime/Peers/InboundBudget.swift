import Synchronization

/// How much of what one peer sent waits to be processed. While it is used up the peer's socket is not read, so that the
/// kernel's own window stops the peer.
final class InboundBudget: Sendable {
    private let bytes = Atomic<Int>(0)
    private let messages = Atomic<Int>(0)
    private let byteLimit: Atomic<Int>
    private let messageLimit: Atomic<Int>
    /// Whether the peer's socket is not read until there is room.
    private let isWaiting = Atomic<Bool>(false)
    private let onRoom: @Sendable () -> Void

    /// A budget with nothing used; `onRoom` is called on any thread when there is room again for who was told to wait.
    init(bytes: Int, messages: Int, onRoom: @escaping @Sendable () -> Void) {
        byteLimit = Atomic(bytes)
        messageLimit = Atomic(messages)
        self.onRoom = onRoom
    }

    func setLimits(bytes: Int, messages: Int) {
        byteLimit.store(bytes, ordering: .relaxed)
        messageLimit.store(messages, ordering: .relaxed)
    }

    /// Takes what the messages need, and answers the ticket that gives it back.
    func ticket(bytes count: Int, messages number: Int) -> InboundTicket {
        bytes.add(count, ordering: .sequentiallyConsistent)
        messages.add(number, ordering: .sequentiallyConsistent)
        return InboundTicket(self, bytes: count, messages: number)
    }

    /// Whether more may be read. Where not, `onRoom` is called as soon as half of the budget is free.
    func hasRoom() -> Bool {
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
    }

    fileprivate func giveBack(bytes count: Int, messages number: Int) {
        bytes.subtract(count, ordering: .sequentiallyConsistent)
        messages.subtract(number, ordering: .sequentiallyConsistent)
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

    fileprivate init(_ budget: InboundBudget, bytes: Int, messages: Int) {
        self.budget = budget
        self.bytes = bytes
        self.messages = messages
    }

    deinit { budget.giveBack(bytes: bytes, messages: messages) }
}
