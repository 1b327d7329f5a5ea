import Bitcoin
import Glibc
import HTTP
import HTTPClient
import NodeStorage

/// A node's REST interface as a program uses it that cares for speed: kept connections, and answers that are looked at
/// without being parsed.
struct LoadClient: Sendable {
    private let http: HTTPClient

    /// A client of that node, to be used by one thread.
    ///
    /// A request that takes longer than `timeout` seconds is given up.
    init(_ node: LocalNode, timeout: Double = 120) throws {
        let configuration = node.configuration
        guard let endpoint = configuration.runningAddress.flatMap({ HostAndPort($0) }) else {
            throw CommandFailure("\(node.name) does not run")
        }
        var settings = HTTPClientConfiguration()
        settings.trust = .certificateFile(configuration.certificatePath)
        settings.timeout = timeout
        switch SmallFile.read(configuration.adminMacaroonPath, limit: 1 << 16) {
        case .success(let bytes): settings.headers["Grpc-Metadata-Macaroon"] = Hex.encode(bytes)
        case .failure(let error):
            throw CommandFailure("\(node.name) has no macaroon: \(error.reason)")
        }
        http = try HTTPClient(
            HTTPURL(isSecure: true, host: endpoint.host, port: endpoint.port), settings)
    }

    /// Makes an invoice over so many millisatoshi.
    func invoice(_ amount: UInt64) throws -> String {
        let answer = try http.request(
            .post, "/v1/invoices", body: Array("{\"value_msat\":\"\(amount)\"}".utf8)
        ).body
        guard let text = answer.text(of: "payment_request") else {
            throw CommandFailure("no invoice: \(String(decoding: answer, as: UTF8.self))")
        }
        return text
    }

    /// Pays an invoice as lncli does; throws where that fails.
    func pay(_ request: String) throws {
        let body =
            "{\"payment_request\":\"\(request)\",\"timeout_seconds\":60,"
            + "\"fee_limit_msat\":\"100000\",\"no_inflight_updates\":true}"
        let answer = try http.request(.post, "/v2/router/send", body: Array(body.utf8)).body
        guard answer.position(of: Self.success) != nil else {
            throw CommandFailure("not paid: \(String(decoding: answer, as: UTF8.self))")
        }
    }

    /// What a payer was told of a payment.
    enum Outcome: Sendable {
        case paid, failed
        /// The connection ended before the answer.
        case unknown
    }

    /// Makes an invoice over so many millisatoshi, and answers the first eight bytes of its payment hash too.
    func offer(_ amount: UInt64) throws -> (request: String, hash: UInt64) {
        let answer = try http.request(
            .post, "/v1/invoices", body: Array("{\"value_msat\":\"\(amount)\"}".utf8)
        ).body
        guard let request = answer.text(of: "payment_request"),
            let hash = answer.text(of: "r_hash")
        else { throw CommandFailure("no invoice: \(String(decoding: answer, as: UTF8.self))") }
        return (request, try Base64.decode(hash).firstNumber)
    }

    /// Pays an invoice and answers what the payer is told, with the reason where it was not paid.
    func send(_ request: String) -> (Outcome, reason: String) {
        let body =
            "{\"payment_request\":\"\(request)\",\"timeout_seconds\":20,"
            + "\"fee_limit_msat\":\"100000\",\"no_inflight_updates\":true}"
        do {
            let answer = try http.request(.post, "/v2/router/send", body: Array(body.utf8)).body
            if answer.position(of: Self.success) != nil { return (.paid, "") }
            return (
                .failed, answer.text(of: "failure_reason") ?? answer.text(of: "message") ?? "other"
            )
        } catch {
            return (.unknown, "no answer")
        }
    }

    private static let success = "\"failure_reason\":\"FAILURE_REASON_NONE\""

    /// What the node says to Prometheus: the number behind each name.
    func metrics() throws -> [String: Double] {
        let text = String(decoding: try http.request(.get, "/metrics").body, as: UTF8.self)
        var figures: [String: Double] = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            guard words.count == 2, let value = Double(words[1]) else { continue }
            figures[String(words[0])] = value
        }
        return figures
    }
}

extension [UInt8] {
    /// The text behind the first member of that name, which holds no escapes; nil where there is none.
    fileprivate func text(of member: String) -> String? {
        let name = "\"\(member)\":\""
        guard let start = position(of: name) else { return nil }
        let text = self[(start + name.utf8.count)...].prefix { $0 != UInt8(ascii: "\"") }
        return String(decoding: text, as: UTF8.self)
    }

    /// The first eight bytes as a number.
    var firstNumber: UInt64 { prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }

    /// Where `part` begins for the first time; nil where it is not there. Neither holds a zero.
    fileprivate func position(of part: String) -> Int? {
        (self + [0]).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                guard let start = characters.baseAddress, let found = strstr(start, part) else {
                    return nil
                }
                return UnsafePointer(start).distance(to: UnsafePointer(found))
            }
        }
    }
}
