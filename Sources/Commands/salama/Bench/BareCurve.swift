import Bitcoin
import CSecp256k1

/// The operations on the curve that a piece of work cannot do without.
struct CurveCount {
    var sharedSecrets = 0
    var publicKeys = 0
    var multiplications = 0
    var tweaks = 0
    var sums = 0
    var parsings = 0
    var signatures = 0
    var verifications = 0
    var recoveries = 0
}

/// What libsecp256k1 alone needs for each operation, on keys and signatures that are already parsed.
final class BareCurve {
    private let context: OpaquePointer
    private let secret = [UInt8](repeating: 3, count: 32)
    private let message = [UInt8](repeating: 5, count: 32)
    private var point: [UInt8]
    private var key = secp256k1_pubkey()
    private var signature = secp256k1_ecdsa_signature()
    private var recoverable = secp256k1_ecdsa_recoverable_signature()

    init() throws {
        guard let context = secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
            throw CommandFailure("no memory for the context of libsecp256k1")
        }
        self.context = context
        point = try PrivateKey(secret).publicKey.compressed
        guard secp256k1_ec_pubkey_parse(context, &key, point, point.count) == 1,
            secp256k1_ecdsa_sign(context, &signature, message, secret, nil, nil) == 1,
            secp256k1_ecdsa_sign_recoverable(context, &recoverable, message, secret, nil, nil) == 1
        else { throw CommandFailure("libsecp256k1 does not read what it wrote") }
    }

    deinit { secp256k1_context_destroy(context) }

    /// The work itself, to be measured in turn with others.
    func work(_ count: CurveCount) -> () -> Void {
        { [self] in
            for _ in 0..<count.sharedSecrets { sharedSecret() }
            for _ in 0..<count.publicKeys { publicKey() }
            for _ in 0..<count.multiplications { multiply() }
            for _ in 0..<count.tweaks { tweak() }
            for _ in 0..<count.sums { sum() }
            for _ in 0..<count.parsings { parse() }
            for _ in 0..<count.signatures { sign() }
            for _ in 0..<count.verifications { verify() }
            for _ in 0..<count.recoveries { recover() }
        }
    }

    private func sharedSecret() {
        var output = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        let done = withUnsafeMutableBytes(of: &output) { output in
            output.baseAddress.map {
                secp256k1_ecdh(
                    context, $0.assumingMemoryBound(to: UInt8.self), &key, secret,
                    secp256k1_ecdh_hash_function_sha256, nil)
            }
        }
        precondition(done == 1, "two keys have a shared secret")
    }

    private func publicKey() {
        var created = secp256k1_pubkey()
        precondition(secp256k1_ec_pubkey_create(context, &created, secret) == 1)
    }

    private func multiply() {
        var product = key
        precondition(secp256k1_ec_pubkey_tweak_mul(context, &product, secret) == 1)
    }

    private func tweak() {
        var sum = key
        precondition(secp256k1_ec_pubkey_tweak_add(context, &sum, message) == 1)
    }

    private func sum() {
        var result = secp256k1_pubkey()
        let done = withUnsafePointer(to: &key) { key in
            var terms: [UnsafePointer<secp256k1_pubkey>?] = [key, key]
            return secp256k1_ec_pubkey_combine(context, &result, &terms, 2)
        }
        precondition(done == 1, "twice a point is a point")
    }

    private func parse() {
        var parsed = secp256k1_pubkey()
        precondition(secp256k1_ec_pubkey_parse(context, &parsed, point, point.count) == 1)
    }

    private func sign() {
        var signature = secp256k1_ecdsa_signature()
        precondition(secp256k1_ecdsa_sign(context, &signature, message, secret, nil, nil) == 1)
    }

    private func verify() {
        precondition(secp256k1_ecdsa_verify(context, &signature, message, &key) == 1)
    }

    private func recover() {
        var recovered = secp256k1_pubkey()
        precondition(secp256k1_ecdsa_recover(context, &recovered, &recoverable, message) == 1)
    }
}

extension Bench {
    /// The time of `work`, that of the operations on the curve that it needs, and how many times as long it takes.
    static func besideCurve(
        _ name: String, _ curve: BareCurve, _ count: CurveCount, rounds: Int = 12, calls: Int,
        _ work: @escaping () throws -> Void
    ) throws -> [BenchFigure] {
        let times = try Stopwatch.measure(
            rounds: rounds, calls: calls, [work, curve.work(count)])
        return [
            times[0].time(name), times[1].time("\(name), curve alone"),
            times[0].ratio("\(name), ratio", to: times[1]),
        ]
    }
}
