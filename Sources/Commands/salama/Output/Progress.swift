import Synchronization
import Threads

/// One line on standard error that says what is waited for, until ``finish()``.
///
/// On a terminal the line turns a wheel and is replaced in place; elsewhere each new text is a line of its own.
final class Progress: Sendable {
    private struct State {
        var text = ""
        var turns = 0
        var isOver = false
    }

    private enum Form { case silent, lines, wheel }

    private let form: Form
    private let state = Mutex(State())
    private let ticker = Mutex<SystemThread?>(nil)

    private static let wheel = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]

    /// Begins to show `text`; a silent one shows nothing, for commands that print JSON.
    init(_ text: String, isSilent: Bool = false) {
        form = isSilent ? .silent : Terminal.isErrorOutput ? .wheel : .lines
        update(text)
        guard form == .wheel else { return }
        let thread = SystemThread("progress") { [self] in
            while draw() { SystemThread.sleep(milliseconds: 100) }
        }
        ticker.withLock { $0 = thread }
    }

    /// Shows another text.
    func update(_ text: String) {
        let isNew = state.withLock { state in
            defer { state.text = text }
            return state.text != text
        }
        if form == .lines, isNew { say(text) }
    }

    /// Ends the line; on a terminal it goes away.
    func finish() {
        state.withLock { $0.isOver = true }
        ticker.withLock { $0.take() }?.join()
    }

    /// Shows the next turn; false where it is over.
    private func draw() -> Bool {
        state.withLock { state in
            guard !state.isOver else {
                complain("\r\u{1b}[K")
                return false
            }
            let mark = Self.wheel[state.turns % Self.wheel.count]
            let room = max(1, (Terminal.errorWidth ?? 80) - 3)
            complain("\r\u{1b}[K\(mark) \(state.text.prefix(room))")
            state.turns += 1
            return true
        }
    }
}
