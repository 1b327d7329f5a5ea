import Bitcoin
import LightningNode

/// Something that is due at an instant of the virtual clock.
enum SimulationEvent {
    /// A node takes what has come in meanwhile, in one batch.
    case turn(node: Int, life: Int)
    /// A node's backend tells it of blocks.
    case chainNews(node: Int, life: Int)
    /// A node's backend tells it of a transaction in the mempool.
    case mempoolNews(node: Int, life: Int, Transaction)
    /// A node's transactions reach the network; `tip` is the last block that it knew when it published them.
    case offer(node: Int, life: Int, [Transaction], tip: BlockHash?)
    /// Something reaches a node's queue.
    case input(node: Int, life: Int, NodeInput)
    /// A node's clock ticks.
    case tick(node: Int, life: Int)
    /// A message reaches the other end of a connection.
    case delivery(Link.End, generation: Int, [UInt8])
    /// Two nodes that want to be connected try.
    case connect(Link.Pair)
    /// One end notices that its connection is gone.
    case connectionNoticed(Link.End, generation: Int)
    /// A partition ends.
    case healed(Link.Pair)
    /// A block is found.
    case block
    /// A node starts again.
    case restart(node: Int)
    /// A disk has space again.
    case diskFreed(node: Int)
    /// A backend answers again.
    case backendBack(node: Int)
    /// A fault of this kind happens.
    case fault(FaultKind)
    /// A dishonest node does something.
    case mischief(node: Int)
    /// The workload does something.
    case workload
}
