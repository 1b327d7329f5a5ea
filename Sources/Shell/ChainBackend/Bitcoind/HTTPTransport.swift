import HTTP
import HTTPClient

/// bitcoind's server over a bounded number of kept connections.
final class HTTPTransport: BitcoindTransport {
    private let ordinary: HTTPClient
    private let brief: HTTPClient
    private let large: HTTPClient
    private let timeout: Duration
    /// How many more requests may be under way: bitcoind has a queue of its own, which overflows with an error.
    private let free: Guarded<Int>

    init(_ configuration: BitcoindConfiguration) throws(ChainError) {
        timeout = configuration.callTimeout
        free = Guarded(max(configuration.connections, 1))
        let url = HTTPURL(isSecure: false, host: configuration.host, port: configuration.port)
        do throws(HTTPClientError) {
            ordinary = try HTTPClient(url, Self.settings(.ordinary, configuration))
            brief = try HTTPClient(url, Self.settings(.brief, configuration))
            large = try HTTPClient(url, Self.settings(.large, configuration))
        } catch {
            throw .unavailable(reason: "\(error)")
        }
    }

    private static func settings(
        _ bounds: BitcoindBounds, _ configuration: BitcoindConfiguration
    ) -> HTTPClientConfiguration {
        var settings = HTTPClientConfiguration()
        settings.timeout = bounds.time(configuration.callTimeout).seconds
        settings.connectTimeout = min(settings.timeout, 5)
        settings.bodyLimit = bounds.size
        return settings
    }

    func send(_ request: BitcoindRequest) throws(BitcoindTransportError) -> BitcoindReply {
        let client =
            switch request.bounds {
            case .ordinary: ordinary
            case .brief: brief
            case .large: large
            }
        var headers: HTTPHeaders = [:]
        if let authorization = request.authorization {
            headers.append("Authorization", authorization)
            headers.append("Content-Type", "application/json")
        }
        try takeTurn()
        defer { free.change { $0 += 1 } }
        do throws(HTTPClientError) {
            let response = try client.request(
                request.body == nil ? .get : .post, request.path, headers: headers,
                body: request.body ?? [])
            return BitcoindReply(status: response.status.code, body: response.body)
        } catch {
            switch error {
            case .timedOut: throw .timedOut(reason: "\(error)")
            case .badMessage: throw .malformed(detail: "\(error)")
            case .unknownHost, .cannotConnect, .tls, .badCertificateFile, .closed, .broken,
                .badWebSocket:
                throw .unreachable(reason: "\(error)")
            }
        }
    }

    private func takeTurn() throws(BitcoindTransportError) {
        let turn: Void? = free.wait(until: .now + timeout) { free -> Void? in
            guard free > 0 else { return nil }
            free -= 1
            return ()
        }
        guard turn != nil else {
            throw .timedOut(reason: "all connections to bitcoind are busy")
        }
    }
}

extension Duration {
    /// The duration as the HTTP client takes it.
    fileprivate var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
