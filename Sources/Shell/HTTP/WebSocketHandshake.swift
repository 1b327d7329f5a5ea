import Bitcoin
import JSON

/// The opening handshake (RFC 6455, section 4).
public enum WebSocketHandshake {
    /// The header fields of a client's request, for 16 random bytes.
    public static func request(nonce: [UInt8], subprotocols: [String] = []) -> HTTPHeaders {
        var headers: HTTPHeaders = [
            "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": Base64.encode(nonce),
        ]
        if !subprotocols.isEmpty {
            headers.append("Sec-WebSocket-Protocol", subprotocols.joined(separator: ", "))
        }
        return headers
    }

    /// Whether the fields ask for a WebSocket.
    public static func isRequested(_ headers: HTTPHeaders) -> Bool {
        headers.contains("upgrade", in: "Connection")
            && headers.contains("websocket", in: "Upgrade")
    }

    /// The header fields of the server's answer.
    public static func answer(
        to headers: HTTPHeaders, subprotocol: String? = nil
    ) throws(WebSocketError) -> HTTPHeaders {
        guard isRequested(headers) else { throw .badHandshake("no upgrade to websocket") }
        guard headers["Sec-WebSocket-Version"] == "13" else {
            throw .badHandshake("version 13 is needed")
        }
        guard let key = headers["Sec-WebSocket-Key"], Base64.decode(key)?.count == 16 else {
            throw .badHandshake("Sec-WebSocket-Key has to be 16 bytes in base64")
        }
        var answer: HTTPHeaders = [
            "Connection": "Upgrade", "Upgrade": "websocket",
            "Sec-WebSocket-Accept": acceptance(of: key),
        ]
        if let subprotocol { answer.append("Sec-WebSocket-Protocol", subprotocol) }
        return answer
    }

    /// Throws where `answer` does not answer the request with this key.
    public static func check(
        answer: HTTPResponseHead, key: String
    ) throws(WebSocketError) {
        guard answer.status == .switchingProtocols else {
            throw .badHandshake("the server answers \(answer.status)")
        }
        guard answer.headers["Sec-WebSocket-Accept"] == acceptance(of: key) else {
            throw .badHandshake("the server's Sec-WebSocket-Accept is wrong")
        }
    }

    /// The subprotocols that the client offers, in order.
    public static func subprotocols(_ headers: HTTPHeaders) -> [String] {
        headers.values("Sec-WebSocket-Protocol").flatMap { value in
            value.split(separator: ",").map { String($0.trimmingBlanks()) }
        }
    }

    private static func acceptance(of key: String) -> String {
        Base64.encode(SHA1.hash(Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)))
    }
}
