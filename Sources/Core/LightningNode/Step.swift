import LightningWallet
import LightningWire

/// What one input led to: changes of durable state, things to do once those are durable, and events.
///
/// The effects of a step can be read only by importing them with `@_spi(Release)`: storage does, after the commit, and
/// tests. Nothing else can let them out early.
public struct Step: Sendable {
    /// The changes of durable state, in order.
    public var writes: [RecordWrite]

    /// What is to be done once the writes are durable, in order.
    @_spi(Release) public var effects: [NodeEffect]

    /// What happened, for the log.
    public var events: [NodeEvent]

    /// A step that writes and does nothing, unless told otherwise.
    public init(writes: [RecordWrite] = [], events: [NodeEvent] = []) {
        self.writes = writes
        self.effects = []
        self.events = events
    }

    /// What a step of the wallet means for the node.
    init(_ step: WalletStep, events: [NodeEvent] = []) {
        writes = step.writes
        effects = step.effects.map { effect in
            switch effect {
            case .broadcast(let transaction): .broadcast(transaction)
            case .tell(let event): .tell(event)
            }
        }
        self.events = events
    }

    /// Appends what another step leads to.
    public mutating func append(_ other: Step) {
        writes.extend(by: other.writes)
        effects.extend(by: other.effects)
        events.extend(by: other.events)
    }

    /// Both steps, one after the other.
    static func + (left: Step, right: Step) -> Step {
        var step = left
        step.append(right)
        return step
    }

    /// Asks for something to be done once the writes are durable.
    public mutating func request(_ effect: NodeEffect) { effects.append(effect) }
}
