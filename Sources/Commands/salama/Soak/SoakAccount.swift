/// What one node says of its money, and what it had before.
///
/// Payments go by the first eight bytes of their hashes; amounts are in millisatoshi.
struct SoakAccount: Sendable {
    let name: String
    /// What its channels held for it before and after.
    var before: Int64 = 0
    var after: Int64 = 0
    /// What it paid, by payment, without the fees.
    var paid: [UInt64: Int64] = [:]
    /// What it paid in fees.
    var fees: Int64 = 0
    /// What it was paid, by invoice.
    var settled: [UInt64: Int64] = [:]
    /// What it earned by forwarding, as its history says.
    var forwarded: Int64 = 0
    /// Payments that it has begun, and of those that have not ended.
    var payments = 0
    var withoutEnd = 0
    /// Payments that are there twice.
    var twice = 0
    /// Invoices for which something came that is neither taken nor given back.
    var held = 0
    /// Channels that are closed or are being closed, and those that can be used.
    var closed = 0
    var open = 0

    var sent: Int64 { paid.values.reduce(0, +) + fees }
    var received: Int64 { settled.values.reduce(0, +) }

    init(_ name: String) { self.name = name }

    /// Takes down a payment that was made.
    mutating func notePaid(_ hash: UInt64, _ amount: Int64, fee: Int64) {
        if paid.updateValue(amount, forKey: hash) != nil { twice += 1 }
        fees += fee
    }

    /// Takes down what an invoice brought.
    mutating func noteSettled(_ hash: UInt64, _ amount: Int64) {
        settled[hash, default: 0] += amount
    }
}

/// Holds what each node says against what the others say, and against what payers were told.
enum SoakAudit {
    /// What does not hold, in words; `channels` is how many ends of channels there were at first.
    static func complaints(
        of accounts: [SoakAccount], told: [UInt64: LoadClient.Outcome], channels: Int
    ) -> [String] {
        var broken: [String] = []
        func check(_ holds: Bool, _ complaint: @autoclosure () -> String) {
            if !holds { broken.append(complaint()) }
        }
        let (before, after) = (sum(accounts, \.before), sum(accounts, \.after))
        check(before == after, "all channels together held \(before) msat, and hold \(after)")
        for account in accounts {
            let (name, earned) = (
                account.name, account.after - account.before + account.sent - account.received
            )
            check(
                earned == account.forwarded,
                "\(name) says that it earned \(account.forwarded) msat by forwarding, and has \(earned) more"
            )
            check(account.twice == 0, "\(name) made \(account.twice) payments twice")
            check(
                account.withoutEnd == 0, "\(account.withoutEnd) payments of \(name) have not ended")
            check(account.held == 0, "\(name) still holds what came for \(account.held) invoices")
            check(account.closed == 0, "\(account.closed) channels of \(name) are closed")
        }
        let open = accounts.reduce(0) { $0 + $1.open }
        check(open == channels, "of \(channels) ends of channels \(open) can be used")
        var (paid, settled): ([UInt64: Int64], [UInt64: Int64]) = ([:], [:])
        for account in accounts {
            paid.merge(account.paid, uniquingKeysWith: +)
            settled.merge(account.settled, uniquingKeysWith: +)
        }
        let missing = paid.keys.count { settled[$0] == nil }
        check(missing == 0, "\(missing) payments were made that nobody received")
        let surplus = settled.keys.count { paid[$0] == nil }
        check(surplus == 0, "\(surplus) invoices are settled that nobody paid")
        let different = paid.count { hash, amount in settled[hash].map { $0 != amount } ?? false }
        check(different == 0, "\(different) payments brought another amount than they cost")
        let lost = told.count { $1 == .paid && paid[$0] == nil }
        check(lost == 0, "\(lost) payments were told to be made and are not")
        let surprising = told.count { $1 == .failed && paid[$0] != nil }
        check(surprising == 0, "\(surprising) payments were told to have failed and are made")
        return broken
    }

    private static func sum(_ accounts: [SoakAccount], _ part: KeyPath<SoakAccount, Int64>) -> Int64
    {
        accounts.reduce(0) { $0 + $1[keyPath: part] }
    }
}
