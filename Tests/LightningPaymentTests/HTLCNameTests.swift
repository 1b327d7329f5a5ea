import LightningPayment
import Testing

@Suite("Names of HTLCs")
struct HTLCNameTests {
    @Test("names are in the order of channels, then of ids")
    func order() {
        let names = [(2, 1), (1, 9), (1, 2)].map { HTLCName(channel: $0.0, id: $0.1) }
        #expect(names.sorted().map(\.description) == ["1:2", "1:9", "2:1"])
    }
}
