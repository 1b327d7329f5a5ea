import NodeAPI
import NodeRuntime

extension NumberRange {
    /// The page after an offset, or before it where it is reversed, as lnd counts: numbers begin at 1, and an offset of 0
    /// stands for the beginning or the end.
    init(indexOffset: UInt64, isReversed: Bool) throws(APIError) {
        if isReversed {
            self.init(before: indexOffset == 0 ? nil : indexOffset - 1, order: .descending)
        } else {
            self.init(after: indexOffset == 0 ? nil : indexOffset - 1)
        }
    }
}

/// How many entries a page has.
enum PageSize {
    /// What one answer holds at most: the next page follows from its last index.
    static let largest = 10_000

    /// The number that was asked for, or the usual one where none was.
    static func of(_ wanted: UInt64, usual: Int) -> Int {
        wanted == 0 ? usual : Int(min(wanted, UInt64(largest)))
    }
}

/// Times between which entries are wanted.
enum DateRange {
    /// From and up to these seconds since 1970, both included; 0 for no bound.
    static func of(_ start: UInt64, _ end: UInt64) throws(APIError) -> ClosedRange<UInt64> {
        guard end == 0 || start < end else {
            throw APIError(
                .invalidArgument, "start date(\(start)) must be before end date(\(end))")
        }
        return start...(end == 0 ? .max : end)
    }
}
