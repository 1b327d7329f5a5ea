import Bitcoin
import Glibc
import Synchronization
import Threads

/// What a Tor service of version 3 is to be.
public struct TorServiceSettings: Sendable {
    /// Tor's control port.
    public var control: PeerEndpoint
    /// The control port's password; nil where it uses a cookie or nothing.
    public var password: String?
    /// Where this machine takes the connections in.
    public var target: PeerEndpoint
    /// The port of the service's name.
    public var port: UInt16
    /// The file of the service's key, which is made where it is missing.
    public var keyPath: String

    /// A service whose connections come in at `target`.
    public init(control: PeerEndpoint, target: PeerEndpoint, keyPath: String) {
        self.control = control
        self.target = target
        self.keyPath = keyPath
        port = PeerEndpoint.defaultPort
    }
}

/// A Tor service through which peers reach the node. It lasts as long as this object is not stopped; when Tor restarts it is
/// made again.
public final class TorService: Sendable {
    private struct Contents: Sendable {
        var endpoint: PeerEndpoint?
        var endConnection: (@Sendable () -> Void)?
        var isStopped = false
    }

    private let settings: TorServiceSettings
    private let log: Log
    private let onReady: @Sendable (PeerEndpoint) -> Void
    private let contents = Mutex(Contents())
    private let thread = Mutex<SystemThread?>(nil)

    /// Has Tor make the service, now or as soon as Tor is there; `onReady` is called once, with the service's name and port, though
    /// Tor may take minutes more until everybody finds it. Blocks while Tor answers.
    ///
    /// Throws where trying again would be of no use.
    public init(
        _ settings: TorServiceSettings, log: Log,
        onReady: @escaping @Sendable (PeerEndpoint) -> Void = { _ in }
    ) throws(TorError) {
        self.settings = settings
        self.log = log
        self.onReady = onReady
        var made: (TorControl, name: String)?
        do throws(TorError) {
            made = try Self.make(settings)
        } catch {
            guard error.mayPass else { throw error }
            log.write(.warn, .peer, "\(error); the node starts without its Tor service")
        }
        if let name = made?.name { note(name) }
        let first = Handover(made?.0)
        thread.withLock { thread in
            thread = SystemThread("tor") { [self] in keep(first.take()) }
        }
    }

    /// The service's name and port; nil before Tor has made it.
    public var endpoint: PeerEndpoint? { contents.withLock { $0.endpoint } }

    private func note(_ name: String) {
        let place = PeerEndpoint(host: name + ".onion", port: settings.port)
        log.write(.info, .peer, "peers reach the node through Tor at \(place)")
        let isFirst = contents.withLock { contents in
            defer { contents.endpoint = place }
            return contents.endpoint == nil
        }
        if isFirst { onReady(place) }
    }

    /// Lets Tor take the service down. Blocks.
    public func stop() {
        contents.withLock { contents in
            contents.isStopped = true
            contents.endConnection?()
        }
        thread.withLock { $0.take() }?.join()
    }

    private var isStopped: Bool { contents.withLock { $0.isStopped } }

    private static func make(
        _ settings: TorServiceSettings
    ) throws(TorError) -> (TorControl, name: String) {
        let control = try TorControl(settings.control)
        try control.authenticate(password: settings.password)
        let key = try readKey(settings.keyPath)
        let answer = try control.ask(
            "ADD_ONION \(key ?? "NEW:ED25519-V3") Port=\(settings.port),\(settings.target)")
        guard let name = answer.firstField("ServiceID"), name.utf8.count == 56 else {
            throw .refused(answer.joined(separator: " "))
        }
        if let made = answer.firstField("PrivateKey") {
            try writeKey(made, to: settings.keyPath)
        } else if key == nil {
            throw .refused("Tor does not tell the key that it made")
        }
        return (control, name)
    }

    /// Waits for the end of the connection to Tor, and makes the service again.
    private func keep(_ first: TorControl?) {
        var control = first
        var pause: UInt32 = 1
        while !isStopped {
            if let current = control {
                contents.withLock { $0.endConnection = current.ending }
                if !isStopped { current.waitForEnd() }
                contents.withLock { $0.endConnection = nil }
                control = nil
                if isStopped { return }
                log.write(.warn, .peer, "Tor has closed its control port; the service is gone")
            }
            for _ in 0..<(pause * 10) where !isStopped { SystemThread.sleep(milliseconds: 100) }
            if isStopped { return }
            do throws(TorError) {
                let made = try Self.make(settings)
                note(made.name)
                control = made.0
                pause = 1
            } catch {
                pause = min(pause * 2, 60)
                log.write(.warn, .peer, "\(error); next try in \(pause) s")
            }
        }
    }

    // MARK: The key

    private static func readKey(_ path: String) throws(TorError) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw .key(path: path, reason: SystemFailure.last.reason)
        }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(file, &bytes, bytes.count)
        // A crash may have left a file without its contents: nobody knows a service of it.
        if count == 0 { return nil }
        let text = String(decoding: bytes.prefix(max(0, count)).prefix { $0 > 0x20 }, as: UTF8.self)
        guard text.hasPrefix("ED25519-V3:"), text.utf8.count > 80 else {
            throw .key(path: path, reason: "it is no key of a Tor service")
        }
        return text
    }

    /// Only its owner may read it: who has the key is the service. The file is there with all of the key or not at all.
    private static func writeKey(_ key: String, to path: String) throws(TorError) {
        let bytes = Array((key + "\n").utf8)
        let draft = path + ".new"
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .key(path: path, reason: SystemFailure.last.reason) }
        defer { close(file) }
        guard write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0,
            rename(draft, path) == 0
        else { throw .key(path: path, reason: SystemFailure.last.reason) }
    }
}

extension [String] {
    /// The value of the first line `name=value`.
    fileprivate func firstField(_ name: String) -> String? {
        first { $0.hasPrefix(name + "=") }.flatMap { TorControl.field(name, of: $0) }
    }
}

/// Gives one thread's object to another.
///
/// Unchecked sendability: the object is taken once, and whoever put it in does not use it any more.
private final class Handover: @unchecked Sendable {
    private let contents: Mutex<TorControl?>

    init(_ control: sending TorControl?) { contents = Mutex(control) }

    func take() -> TorControl? {
        contents.withLock { contents in
            defer { contents = nil }
            return contents
        }
    }
}
