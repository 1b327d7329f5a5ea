import HTTP
import JSON
import NodeServer

extension FuzzTarget {
    /// What comes over HTTP.
    static let web: [FuzzTarget] = [
        codec(
            "json",
            seeds: [
                #"{"a":[1,-2.5e3,true,null,"\u00e9\n"],"b":{"c":{}}}"#, "[[[]]]",
                "\"\\ud83d\\ude00\"",
            ].map { Array($0.utf8) },
            decode: { try JSONValue(parsing: $0) }, encode: { $0.serialized() }),
        codec(
            "base64", seeds: ["", "Zg==", "Zm9vYmFy", "_-8="].map { Array($0.utf8) },
            decode: { input in
                guard let text = String(validating: input, as: UTF8.self),
                    let bytes = Base64.decode(text)
                else { throw FuzzFailure("no base 64") }
                return bytes
            },
            encode: { Array(Base64.encode($0).utf8) }),
        codec(
            "macaroon",
            seeds: [Macaroon(location: "lnd", identifier: [3, 1], rootKey: [1]).encoded()],
            decode: { try Macaroon(decoding: $0) }, encode: { $0.encoded() }),
        FuzzTarget("http-request", seeds: requests.map { Array($0.utf8) }, run: readRequest),
        FuzzTarget(
            "websocket",
            seeds: [
                WebSocketMessage.text("hello").frame(mask: [1, 2, 3, 4]),
                WebSocketMessage.close(code: 1000, reason: "done").frame(mask: [0, 0, 0, 0]),
                [0x01, 0x81, 0, 0, 0, 0, 0x41, 0x80, 0x81, 0, 0, 0, 0, 0x42],
            ],
            run: readFrames),
    ]

    private static let requests = [
        "GET /v1/getinfo?a=b%20c&d HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "POST /v1/x HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
        "POST /v1/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ]

    /// A request is read alike whether its body arrives at once or byte by byte.
    private static func readRequest(_ input: [UInt8]) throws {
        guard let end = HTTPHead.end(in: input),
            let head = try? HTTPHead(parsing: input[..<end]),
            let request = try? HTTPRequestHead(head)
        else { return }
        let whole = body(input[end...], request.headers, step: .max)
        let pieces = body(input[end...], request.headers, step: 1)
        guard whole == pieces else {
            throw FuzzFailure("the body depends on how it is cut: \(whole) or \(pieces)")
        }
    }

    private struct Body: Equatable {
        var content: [UInt8] = []
        var isComplete = false
        var failed = false
    }

    private static func body(
        _ input: ArraySlice<UInt8>, _ headers: HTTPHeaders, step: Int
    ) -> Body {
        var result = Body()
        do {
            var decoder = try HTTPBodyDecoder(requestHeaders: headers, limit: 1 << 16)
            var (waiting, rest) = (ArraySlice<UInt8>(), input)
            while !rest.isEmpty, !decoder.isComplete {
                waiting = ArraySlice(Array(waiting) + rest.prefix(step))
                rest = rest.dropFirst(step)
                try decoder.take(from: &waiting, into: &result.content)
            }
            result.isComplete = decoder.isComplete
        } catch {
            // How much was taken before a failure is of no account.
            result = Body(failed: true)
        }
        return result
    }

    /// What was read is written as one frame and read again.
    private static func readFrames(_ input: [UInt8]) throws {
        var decoder = WebSocketDecoder(fromClient: true, limit: 1 << 16)
        decoder.append(input)
        while let message = try? decoder.next() {
            var other = WebSocketDecoder(fromClient: false, limit: 1 << 16)
            other.append(message.frame(mask: nil))
            guard try other.next() == message else {
                throw FuzzFailure("\(message) is another message after a round trip")
            }
        }
    }
}
