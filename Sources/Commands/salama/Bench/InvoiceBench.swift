import Bitcoin
import LightningInvoice
import LightningWire

extension Bench {
    /// How fast invoices are read.
    static let invoices = Bench(
        name: "invoices", summary: "BOLT 11 invoices decoded, beside the recovery of their keys"
    ) {
        let curve = try BareCurve()
        let key = try PrivateKey([UInt8](repeating: 7, count: 32))
        let content = InvoiceContent(
            network: .mainnet, amount: MilliSatoshi(123_000), timestamp: 1_700_000_000,
            paymentHash: PaymentHash(.zero), paymentSecret: .zero,
            description: .text("a cup of tea, without sugar"),
            features: Features(bits: [8, 14, 17]))
        let text = Invoice(content, key: key).text
        let figures = try besideCurve(
            "decode", curve, CurveCount(recoveries: 1), calls: 20
        ) { _ = try Invoice(decoding: text) }
        return figures + [BenchFigure("decoded", 1e6 / figures[0].value, "/s")]
    }
}
