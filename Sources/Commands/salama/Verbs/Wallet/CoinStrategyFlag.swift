import JSON

/// `--coin_selection_strategy`, as lncli has it.
enum CoinStrategyFlag {
    static let flag = Flag.value(
        "coin_selection_strategy", "NAME",
        "how coins are chosen: global-config (the cheapest), largest or random")

    private static let names = [
        "global-config": "STRATEGY_USE_GLOBAL_CONFIG", "largest": "STRATEGY_LARGEST",
        "random": "STRATEGY_RANDOM",
    ]

    /// Adds what the flag asks for, where it is given.
    static func add(_ arguments: Arguments, to body: inout JSONObject) throws(UsageError) {
        guard let text = arguments.value("coin_selection_strategy") else { return }
        guard let name = names[text] else {
            throw UsageError(
                "--coin_selection_strategy is global-config, largest or random, not `\(text)`")
        }
        body["coin_selection_strategy"] = .string(name)
    }
}
