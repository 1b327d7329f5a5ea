/// The fields of an invoice by the number of their letter (BOLT 11).
enum InvoiceTag: UInt8, CaseIterable {
    case paymentHash = 1
    case routeHint = 3
    case features = 5
    case expiry = 6
    case fallback = 9
    case description = 13
    case paymentSecret = 16
    case payee = 19
    case descriptionHash = 23
    case minFinalCLTVExpiryDelta = 24
    case metadata = 27

    /// The letter that stands for the field.
    var letter: Character {
        switch self {
        case .paymentHash: "p"
        case .routeHint: "r"
        case .features: "9"
        case .expiry: "x"
        case .fallback: "f"
        case .description: "d"
        case .paymentSecret: "s"
        case .payee: "n"
        case .descriptionHash: "h"
        case .minFinalCLTVExpiryDelta: "c"
        case .metadata: "m"
        }
    }
}
