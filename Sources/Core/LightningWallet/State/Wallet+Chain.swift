import Bitcoin

extension Wallet {
    /// The last block that the wallet has processed; nil before the first.
    public var tip: BlockReference? { position.tip }

    /// The height of the block that the wallet waits for.
    public var nextHeight: BlockHeight { position.next }

    /// The height of the next block to scan again, up to the tip; nil while no rescan is under way.
    public var rescanHeight: BlockHeight? { position.rescanNext }

    /// The height from which the wallet may hold coins.
    public var birthday: BlockHeight { position.birthday }

    /// The hash of a block that the wallet has processed and a reorganisation may still take back; nil for others.
    public func blockHash(at height: BlockHeight) -> BlockHash? { position.hashes[height] }

    mutating func connect(
        _ matches: [BlockMatch], now: UInt64
    ) throws(WalletError) -> WalletStep {
        var following = position.next
        var parent = position.tip?.hash
        for match in matches {
            guard match.block.height == following else {
                throw .blockNotNext(expected: following, actual: match.block.height)
            }
            if let parent, match.previous != parent {
                throw .blockNotOnTip(expected: parent, actual: match.previous)
            }
            try check(match)
            following = following + 1
            parent = match.block.hash
        }

        try checkSpends(matches)

        var changes = WalletChanges()
        for match in matches { apply(match, now: now, &changes) }
        changes.writes.append(chainPositionWrite)
        return finish(changes)
    }

    private mutating func apply(
        _ match: BlockMatch, now: UInt64, _ changes: inout WalletChanges
    ) {
        position.connect(match.block)
        changes.writes.append(blockWrite(match.block))
        confirm(match, now: now, &changes)
        let final = match.block.height.saturatingSubtract(parameters.reorganisationLimit)
        graph.bury(through: final, &changes)
        for height in position.forget(below: graph.buriedThrough) {
            changes.writes.append(blockRemoval(height))
        }
        if hasMaturing(at: match.block.height) { changes.balanceChanged = true }
    }

    mutating func disconnect(_ hash: BlockHash) throws(WalletError) -> WalletStep {
        guard let tip = position.tip, tip.hash == hash else {
            throw .notTip(expected: position.tip?.hash, actual: hash)
        }
        guard tip.height > graph.buriedThrough else {
            throw .reorganisationTooDeep(final: graph.buriedThrough)
        }

        var changes = WalletChanges()
        if position.disconnect(tip) { changes.effects.append(.tell(.rescanFinished)) }
        revision += 1
        changes.writes.append(blockRemoval(tip.height))
        changes.writes.append(chainPositionWrite)
        let mined = (graph.byHeight[tip.height] ?? []).compactMap { graph[$0] }
            .filter { $0.status.confirmation != nil }
            .sorted { $0.blockOrder > $1.blockOrder }
        for transaction in mined {
            if transaction.transaction.isCoinbase {
                graph.deactivate(transaction.id, .unmined, since: tip.height, &changes)
            } else {
                graph.setStatus(.unconfirmed, of: transaction.id, &changes)
            }
        }
        restoreTransactions(at: tip.height, &changes) { reason in
            guard case .conflicted(_, tip) = reason else { return false }
            return true
        }
        for transaction in mined.reversed() where isOfferedHere(transaction.id) {
            changes.effects.append(.broadcast(transaction.transaction))
        }
        return finish(changes)
    }
}

extension WalletTransaction {
    /// The position in its block; the highest for one that is not mined.
    var blockOrder: UInt32 { status.confirmation?.position ?? .max }
}
