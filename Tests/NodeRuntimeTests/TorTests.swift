import Bitcoin
import FoundationEssentials
import Glibc
import LightningWire
import NodeRuntime
import Synchronization
import Testing
import Threads

/// Reaching peers through Tor, and being reached.
struct TorTests {
    private static let onion = String(repeating: "b", count: 56) + ".onion"

    @Test(
        "a Tor service is reached through the proxy, with circuits of its own where that is wanted",
        arguments: [false, true])
    func outbound(_ isolates: Bool) throws {
        let bob = try NodeFixture()
        let proxy = try FakeProxy(
            leadsTo: bob.peerAddress.endpoint, knows: Self.onion, wantsPassword: isolates)
        var settings = PeerSettings.local
        var tor = TorSettings()
        tor.socks = proxy.endpoint
        tor.isolatesStreams = isolates
        settings.tor = tor
        let alice = try NodeFixture(chain: bob.chain, peers: settings)
        let place = PeerEndpoint(host: Self.onion)
        try alice.service.peers.connect(
            PeerAddress(key: bob.key, endpoint: place), permanent: false)
        #expect(try #require(alice.service.peers.reports.first).endpoint == place)
        #expect(proxy.targets == ["\(Self.onion):9735"])
        #expect(proxy.passwords.count == (isolates ? 1 : 0))
        // What the proxy cannot reach is told with its reason.
        let unknown = PeerEndpoint(host: String(repeating: "c", count: 56) + ".onion")
        let reason = "the Tor service is not known"
        #expect(throws: PeerConnectError.unreachable(unknown, reason: reason)) {
            try alice.service.peers.connect(
                PeerAddress(key: PrivateKey(SystemEntropy.hash()).publicKey, endpoint: unknown),
                permanent: false)
        }
        // Names are not looked up on this side of the proxy.
        let name = PeerEndpoint(host: "node.example")
        _ = try? alice.service.peers.connect(
            PeerAddress(key: PrivateKey(SystemEntropy.hash()).publicKey, endpoint: name),
            permanent: false)
        #expect(proxy.targets.last == "node.example:9735")
        alice.service.stop()
        bob.service.stop()
    }

    @Test("addresses of peers go through records and announcements unchanged")
    func descriptors() throws {
        for text in ["\(Self.onion):9735", "127.0.0.1:1", "[2001:db8::1]:2", "node.example:3"] {
            let endpoint = try #require(PeerEndpoint(text))
            let descriptor = try #require(AddressDescriptor(endpoint))
            #expect(PeerEndpoint(descriptor) == endpoint)
        }
    }

    @Test(
        "Tor makes a service, and the same one again, whatever way it wants to know who asks",
        .enabled(if: TorProcess.path != nil), arguments: TorProcess.Authentication.allCases)
    func service(_ authentication: TorProcess.Authentication) throws {
        let tor = try TorProcess(authentication)
        let keyPath = tor.folder + "/key"
        var settings = TorServiceSettings(
            control: tor.control, target: PeerEndpoint(host: "127.0.0.1", port: 1),
            keyPath: keyPath)
        if authentication == .password {
            #expect(throws: TorError.wrongPassword) { try TorService(settings, log: .silent) }
            settings.password = "wrong"
            #expect(throws: TorError.wrongPassword) { try TorService(settings, log: .silent) }
            settings.password = TorProcess.password
        }
        let first = try TorService(settings, log: .silent)
        let endpoint = try #require(first.endpoint)
        #expect(endpoint.isOnion && endpoint.port == 9735)
        #expect(AddressDescriptor(endpoint) != nil)
        var status = stat()
        #expect(stat(keyPath, &status) == 0 && status.st_mode & 0o777 == 0o600)
        first.stop()
        let second = try TorService(settings, log: .silent)
        #expect(second.endpoint == endpoint)
        second.stop()
        // A crash may have left a file without the key.
        #expect(truncate(keyPath, 0) == 0)
        let third = try TorService(settings, log: .silent)
        let other = try #require(third.endpoint)
        #expect(other != endpoint)
        third.stop()
        let fourth = try TorService(settings, log: .silent)
        #expect(fourth.endpoint == other)
        fourth.stop()
        tor.end()
    }

    @Test("a node starts without Tor, and has its service as soon as Tor is there")
    func late() throws {
        let folder = try TemporaryFolder()
        let tor = try FakeTor()
        let ready = Mutex<PeerEndpoint?>(nil)
        let settings = TorServiceSettings(
            control: tor.endpoint, target: PeerEndpoint(host: "127.0.0.1", port: 1),
            keyPath: folder.path + "/key")
        let service = try TorService(settings, log: .silent) { place in
            ready.withLock { $0 = place }
        }
        #expect(service.endpoint == nil)
        tor.isThere.store(true, ordering: .sequentiallyConsistent)
        try eventually { ready.withLock { $0 } != nil }
        #expect(ready.withLock { $0 }?.host == FakeTor.name + ".onion")
        #expect(service.endpoint == ready.withLock { $0 })
        service.stop()
    }
}

/// Tor's control port, which hangs up until Tor is there.
private final class FakeTor: Sendable {
    static let name = String(repeating: "b", count: 56)
    let endpoint: PeerEndpoint
    let isThere = Atomic<Bool>(false)

    init() throws {
        let listener = try LocalSocket.listener()
        endpoint = PeerEndpoint(host: "127.0.0.1", port: LocalSocket.port(of: listener))
        _ = SystemThread.detached("fake tor") { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                if isThere.load(ordering: .sequentiallyConsistent) { serve(client) }
                close(client)
            }
        }
    }

    private func serve(_ client: Int32) {
        while let line = line(from: client) {
            let answer =
                switch line.split(separator: " ").first {
                case "PROTOCOLINFO": "250-PROTOCOLINFO 1\r\n250-AUTH METHODS=NULL\r\n250 OK\r\n"
                case "ADD_ONION":
                    "250-ServiceID=\(Self.name)\r\n250-PrivateKey=ED25519-V3:"
                        + String(repeating: "A", count: 86) + "==\r\n250 OK\r\n"
                default: "250 OK\r\n"
                }
            LocalSocket.write(client, Array(answer.utf8))
        }
    }

    private func line(from client: Int32) -> String? {
        var bytes: [UInt8] = []
        while let byte = LocalSocket.read(client, 1) {
            if byte == [10] { return String(decoding: bytes, as: UTF8.self) }
            bytes += byte
        }
        return nil
    }
}

/// A SOCKS5 proxy that knows one name.
private final class FakeProxy: Sendable {
    private struct Contents: Sendable {
        var targets: [String] = []
        var passwords: Set<String> = []
    }

    let endpoint: PeerEndpoint
    private let contents = Mutex(Contents())

    var targets: [String] { contents.withLock { $0.targets } }
    var passwords: Set<String> { contents.withLock { $0.passwords } }

    init(leadsTo target: PeerEndpoint, knows name: String, wantsPassword: Bool) throws {
        let listener = try LocalSocket.listener()
        endpoint = PeerEndpoint(host: "127.0.0.1", port: LocalSocket.port(of: listener))
        _ = SystemThread.detached("proxy") { [self] in
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                _ = SystemThread.detached("proxied") { [self] in
                    serve(client, target, name, wantsPassword)
                    close(client)
                }
            }
        }
    }

    private func serve(
        _ client: Int32, _ target: PeerEndpoint, _ name: String, _ wantsPassword: Bool
    ) {
        guard LocalSocket.read(client, 3) == [5, 1, wantsPassword ? 2 : 0] else { return }
        LocalSocket.write(client, [5, wantsPassword ? 2 : 0])
        if wantsPassword {
            guard let head = LocalSocket.read(client, 2),
                let user = LocalSocket.read(client, Int(head[1])),
                let length = LocalSocket.read(client, 1),
                LocalSocket.read(client, Int(length[0])) != nil
            else { return }
            contents.withLock { _ = $0.passwords.insert(String(decoding: user, as: UTF8.self)) }
            LocalSocket.write(client, [1, 0])
        }
        guard let head = LocalSocket.read(client, 5), head[..<4] == [5, 1, 0, 3],
            let host = LocalSocket.read(client, Int(head[4])),
            let port = LocalSocket.read(client, 2)
        else { return }
        let wanted = String(decoding: host, as: UTF8.self)
        contents.withLock {
            $0.targets.append("\(wanted):\(UInt16(port[0]) << 8 | UInt16(port[1]))")
        }
        guard wanted == name, let server = LocalSocket.connection(to: target) else {
            return LocalSocket.write(client, [5, 0xf0, 0, 1, 0, 0, 0, 0, 0, 0])
        }
        LocalSocket.write(client, [5, 0, 0, 1, 0, 0, 0, 0, 0, 0])
        let back = SystemThread("back") { LocalSocket.pump(from: server, to: client) }
        LocalSocket.pump(from: client, to: server)
        back.join()
        close(server)
    }
}

/// Blocking sockets of this machine, for servers that tests play.
enum LocalSocket {
    static func listener() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(0)
        let isListening = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isListening, listen(descriptor, 16) == 0 else { throw FixtureError.neverHappened }
        return descriptor
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    static func port(of descriptor: Int32) -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    static func connection(to endpoint: PeerEndpoint) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(endpoint.port)
        let isThere = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        return isThere ? descriptor : nil
    }

    /// Exactly so many bytes; nil where the other side closes before.
    static func read(_ descriptor: Int32, _ count: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while bytes.count < count {
            var part = [UInt8](repeating: 0, count: count - bytes.count)
            let received = recv(descriptor, &part, part.count, 0)
            guard received > 0 else { return nil }
            bytes += part[..<received]
        }
        return bytes
    }

    static func write(_ descriptor: Int32, _ bytes: [UInt8]) {
        _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Passes bytes on until one side closes.
    static func pump(from source: Int32, to target: Int32) {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(source, &bytes, bytes.count, 0)
            guard count > 0 else { break }
            write(target, Array(bytes[..<count]))
        }
        shutdown(target, Int32(SHUT_WR))
    }
}

/// A real Tor without a network, for its control port.
final class TorProcess {
    enum Authentication: CaseIterable, Sendable {
        case none, cookie, password
    }

    static let password = "open \"sesame\\"
    static let path: String? = ["/usr/sbin/tor", "/usr/bin/tor"].first { access($0, X_OK) == 0 }

    let folder: String
    let control: PeerEndpoint
    private var process: pid_t = 0

    init(_ authentication: Authentication) throws {
        let path = try #require(Self.path)
        folder = FileManager.default.temporaryDirectory.appending(path: "salama-tor-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var arguments: [String] = [
            path, "--ignore-missing-torrc", "-f", folder + "/none", "--quiet", "--DataDirectory",
            folder + "/data", "--DisableNetwork", "1", "--SocksPort", "0", "--ControlPort",
            "127.0.0.1:auto", "--ControlPortWriteToFile", folder + "/port",
        ]
        switch authentication {
        case .none: break
        case .cookie: arguments += ["--CookieAuthentication", "1"]
        case .password:
            arguments += ["--HashedControlPassword", Self.hashedPassword]
        }
        var pointers = arguments.map { strdup($0) } + [nil]
        defer { for pointer in pointers { free(pointer) } }
        guard posix_spawn(&process, path, nil, nil, &pointers, environ) == 0 else {
            throw FixtureError.neverHappened
        }
        let portFile = folder + "/port"
        var port: UInt16?
        try eventually {
            let text = FileManager.default.contents(atPath: portFile) ?? Data()
            port = String(decoding: text, as: UTF8.self).split(separator: ":").last.flatMap {
                UInt16($0.prefix { $0.isNumber })
            }
            return port != nil
        }
        control = PeerEndpoint(host: "127.0.0.1", port: port ?? 0)
    }

    deinit {
        end()
        try? FileManager.default.removeItem(atPath: folder)
    }

    func end() {
        guard process > 0 else { return }
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
        process = 0
    }

    /// The password in Tor's salted form (`tor --hash-password`).
    private static let hashedPassword =
        "16:8D5637BCBCA36DEF602D5076AF7E1E723F14A1069BB4ABDDAFB59BEDE8"
}
