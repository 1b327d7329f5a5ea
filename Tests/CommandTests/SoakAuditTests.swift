import Testing

@testable import salama

/// The audit at the end of `salama soak`: it has to notice whatever goes wrong with the books of a network.
struct SoakAuditTests {
    /// Ann paid Cid 5,000 msat over Bob, who kept 20; another payment of hers failed.
    private static var books: [SoakAccount] {
        var (ann, bob, cid) = (SoakAccount("Ann"), SoakAccount("Bob"), SoakAccount("Cid"))
        (ann.before, ann.after) = (1_000_000, 994_980)
        (bob.before, bob.after) = (2_000_000, 2_000_020)
        (cid.before, cid.after) = (3_000_000, 3_005_000)
        ann.payments = 2
        ann.notePaid(7, 5_000, fee: 20)
        bob.forwarded = 20
        cid.noteSettled(7, 5_000)
        (ann.open, bob.open, cid.open) = (1, 2, 1)
        return [ann, bob, cid]
    }

    private static let told: [UInt64: LoadClient.Outcome] = [7: .paid, 8: .failed, 9: .unknown]

    private func complaints(
        _ told: [UInt64: LoadClient.Outcome] = told,
        _ change: (inout [SoakAccount]) -> Void = { _ in }
    ) -> [String] {
        var books = Self.books
        change(&books)
        return SoakAudit.complaints(of: books, told: told, channels: 4)
    }

    @Test("books that agree are no cause for complaint")
    func sound() { #expect(complaints() == []) }

    @Test("a millisatoshi that is gone is missed, and told whose it was")
    func gone() {
        let found = complaints { $0[1].after -= 1 }
        #expect(
            found == [
                "all channels together held 6000000 msat, and hold 5999999",
                "Bob says that it earned 20 msat by forwarding, and has 19 more",
            ])
    }

    @Test("a payment that is counted wrong is noticed, whichever side counts it so")
    func miscounted() {
        let costsMore = complaints { $0[0].paid[7] = 5_001 }
        #expect(costsMore.contains("1 payments brought another amount than they cost"))
        #expect(costsMore.contains("Ann says that it earned 0 msat by forwarding, and has 1 more"))
        let bringsLess = complaints { $0[2].settled[7] = 4_999 }
        #expect(bringsLess.contains("1 payments brought another amount than they cost"))
        #expect(bringsLess.contains("Cid says that it earned 0 msat by forwarding, and has 1 more"))
        #expect(
            complaints { $0[0].fees = 19 }
                == ["Ann says that it earned 0 msat by forwarding, and has -1 more"])
        #expect(
            complaints { $0[1].forwarded = 40 }
                == ["Bob says that it earned 40 msat by forwarding, and has 20 more"])
    }

    @Test("a payment that one side alone knows is noticed")
    func oneSided() {
        #expect(
            complaints { $0[2].settled = [:] }.contains(
                "1 payments were made that nobody received"))
        #expect(
            complaints { $0[2].noteSettled(8, 1) }.contains(
                "1 invoices are settled that nobody paid"))
        #expect(complaints { $0[0].notePaid(7, 5_000, fee: 0) } == ["Ann made 1 payments twice"])
    }

    @Test("what has not ended is noticed")
    func withoutEnd() {
        #expect(complaints { $0[0].withoutEnd = 1 } == ["1 payments of Ann have not ended"])
        #expect(complaints { $0[2].held = 2 } == ["Cid still holds what came for 2 invoices"])
    }

    @Test("a channel that is closed or cannot be used is noticed")
    func channels() {
        #expect(complaints { $0[1].closed = 1 } == ["1 channels of Bob are closed"])
        #expect(complaints { $0[1].open = 1 } == ["of 4 ends of channels 3 can be used"])
    }

    @Test("a payer who was told something else is noticed")
    func told() {
        #expect(complaints([8: .paid]) == ["1 payments were told to be made and are not"])
        #expect(complaints([7: .failed]) == ["1 payments were told to have failed and are made"])
        #expect(complaints([7: .unknown]) == [])
    }
}

/// What the report says of memory, files and rates.
struct SoakReportTests {
    private func broken(
        _ looks: [SoakUse.Figures], under trial: SoakTrial = .killedNodes, did: String = "Bob",
        kept: Int = 100
    ) throws -> [String] {
        let settings = try SoakSettings(Arguments())
        var report = SoakReport(settings, "a chain", capacity: 100)
        var use = SoakUse()
        for (index, figures) in looks.enumerated() {
            use.note(figures)
            if index == 0 { use.mark() }
        }
        report.note([use], names: ["Ann"])
        report.steps = [
            SoakRecord(
                step: SoakStep(number: 1, trial: trial, seed: 1), what: .done(did),
                before: window(paid: 100), during: window(paid: kept), after: window(paid: 100),
                memory: 0, files: 0)
        ]
        report.judge()
        return report.broken
    }

    private func window(paid: Int) -> SoakWindow {
        SoakWindow(SoakWindow.Figures(paid: paid, seconds: 1))
    }

    private static let first = SoakUse.Figures(memory: 20 << 20, files: 100)

    @Test("what a node uses may rise and fall, and grow a little")
    func flat() throws {
        let high = SoakUse.Figures(memory: 150 << 20, files: 600)
        let last = SoakUse.Figures(memory: 40 << 20, files: 130)
        #expect(try broken([Self.first, high, last]) == [])
    }

    @Test("open files that are never closed are noticed")
    func leakedFiles() throws {
        let last = SoakUse.Figures(memory: 20 << 20, files: 133)
        #expect(try broken([Self.first, last]) == ["Ann's open files grew from 100 to 133"])
    }

    @Test("memory that is never given back is noticed")
    func leakedMemory() throws {
        let last = SoakUse.Figures(memory: 45 << 20, files: 100)
        #expect(try broken([Self.first, last]) == ["Ann's memory grew from 20.0 to 45.0 MiB"])
    }

    @Test("memory beyond the bound is noticed, though it is given back")
    func peak() throws {
        let high = SoakUse.Figures(memory: 193 << 20, files: 100)
        #expect(try broken([Self.first, high, Self.first]) == ["Ann took 193.0 MiB of memory"])
    }

    @Test(
        "an attack that leaves less than half of the payments is noticed, and so is one that never was"
    )
    func attacked() throws {
        #expect(try broken([Self.first], under: .messageFlood, did: "9 messages", kept: 50) == [])
        #expect(
            try broken([Self.first], under: .messageFlood, did: "9 messages", kept: 49)
                == ["under message-flood 49.0 of 100.0 payments a second were left"])
        #expect(
            try broken([Self.first], under: .messageFlood, did: "")
                == ["nobody attacked in message-flood"])
        // A fault may take all that it takes.
        #expect(try broken([Self.first], under: .killedChain, did: "9 s away", kept: 0) == [])
    }
}
