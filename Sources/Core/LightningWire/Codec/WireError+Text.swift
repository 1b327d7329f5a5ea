/// What a peer is told of a message that cannot be read: which field of which message, and what is wrong with it.
extension WireError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noType(let count): "a message of \(count) bytes has no type"
        case .unknownEvenMessage(let type):
            "message of type \(type): not known here, and its even number says that it must be"
        case .malformedField(let message, let field, let reason): "\(message): \(field): \(reason)"
        case .malformedStream(let stream, let reason): "\(stream): \(reason)"
        }
    }
}

extension TLVError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformedRecord(let reason): "a record cannot be read: \(reason)"
        case .typesNotIncreasing(let type, let earlier):
            "type \(type) comes after type \(earlier): types must increase"
        case .unknownEvenType(let type):
            "type \(type): not known here, and its even number says that it must be"
        case .malformedValue(let type, let field, let reason): "type \(type): \(field): \(reason)"
        case .trailingBytes(let type, let count):
            "type \(type): \(count) bytes are left behind its value"
        }
    }
}

extension Features.Problem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unknownRequiredBit(let bit): "features: bit \(bit) is demanded and not known here"
        case .missingDependency(let feature, let dependency):
            "features: \(feature.name) needs \(dependency.name), which is not set"
        }
    }
}

extension RecordError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let reason): "\(reason)"
        case .outOfOrder(let type, let earlier): "field \(type) comes after field \(earlier)"
        case .missingField(let type): "field \(type) is missing"
        case .unknownEvenField(let type): "field \(type) is of a newer release"
        case .invalidField(let type): "field \(type): not an allowed value"
        }
    }
}
