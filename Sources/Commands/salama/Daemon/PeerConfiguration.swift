import Bitcoin
import JSON
import LightningCommitment
import LightningNode
import LightningPayment
import LightningWallet
import LightningWire
import NodeRuntime

/// What the options mean for peers.
extension Configuration {
    /// Where a running node writes where peers reach it, for commands to find: one place on a line.
    var peerAddressFile: String { networkFolder + "/peer.address" }

    /// Whether somebody has set the option.
    func isGiven(_ name: String) -> Bool { entries[name].map { $0.source != .standard } ?? false }

    /// How peers are reached and reach the node.
    func peerSettings() throws -> PeerSettings {
        var settings = PeerSettings()
        if !isSet("nolisten") {
            settings.listen = all("listen").compactMap { PeerEndpoint(listening: $0) }
            if settings.listen.isEmpty {
                settings.listen = [
                    PeerEndpoint(host: "0.0.0.0"), PeerEndpoint(host: "::"),
                ]
            }
        }
        settings.announced = all("externalip").compactMap { PeerEndpoint($0) }
        settings.announcesListening = network == .regtest
        settings.permanent = all("addpeer").compactMap { PeerAddress($0) }
        settings.connectTimeout = milliseconds("connectiontimeout") ?? settings.connectTimeout
        settings.limits.strangers = integer("num-restricted-slots")
        let shortest = milliseconds("minbackoff") ?? 1_000
        let longest = milliseconds("dev-reconnect") ?? milliseconds("maxbackoff") ?? 3_600_000
        settings.backoff = min(max(shortest, 1), max(longest, 1))...max(longest, 1)
        settings.tor = torSettings
        if isSet("tor.v3") {
            settings.torHost = self["tor.control"].flatMap { PeerEndpoint($0) }?.host
        }
        // The question for a seed goes past Tor, and would tell who asks.
        let asksSeeds = !isSet("nobootstrap") && (settings.tor?.skipsClearnet ?? true)
        settings.seeds = asksSeeds ? network.nodeSeeds : []
        return settings
    }

    private var torSettings: TorSettings? {
        guard isSet("tor.active") else { return nil }
        var tor = TorSettings()
        tor.socks = self["tor.socks"].flatMap { PeerEndpoint($0) } ?? tor.socks
        tor.isolatesStreams = isSet("tor.streamisolation")
        tor.skipsClearnet = isSet("tor.skip-proxy-for-clearnet-targets")
        return tor
    }

    /// The Tor service through which peers reach the node; nil where none is wanted.
    func torService(listening: [PeerEndpoint]) throws -> TorServiceSettings? {
        guard isSet("tor.v3") else { return nil }
        guard isSet("tor.active") else { throw UsageError("tor.v3 needs tor.active with it") }
        guard let port = listening.first?.port else {
            throw UsageError("tor.v3 needs a port to listen on: leave out nolisten")
        }
        guard let control = self["tor.control"].flatMap({ PeerEndpoint($0) }) else {
            throw UsageError("tor.control must be HOST:PORT")
        }
        var service = TorServiceSettings(
            control: control,
            target: PeerEndpoint(host: self["tor.targetipaddress"] ?? "127.0.0.1", port: port),
            keyPath: path("tor.privatekeypath") ?? networkFolder + "/v3_onion_private_key")
        service.password = self["tor.password"]
        return service
    }

    /// What the node offers and allows, with where it is reached.
    func nodeSettings(reachedAt addresses: [PeerEndpoint]) throws -> NodeSettings {
        var settings = NodeSettings()
        var policy = NodePolicy()
        policy.identity.alias = self["alias"] ?? ""
        if let color = self["color"].flatMap({ NodeIdentity.Color($0) }) {
            policy.identity.color = color
        }
        policy.identity.addresses = addresses.compactMap { AddressDescriptor($0) }
        policy.channels.pendingPerPeer = integer("maxpendingchannels")
        policy.channels.minimumAmount = Satoshi(Int64(integer("minchansize")))
        policy.channels.maximumAmount = self["maxchansize"].flatMap { Int64($0) }.map {
            Satoshi($0)
        }
        if let depth = self["dev-funding-depth"].flatMap({ UInt32($0) }) {
            policy.channels.minimumDepth = depth
        }
        if let silence = milliseconds("dev-ping") {
            policy.pingAfter = max(1, silence / 1_000)
            policy.pongWithin = max(1, silence / 1_000)
        }
        policy.invoices = InvoicePolicy(
            network: network, acceptsKeysend: isSet("accept-keysend"))
        if let timeout = milliseconds("dev-set-timeout") {
            policy.invoices?.setTimeout = timeout
        }
        settings.policy = policy
        settings.fixedKeys = try path("dev-keys").map { try FixedKeys(file: $0) }
        return settings
    }

    private func milliseconds(_ name: String) -> UInt64? {
        self[name].flatMap { Milliseconds($0)?.value }
    }
}

extension FixedKeys {
    /// Reads the keys of `--dev-keys`: an object of lower-case hexadecimal numbers of 32 bytes.
    init(file path: String) throws {
        let bytes: [UInt8]
        switch SmallFile.read(path) {
        case .success(let contents): bytes = contents
        case .failure(let error): throw UsageError("dev-keys: cannot read \(path): \(error.reason)")
        }
        guard let object = try? JSONValue(parsing: bytes) else {
            throw UsageError("dev-keys: \(path) is not JSON")
        }
        func secret(_ name: String) throws -> [UInt8] {
            guard let text = object[name]?.string, let bytes = try? Hex.decode(text),
                bytes.count == 32
            else { throw UsageError("dev-keys: \(name) must be 64 hexadecimal digits") }
            return bytes
        }
        func key(_ name: String) throws -> PrivateKey {
            guard let key = try? PrivateKey(secret(name)) else {
                throw UsageError("dev-keys: \(name) must be a private key, 64 hexadecimal digits")
            }
            return key
        }
        self.init(
            node: try key("node_private_key"),
            channels: FixedChannelKeys(
                funding: try key("funding_private_key"),
                revocation: try key("revocation_basepoint_secret"),
                payment: try key("payment_basepoint_secret"),
                delayedPayment: try key("delayed_payment_basepoint_secret"),
                htlc: try key("htlc_basepoint_secret"),
                perCommitmentSeed: SecretBytes(try secret("per_commitment_seed"))))
    }
}
