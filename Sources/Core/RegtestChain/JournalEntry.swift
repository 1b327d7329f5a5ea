import Bitcoin

/// A change that must be repeated, in order, to make the same tree of blocks again.
public enum JournalEntry: Sendable, Hashable {
    /// A block was taken into the tree.
    case block(Block)
    /// Somebody called a block invalid.
    case invalidated(BlockHash)
    /// Somebody took that back.
    case reconsidered(BlockHash)
    /// Somebody preferred a block to its equals.
    case preferred(BlockHash)
}

extension RegtestChain {
    /// What has changed the tree of blocks since the last call.
    public mutating func takeJournal() -> [JournalEntry] {
        defer { journal = [] }
        return journal
    }

    /// Repeats a change from a journal. A block that was found invalid before is so again, which is no error.
    public mutating func replay(_ entry: JournalEntry) throws(ReplayError) {
        // No block of a journal is ahead of the clock, whatever that says now.
        let now = UInt32.max
        switch entry {
        case .block(let block):
            do throws(BlockRejection) {
                try submit(block, now: now)
            } catch {
                guard node(block.hash) != nil else { throw .block(error) }
            }
        case .invalidated(let hash), .reconsidered(let hash), .preferred(let hash):
            do throws(ChainLookupError) {
                switch entry {
                case .invalidated: try invalidate(hash, now: now)
                case .reconsidered: try reconsider(hash, now: now)
                case .preferred, .block: try prefer(hash, now: now)
                }
            } catch {
                throw .lookup(error)
            }
        }
        journal = []
        notices = []
    }
}

/// Why an entry of a journal does not fit the chain.
public enum ReplayError: Error, Sendable, Equatable {
    /// The block cannot be taken.
    case block(BlockRejection)
    /// The block that it names is not there.
    case lookup(ChainLookupError)
}

extension JournalEntry: BinaryCodable {
    public init(from reader: inout ByteReader) throws(DecodeError) {
        switch try reader.readByte() {
        case 1: self = .block(try Block(from: &reader))
        case 2: self = .invalidated(try BlockHash(from: &reader))
        case 3: self = .reconsidered(try BlockHash(from: &reader))
        case 4: self = .preferred(try BlockHash(from: &reader))
        default: throw .invalidValue(field: "journal entry")
        }
    }

    public func write(to writer: inout ByteWriter) {
        switch self {
        case .block(let block):
            writer.writeByte(1)
            block.write(to: &writer)
        case .invalidated(let hash):
            writer.writeByte(2)
            hash.write(to: &writer)
        case .reconsidered(let hash):
            writer.writeByte(3)
            hash.write(to: &writer)
        case .preferred(let hash):
            writer.writeByte(4)
            hash.write(to: &writer)
        }
    }
}
