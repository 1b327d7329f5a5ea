/// Where two values of one type differ, for a person who has to find out why.
enum ValueDifference {
    /// Up to `limit` places below `place` where the values differ, with both descriptions.
    static func places(
        _ left: Any, _ right: Any, below place: String = "", limit: Int = 4
    ) -> [String] {
        let (leftText, rightText) = (text(left), text(right))
        guard leftText != rightText else { return [] }
        let (leftParts, rightParts) = (parts(left), parts(right))
        guard !leftParts.isEmpty || !rightParts.isEmpty else {
            return ["\(place): \(leftText.prefix(120)) against \(rightText.prefix(120))"]
        }
        var found: [String] = []
        for name in Set(leftParts.keys).union(rightParts.keys).sorted() where found.count < limit {
            let next = place + "." + name
            switch (leftParts[name], rightParts[name]) {
            case (let first?, let second?):
                found += places(first, second, below: next, limit: limit - found.count)
            case (let first?, nil): found.append("\(next): only \(text(first).prefix(120))")
            case (nil, let second?):
                found.append("\(next): only others' \(text(second).prefix(120))")
            case (nil, nil): break
            }
        }
        return found
    }

    /// What a value consists of, by names that do not depend on the order of hashing.
    private static func parts(_ value: Any) -> [String: Any] {
        let mirror = Mirror(reflecting: value)
        var found: [String: Any] = [:]
        for (index, child) in mirror.children.enumerated() {
            switch mirror.displayStyle {
            case .dictionary:
                let pair = Mirror(reflecting: child.value).children.map(\.value)
                if pair.count == 2 { found["\(pair[0])"] = pair[1] }
            case .set: found["\(child.value)"] = child.value
            case .struct, .class, .enum, .tuple, .optional, .collection, .foreignReference, nil:
                found[child.label ?? "\(index)"] = child.value
            @unknown default: found[child.label ?? "\(index)"] = child.value
            }
        }
        return found
    }

    /// A description that does not depend on the order of hashing.
    private static func text(_ value: Any) -> String {
        let mirror = Mirror(reflecting: value)
        guard !mirror.children.isEmpty else { return "\(value)" }
        let inner = parts(value).sorted { $0.key < $1.key }
            .map { "\($0.key)=\(text($0.value))" }
        return "(" + inner.joined(separator: " ") + ")"
    }
}
