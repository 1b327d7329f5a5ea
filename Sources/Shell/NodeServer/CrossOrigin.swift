import HTTP

/// Tells browsers which pages of other origins may use the interface (the Fetch standard's CORS), as lnd's `restcors` does.
enum CrossOrigin {
    /// The fields for the answer to a request, which is none from a browser's page where it names no origin.
    static func headers(
        allowing origins: [String]
    ) -> @Sendable (HTTPRequestHead) -> HTTPHeaders {
        guard !origins.isEmpty else { return { _ in [:] } }
        return { request in
            guard let origin = request.headers["Origin"] else { return [:] }
            guard origins.contains("*") || origins.contains(origin) else {
                return ["Vary": "Origin"]
            }
            return [
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Headers": "Content-Type, Accept, Grpc-Metadata-Macaroon",
                "Access-Control-Allow-Methods": "GET, POST, DELETE",
                "Vary": "Origin",
            ]
        }
    }
}
