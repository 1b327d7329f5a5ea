import Bitcoin

/// What a follower that runs has to tell.
public enum ChainReport: Sendable, Equatable {
    /// The next step along the chain.
    case step(ChainStep)
    /// The position is the tip: what the steps so far gave is the present. Told after every run of steps, and after
    /// ``away(_:)``.
    case caughtUp(ChainPoint?)
    /// The position was looked at again, and is the tip still: told at least every ten seconds.
    case unchanged
    /// The backend cannot say what comes next. What is not told from now on is not known; trying goes on.
    case away(ChainError)
}

extension ChainFollower {
    /// Follows the chain until cancelled and calls `receive` with everything that happens, on the thread of the caller.
    ///
    /// At the tip it waits for an event of the backend, and looks every ten seconds for itself. While the backend is
    /// away it tries again after a second at first, then more rarely, up to ten seconds; each kind of failure in a row is
    /// told once.
    public func run(_ receive: (ChainReport) -> Void) {
        let control = control
        let subscription = backend.subscribe { event in
            switch event {
            case .tipChanged, .disconnected, .reconnected, .eventsLost:
                control.change { $0.isSignalled = true }
            case .transaction: break
            }
        }
        defer { withExtendedLifetime(subscription) {} }
        var isCaughtUp = false
        var failure: ChainError?
        var pause = Duration.seconds(1)
        while !isCancelled {
            control.withLock { $0.isSignalled = false }
            do throws(ChainError) {
                while let step = try next() {
                    (isCaughtUp, failure, pause) = (false, nil, .seconds(1))
                    receive(.step(step))
                }
                if isCancelled { return }
                let isNews = !isCaughtUp || failure != nil
                receive(isNews ? .caughtUp(position) : .unchanged)
                (isCaughtUp, failure, pause) = (true, nil, .seconds(1))
                waitForSignal(.seconds(10))
            } catch {
                if failure?.kind != error.kind { receive(.away(error)) }
                failure = error
                waitForSignal(pause)
                pause = min(pause * 2, .seconds(10))
            }
        }
    }

    private func waitForSignal(_ duration: Duration) {
        _ = control.wait(until: .now + duration) { control in
            control.isCancelled || control.isSignalled ? true : nil
        }
    }
}

extension ChainError {
    /// A number for each kind of failure, whatever it says besides.
    fileprivate var kind: Int {
        switch self {
        case .unavailable: 0
        case .unauthorized: 1
        case .warmingUp: 2
        case .wrongNetwork: 3
        case .unsupportedVersion: 4
        case .pruned: 5
        case .unknownBlock: 6
        case .invalidAnswer: 7
        case .refused: 8
        }
    }
}
