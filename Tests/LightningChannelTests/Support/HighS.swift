import Bitcoin
import LightningWire

extension WireSignature {
    /// The same signature with s in the upper half, which policy and Lightning refuse.
    func withHighS() throws -> WireSignature {
        var bytes = try ecdsa().compact
        // The group's order less s.
        let order = try Hash256(
            hex: "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
        ).bytes
        var borrow = 0
        for index in (0..<32).reversed() {
            let difference = Int(order[index]) - Int(bytes[32 + index]) - borrow
            borrow = difference < 0 ? 1 : 0
            bytes[32 + index] = UInt8(difference & 0xff)
        }
        return WireSignature(try ECDSASignature(compact: bytes))
    }
}
