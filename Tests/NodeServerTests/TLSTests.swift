import Glibc
import HTTP
import HTTPClient
import HTTPServer
import NodeAPI
import NodeServer
import Testing

struct TLSTests {
    /// What a shell command prints.
    private static func output(_ command: String) -> String {
        guard let pipe = popen(command, "r") else { return "" }
        defer { pclose(pipe) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&chunk, 1, chunk.count, pipe)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk.prefix(count)
        }
    }

    private static let hasOpenSSL = !output("openssl version 2>/dev/null").isEmpty

    @Test("the certificate is its own authority, for the names and addresses of this machine")
    func pinned() throws {
        let server = try TestServer(isPlain: false)
        let client = try server.client(server.macaroon())
        #expect(try client.call(.get, "/v1/getinfo").hasPrefix("200 "))
        var configuration = HTTPClientConfiguration()
        configuration.trust = .certificateFile(server.directory + "/tls.cert")
        let localhost = try HTTPClient(
            HTTPURL(isSecure: true, host: "localhost", port: server.server.port), configuration)
        #expect(try localhost.call(.get, "/v1/state").hasPrefix("200 "))
    }

    @Test("a certificate of another node, and one that nobody vouches for, are refused")
    func impostor() throws {
        let server = try TestServer(isPlain: false)
        let other = try TestServer(isPlain: false)
        let trusts: [HTTPClientConfiguration.Trust] = [
            .certificateFile(other.directory + "/tls.cert"), .system,
        ]
        for trust in trusts {
            let client = try server.client { $0.trust = trust }
            #expect(throws: HTTPClientError.self) { try client.call(.get, "/v1/state") }
        }
        let careless = try server.client { $0.trust = .anyone }
        #expect(try careless.call(.get, "/v1/state").hasPrefix("200 "))
    }

    @Test(
        "TLS 1.2 and 1.3 are spoken, older ones not",
        .enabled(if: hasOpenSSL, "the openssl program is not there"),
        arguments: [("tls1_2", true), ("tls1_3", true), ("tls1_1", false), ("tls1", false)])
    func versions(_ version: String, _ isSpoken: Bool) throws {
        let server = try TestServer(isPlain: false)
        let text = Self.output(
            "(printf 'GET /v1/state HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n'; sleep 0.5) |"
                + " openssl s_client -quiet -connect 127.0.0.1:\(server.server.port) -\(version)"
                + " -CAfile \(server.directory)/tls.cert -verify_return_error 2>/dev/null")
        #expect(text.hasPrefix("HTTP/1.1 200 OK") == isSpoken, "\(text)")
    }

    @Test("the files are the owner's alone, stay as they are, and are renewed for another name")
    func files() throws {
        let server = try TestServer(isPlain: false)
        func content(_ name: String) -> String { Self.output("cat \(server.directory)/\(name)") }
        for name in ["tls.cert", "tls.key"] {
            var status = stat()
            #expect(stat("\(server.directory)/\(name)", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
        let before = content("tls.cert")
        #expect(before.hasPrefix("-----BEGIN CERTIFICATE-----"))
        _ = try NodeCertificate.identity(in: server.directory)
        #expect(content("tls.cert") == before)
        _ = try NodeCertificate.identity(
            in: server.directory, extraHosts: ["node.example.org", "10.1.2.3"])
        let after = content("tls.cert")
        #expect(after != before)
        _ = try NodeCertificate.identity(in: server.directory, extraHosts: ["10.1.2.3"])
        #expect(content("tls.cert") == after)
    }

    @Test(
        "a certificate is renewed a day before it expires, with a new key, and not earlier",
        arguments: [(0, false), (418, false), (419, true), (420, true), (1_000, true)])
    func expiry(_ days: Int, _ isRenewed: Bool) throws {
        let server = try TestServer(isPlain: false)
        let folder = server.directory
        func content(_ name: String) -> String { Self.output("cat \(folder)/\(name)") }
        let before = (content("tls.cert"), content("tls.key"))
        let later = time(nil) + days * 86_400 + 3_600
        _ = try NodeCertificate.identity(in: folder, now: later)
        #expect((content("tls.cert") != before.0) == isRenewed)
        #expect((content("tls.key") != before.1) == isRenewed)
        // What was made then is good for as long from then on.
        let after = content("tls.cert")
        _ = try NodeCertificate.identity(in: folder, now: later + 86_400 / 2 - 3_600)
        #expect((content("tls.cert") == after) || !isRenewed)
    }

    @Test("a key that is not the certificate's, as after a crash between the two, is replaced")
    func mismatch() throws {
        let server = try TestServer(isPlain: false)
        let other = try TestServer(isPlain: false)
        let folder = server.directory
        _ = Self.output("cp \(other.directory)/tls.key \(folder)/tls.key")
        let before = Self.output("cat \(folder)/tls.cert")
        _ = try NodeCertificate.identity(in: folder)
        #expect(Self.output("cat \(folder)/tls.cert") != before)
    }
}
