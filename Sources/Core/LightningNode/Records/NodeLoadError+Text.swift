import Bitcoin

/// What users are told of records that make no node.
extension NodeLoadError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .wallet(let error): "\(error)"
        case .damaged(let table, let key, let error):
            "the record \(Hex.encode(key)) of \(table) in the database is damaged: \(error)"
        case .publisher(let error): "a record of what was published is damaged: \(error)"
        case .unusableChannel(let number): "channel \(number.value) in the database has no keys"
        case .unreadable(let error): "the database does not give its records: \(error)"
        }
    }
}
