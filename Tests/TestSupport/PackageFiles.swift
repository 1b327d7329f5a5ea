import FoundationEssentials
import Glibc

/// Files of this package and beside it, found from where the sources were compiled.
public enum PackageFiles {
    /// The folder that holds `Package.swift`.
    public static let root: URL = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The value of an environment variable, or nil where it is unset or empty.
    public static func environment(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }

    /// The `salama` program that was built with the running tests.
    public static let salama: String? = built("salama")

    /// A program of this package that was built with the running tests: it lies beside them. Nil where there is none.
    public static func built(_ name: String) -> String? {
        guard
            let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        else { return nil }
        return firstFile(
            URL(filePath: tests).deletingLastPathComponent().appending(path: name).path)
    }

    /// A real bitcoind: `SALAMA_TEST_BITCOIND` (which `make test` sets), or what `scripts/bitcoind path`
    /// has put into the cache folder; nil where there is none.
    public static let bitcoind: String? = firstFile(
        environment("SALAMA_TEST_BITCOIND"), cached("bitcoind/bin/bitcoind"))

    /// Bitcoin Core's consensus library: `SALAMA_TEST_BITCOINKERNEL` (which `make test` sets), or what
    /// `scripts/bitcoinkernel` has put into the cache folder; nil where there is none.
    public static let bitcoinKernel: String? = firstFile(
        environment("SALAMA_TEST_BITCOINKERNEL"), cached("bitcoinkernel/libbitcoinkernel.so"))

    /// A Python with pyln-proto: `SALAMA_TEST_PYLN` (which `make test` sets), or what `scripts/pyln` has made in the cache folder;
    /// nil where there is none.
    public static let pyln: String? = firstFile(
        environment("SALAMA_TEST_PYLN"), cached("pyln/venv/bin/python"))

    /// A Python with bolt11 of PyPI: `SALAMA_TEST_CLIENTS` (which `make test` sets), or what `scripts/clients` has made in the
    /// cache folder; nil where there is none.
    public static let clients: String? = firstFile(
        environment("SALAMA_TEST_CLIENTS"), cached("clients/venv/bin/python"))

    private static func cached(_ path: String) -> String {
        root.appending(path: ".cache/\(path)").path
    }

    private static func firstFile(_ paths: String?...) -> String? {
        paths.lazy.compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0) }
    }
}
