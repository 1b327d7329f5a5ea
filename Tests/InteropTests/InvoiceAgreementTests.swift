import Bitcoin
import FoundationEssentials
import LightningInvoice
import LightningWire
import TestSupport
import Testing

/// Invoices between the node's own code and the package `bolt11` of PyPI: what one writes the other reads, field by field.
///
/// `SALAMA_INVOICES` is how many go each way.
@Suite(
    "Invoices of another make",
    .enabled(if: PackageFiles.clients != nil, "there is no bolt11 of PyPI: see scripts/clients"))
struct InvoiceAgreementTests {
    private let count = PackageFiles.environment("SALAMA_INVOICES").flatMap { Int($0) } ?? 1_000

    @Test("what the package writes is read as it was meant")
    func theirs() throws {
        let lines = try run(["write", "\(count)", "11"]).output.split(separator: "\n")
        #expect(lines.count == count)
        for line in lines {
            let said = try JSONDecoder().decode(WrittenInvoice.self, from: Data(line.utf8))
            // Features that nobody knows yet are no matter of form.
            let known = Features(bits: said.facts.features)
            let invoice = try Invoice(decoding: said.invoice, known: known)
            #expect(InvoiceFacts(invoice) == said.facts, "\(said.invoice)")
        }
    }

    @Test("what the node writes is read as it was meant by the package")
    func ours() throws {
        var random = SeededGenerator(seed: 11)
        var lines: [UInt8] = []
        for _ in 0..<count {
            let invoice = try RandomInvoice.make(&random)
            lines += try JSONEncoder().encode(
                WrittenInvoice(invoice: invoice.text, facts: InvoiceFacts(invoice)))
            lines += [0x0a]
        }
        let file = FileManager.default.temporaryDirectory.appending(path: "salama-\(UUID())")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(lines).write(to: file)
        let reader = try run(["read", file.path])
        #expect(reader.status == 0, "\(reader.errors)")
        #expect(reader.output == #"{"checked": \#(count), "wrong": 0}"# + "\n")
    }

    private func run(_ arguments: [String]) throws -> (
        status: Int32, output: String, errors: String
    ) {
        let script = PackageFiles.root.appending(path: "Tests/Clients/invoices.py").path
        let process = try ChildProcess(
            try #require(PackageFiles.clients), ["-B", script] + arguments)
        let status = try process.wait(atMost: .seconds(900))
        return (status, process.output, process.errors)
    }
}

/// A line that both sides exchange.
private struct WrittenInvoice: Codable {
    let invoice: String
    let facts: InvoiceFacts

    init(invoice: String, facts: InvoiceFacts) {
        self.invoice = invoice
        self.facts = facts
    }
}

/// All that an invoice says, in plain values.
private struct InvoiceFacts: Codable, Equatable {
    let prefix: String
    let amount: UInt64?
    let timestamp: UInt64
    let paymentHash: String
    let paymentSecret: String
    var text: String?
    var hash: String?
    let expiry: UInt64
    let minFinalExpiryDelta: UInt64
    let fallback: String?
    let routeHints: [[String]]
    let features: [Int]
    let metadata: String?
    let payee: String

    init(_ invoice: Invoice) {
        let content = invoice.content
        prefix = content.network.invoicePrefix
        amount = content.amount?.value
        timestamp = content.timestamp
        paymentHash = Hex.encode(content.paymentHash.hash.bytes)
        paymentSecret = Hex.encode(content.paymentSecret.bytes)
        switch content.description {
        case .text(let text): self.text = text
        case .hash(let hash): self.hash = Hex.encode(hash.bytes)
        }
        expiry = content.expiry
        minFinalExpiryDelta = content.minFinalCLTVExpiryDelta
        fallback = content.fallbacks.first.flatMap { Self.form(of: $0) }
        routeHints = content.routeHints.map { hint in
            hint.map {
                "\($0.nodeID) \($0.shortChannelID.value) \($0.feeBase) "
                    + "\($0.feeProportionalMillionths) \($0.cltvExpiryDelta)"
            }
        }
        features = content.features.bits.sorted()
        metadata = content.metadata.map { Hex.encode($0) }
        payee = "\(invoice.payee)"
    }

    /// The number of a fallback's form in an invoice, and its hash or witness program.
    private static func form(of script: Script) -> String? {
        let bytes = script.bytes
        if bytes.starts(with: [0x76, 0xa9, 20]), bytes.count == 25 {
            return "17:" + Hex.encode(Array(bytes[3..<23]))
        } else if bytes.starts(with: [0xa9, 20]), bytes.count == 23 {
            return "18:" + Hex.encode(Array(bytes[2..<22]))
        }
        guard let first = bytes.first else { return nil }
        let version = first == 0 ? 0 : Int(first) - 0x50
        return "\(version):" + Hex.encode(Array(bytes.dropFirst(2)))
    }
}

/// Invoices that the package can read: see what `invoices.py` leaves out.
private enum RandomInvoice {
    static func make(_ random: inout SeededGenerator) throws -> Invoice {
        let networks: [Network] = [.mainnet, .testnet3, .signet, .regtest]
        var content = InvoiceContent(
            network: networks.randomElement(using: &random) ?? .regtest,
            amount: Int.random(in: 0..<5, using: &random) == 0
                ? nil : MilliSatoshi(.random(in: 1...(1 << 50), using: &random)),
            timestamp: .random(in: 1..<(1 << 35), using: &random),
            paymentHash: PaymentHash(hash(&random)), paymentSecret: hash(&random),
            description: Bool.random(using: &random)
                ? .text(text(&random)) : .hash(hash(&random)),
            features: Features(bits: [8, 14] + (Bool.random(using: &random) ? [17, 151] : [])))
        if Bool.random(using: &random) {
            content.expiry = .random(in: 1...(1 << 40), using: &random)
        }
        if Bool.random(using: &random) {
            content.minFinalCLTVExpiryDelta = .random(in: 1...(1 << 20), using: &random)
        }
        if Bool.random(using: &random) {
            content.metadata = bytes(.random(in: 1...60, using: &random), &random)
        }
        if Bool.random(using: &random) { content.fallbacks = [fallback(&random)] }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let hops = Int.random(in: 1...4, using: &random)
            content.routeHints.append(try (0..<hops).map { _ in try hop(&random) })
        }
        content.includesPayee = .random(using: &random)
        return Invoice(content, key: try key(&random))
    }

    private static func fallback(_ random: inout SeededGenerator) -> Script {
        let hash = Hash160(hashing: bytes(8, &random))
        return switch Int.random(in: 0..<5, using: &random) {
        case 0: .payToPublicKeyHash(hash)
        case 1: .payToScriptHash(hash)
        case 2: .payToWitnessPublicKeyHash(hash)
        case 3: .payToWitnessScriptHash(self.hash(&random))
        default: Script([0x51, 32] + bytes(32, &random))
        }
    }

    private static func hop(_ random: inout SeededGenerator) throws -> RouteHintHop {
        RouteHintHop(
            nodeID: NodeID(try key(&random).publicKey),
            shortChannelID: ShortChannelID(.random(in: 0..<(1 << 63), using: &random)),
            feeBase: .random(in: 0..<(1 << 31), using: &random),
            feeProportionalMillionths: .random(in: 0..<(1 << 31), using: &random),
            cltvExpiryDelta: .random(in: 0..<(1 << 15), using: &random))
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        let letters = Array("abc xyz ABC 0189 äöü ναι 漢字 ⚡ \"\\<>&\n")
        let count = Int.random(in: 1...150, using: &random)
        return String((0..<count).compactMap { _ in letters.randomElement(using: &random) })
    }

    private static func key(_ random: inout SeededGenerator) throws -> PrivateKey {
        try PrivateKey(bytes(32, &random))
    }

    private static func hash(_ random: inout SeededGenerator) -> Hash256 {
        SHA256.hash(bytes(16, &random))
    }

    private static func bytes(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { _ in .random(in: 0...255, using: &random) }
    }
}
