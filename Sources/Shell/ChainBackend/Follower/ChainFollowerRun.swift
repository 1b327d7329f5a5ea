import Bitcoin

/// What a follower that runs has to tell.
public enum ChainReport: Sendable, Equatable {
    /// The next step along the chain.
    case step(ChainStep)
    /// The position is the tip: what the steps so far gave is the present. Told after every run of steps, and after
    /// ``away(_:)``.
    case caughtUp(ChainPoint?)
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
        let signal = Guarded(false)
        let subscription = backend.subscribe { event in
            switch event {
            case .tipChanged, .reconnected, .eventsLost: signal.change { $0 = true }
            case .transaction, .disconnected: break
            }
        }
        defer { withExtendedLifetime(subscription) {} }
        var isCaughtUp = false
        var failure: ChainError?
        var pause = Duration.seconds(1)
        while !isCancelled {
            signal.withLock { $0 = false }
            do throws(ChainError) {
                while let step = try next() {
                    (isCaughtUp, failure, pause) = (false, nil, .seconds(1))
                    receive(.step(step))
                }
                if isCancelled { return }
                if !isCaughtUp || failure != nil { receive(.caughtUp(position)) }
                (isCaughtUp, failure, pause) = (true, nil, .seconds(1))
                wait(for: signal, .seconds(10))
            } catch {
                if failure.map({ !$0.isLike(error) }) ?? true { receive(.away(error)) }
                failure = error
                wait(for: signal, pause)
                pause = min(pause * 2, .seconds(10))
            }
        }
    }

    /// Waits for the signal or to be cancelled, looking at the latter ten times a second.
    private func wait(for signal: Guarded<Bool>, _ duration: Duration) {
        let deadline = MonotonicTime.now + duration
        while !isCancelled, .now < deadline {
            let slice = min(deadline, .now + .milliseconds(100))
            if signal.wait(until: slice, { $0 ? true : nil }) != nil { return }
        }
    }
}

extension ChainError {
    /// Whether both are of one kind, whatever they say besides.
    fileprivate func isLike(_ other: ChainError) -> Bool {
        switch (self, other) {
        case (.unavailable, .unavailable), (.unauthorized, .unauthorized),
            (.warmingUp, .warmingUp), (.wrongNetwork, .wrongNetwork),
            (.unsupportedVersion, .unsupportedVersion), (.invalidAnswer, .invalidAnswer),
            (.refused, .refused):
            true
        case (.pruned(let left), .pruned(let right)),
            (.unknownBlock(let left), .unknownBlock(let right)):
            left == right
        case (.unavailable, _), (.unauthorized, _), (.warmingUp, _), (.wrongNetwork, _),
            (.unsupportedVersion, _), (.invalidAnswer, _), (.refused, _), (.pruned, _),
            (.unknownBlock, _):
            false
        }
    }
}
