import Bitcoin
import Glibc

/// Bitcoin Core's consensus library, loaded while tests run, as a judge beside our own.
///
/// Its functions end the process where they are used wrongly, so that this file checks what they expect.
struct BitcoinKernel: Sendable {
    /// The library; nil where it has not been fetched (`scripts/bitcoinkernel`).
    static let shared: BitcoinKernel? = PackageFiles.bitcoinKernel.flatMap(BitcoinKernel.init)

    /// The flags that the library knows: those of consensus.
    static let flags = ScriptFlags.consensus

    private typealias Create = @convention(c) (UnsafeRawPointer?, Int) -> OpaquePointer?
    private typealias CreateOutput = @convention(c) (OpaquePointer, Int64) -> OpaquePointer?
    private typealias Precompute =
        @convention(c) (OpaquePointer, UnsafePointer<OpaquePointer?>?, Int) -> OpaquePointer?
    private typealias Verify =
        @convention(c) (
            OpaquePointer, Int64, OpaquePointer, OpaquePointer, UInt32, UInt32,
            UnsafeMutablePointer<UInt8>
        ) -> Int32
    private typealias Count = @convention(c) (OpaquePointer) -> Int
    private typealias Destroy = @convention(c) (OpaquePointer) -> Void

    private let createTransaction: Create
    private let countInputs: Count
    private let destroyTransaction: Destroy
    private let createScript: Create
    private let destroyScript: Destroy
    private let createOutput: CreateOutput
    private let destroyOutput: Destroy
    private let precompute: Precompute
    private let destroyPrecomputed: Destroy
    private let verify: Verify

    private init?(path: String) {
        guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else { return nil }
        func function<Function>(_ name: String, _ type: Function.Type) -> Function? {
            dlsym(library, "btck_" + name).map { unsafeBitCast($0, to: type) }
        }
        guard
            let createTransaction = function("transaction_create", Create.self),
            let countInputs = function("transaction_count_inputs", Count.self),
            let destroyTransaction = function("transaction_destroy", Destroy.self),
            let createScript = function("script_pubkey_create", Create.self),
            let destroyScript = function("script_pubkey_destroy", Destroy.self),
            let createOutput = function("transaction_output_create", CreateOutput.self),
            let destroyOutput = function("transaction_output_destroy", Destroy.self),
            let precompute = function("precomputed_transaction_data_create", Precompute.self),
            let destroyPrecomputed = function(
                "precomputed_transaction_data_destroy", Destroy.self),
            let verify = function("script_pubkey_verify", Verify.self)
        else { return nil }
        self.createTransaction = createTransaction
        self.countInputs = countInputs
        self.destroyTransaction = destroyTransaction
        self.createScript = createScript
        self.destroyScript = destroyScript
        self.createOutput = createOutput
        self.destroyOutput = destroyOutput
        self.precompute = precompute
        self.destroyPrecomputed = destroyPrecomputed
        self.verify = verify
    }

    /// Whether each input may spend its output under the rules of consensus; nil where the library does not take the
    /// transaction or its spent outputs at all.
    func verdicts(_ transaction: Transaction, spending: [TransactionOutput]) -> [Bool]? {
        let bytes = transaction.encoded
        guard let raw = createTransaction(bytes, bytes.count) else { return nil }
        defer { destroyTransaction(raw) }
        guard countInputs(raw) == spending.count else { return nil }

        let scripts = spending.map {
            createScript($0.scriptPubKey.bytes, $0.scriptPubKey.bytes.count)
        }
        defer { scripts.forEach { $0.map(destroyScript) } }
        let outputs = zip(scripts, spending).map { script, output in
            script.flatMap { createOutput($0, output.amount.value) }
        }
        defer { outputs.forEach { $0.map(destroyOutput) } }
        guard outputs.allSatisfy({ $0 != nil }),
            let precomputed = precompute(raw, outputs, outputs.count)
        else { return nil }
        defer { destroyPrecomputed(precomputed) }

        return spending.indices.map { index in
            var status: UInt8 = 0
            guard let script = scripts[index] else { return false }
            let verdict = verify(
                script, spending[index].amount.value, raw, precomputed, UInt32(index),
                BitcoinKernel.flags.rawValue, &status)
            precondition(status == 0, "the library refused the call with status \(status)")
            return verdict == 1
        }
    }
}
