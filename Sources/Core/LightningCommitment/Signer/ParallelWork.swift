/// Help with work that comes in many like pieces, none of which depends on another: signatures, verifications, onions.
///
/// What comes out does not depend on who does which piece, so that the core stays a function of its inputs.
public protocol ParallelWork: AnyObject, Sendable {
    /// The results of `body` for the numbers below `count`, in their order. `body` may be called on several threads at once.
    func map<Result: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) -> Result
    ) -> [Result]
}

/// No help: the caller does all of it.
public final class SerialWork: ParallelWork {
    /// No help.
    public init() {}

    public func map<Result: Sendable>(
        _ count: Int, _ body: @escaping @Sendable (Int) -> Result
    ) -> [Result] { (0..<count).map(body) }
}
