import Threads

/// Waiting for what the chain and other nodes do.
extension Node {
    /// Waits until the node has processed the block at that height; throws ``NodeTimeout`` after so many seconds.
    public func waitForBlock(_ height: BlockHeight, atMost seconds: Int = 60) throws {
        try wait(for: "block \(height)", seconds) {
            try self.height().map { $0 >= height } ?? false
        }
    }

    /// Waits until payments can go over a channel, which takes some blocks; throws ``NodeTimeout`` after so many seconds.
    public func waitForChannel(with peer: PublicKey, atMost seconds: Int = 60) throws {
        try wait(for: "the channel with \(peer)", seconds) {
            try channels().contains {
                $0.peer == peer && $0.state == .normal && $0.isConnected
            }
        }
    }

    private func wait(
        for what: String, _ seconds: Int, _ condition: () throws -> Bool
    ) throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while try !condition() {
            guard ContinuousClock.now < end else {
                throw NodeTimeout(waitedFor: what, seconds: seconds)
            }
            SystemThread.sleep(milliseconds: 10)
        }
    }
}

/// What was waited for has not happened in time.
public struct NodeTimeout: Error, Sendable, Equatable {
    /// In words.
    public let waitedFor: String
    public let seconds: Int
}
