import Bitcoin

/// When the checkers look.
extension Simulation {
    /// Looks at everybody while the world holds its breath between two blocks.
    func checkBetweenBlocks() {
        highestRate = max(highestRate, world.market.rate)
        for pair in links.keys.sorted() { checkAgreement(of: pair, closely: random.oneIn(16)) }
        for node in nodes {
            checkDeadlines(of: node)
            if random.oneIn(40) { checkRebuilt(node) }
        }
    }
}
