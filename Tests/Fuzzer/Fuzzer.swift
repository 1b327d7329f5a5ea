import CLibFuzzer
import FuzzTargets
import Glibc

/// libFuzzer on one of the targets, named by `SALAMA_FUZZ_TARGET`; without a name, the list of them.
/// `scripts/fuzz` builds and runs it. A violated property, as any trap, ends the process, and
/// libFuzzer saves the input.
@main
struct Fuzzer {
    static let target = getenv("SALAMA_FUZZ_TARGET").flatMap {
        FuzzTarget.named(String(cString: $0))
    }

    static func main() {
        guard let target else {
            for target in FuzzTarget.all { Swift.print(target.name) }
            return
        }
        if let folder = getenv("SALAMA_FUZZ_SEEDS") {
            writeSeeds(of: target, to: String(cString: folder))
            return
        }
        var count = CommandLine.argc
        var words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(
            LLVMFuzzerRunDriver(&count, &words) { data, size in
                let bytes = Array(UnsafeBufferPointer(start: data, count: size))
                do {
                    try Fuzzer.target?.run(bytes)
                } catch {
                    fatalError("\(error)")
                }
                return 0
            })
    }

    private static func writeSeeds(of target: FuzzTarget, to folder: String) {
        for (index, seed) in target.seeds.enumerated() {
            guard let file = fopen("\(folder)/seed-\(index)", "w") else {
                fatalError("cannot write")
            }
            fwrite(seed, 1, seed.count, file)
            fclose(file)
        }
    }
}
