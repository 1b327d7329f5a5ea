import Bitcoin

extension Wallet {
    /// Begins to scan again the blocks from `height` to the tip: for keys that were used elsewhere, or after a restore with
    /// too late a birthday. Until it is through the wallet builds no transaction, since coins that it finds may be spent.
    public mutating func startRescan(from height: BlockHeight) -> WalletStep {
        guard height < position.next else { return WalletStep() }
        var changes = WalletChanges()
        position.startRescan(from: height)
        changes.writes.append(chainPositionWrite)
        return finish(changes)
    }

    mutating func applyRescan(
        _ matches: [BlockMatch], now: UInt64
    ) throws(WalletError) -> WalletStep {
        var following = position.rescanNext
        for match in matches {
            guard let expected = following, match.block.height == expected,
                expected < position.next
            else {
                throw .rescanOutOfOrder(expected: following, actual: match.block.height)
            }
            if let known = position.hashes[match.block.height], known != match.block.hash {
                throw .blockNotOnTip(expected: known, actual: match.block.hash)
            }
            try check(match)
            following = expected + 1
        }

        try checkSpends(matches)

        var changes = WalletChanges()
        for match in matches {
            confirm(match, now: now, &changes)
            if position.noteRescanned(match.block.height) {
                changes.effects.append(.tell(.rescanFinished))
            }
        }
        revision += 1
        changes.writes.append(chainPositionWrite)
        return finish(changes)
    }
}
