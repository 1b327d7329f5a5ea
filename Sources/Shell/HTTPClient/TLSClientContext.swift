import CTLS
import Glibc
import HTTP

/// What a client's encrypted connections have in common.
///
/// Unchecked sendability: OpenSSL counts references to a context with atomics, and it is not changed after `init`.
final class TLSClientContext: @unchecked Sendable {
    private let context: OpaquePointer
    private let verifies: Bool

    init(_ trust: HTTPClientConfiguration.Trust) throws(HTTPClientError) {
        // OpenSSL writes to its sockets without MSG_NOSIGNAL: a server that goes away must not end the process.
        signal(SIGPIPE, SIG_IGN)
        guard let context = SSL_CTX_new(TLS_client_method()) else {
            throw .tls(host: "any host", reason: "cannot make a TLS context")
        }
        self.context = context
        salama_tls_set_min_version(context, TLS1_2_VERSION)
        salama_tls_set_mode(context, salama_tls_modes)
        switch trust {
        case .system:
            verifies = true
            SSL_CTX_set_default_verify_paths(context)
        case .certificateFile(let path):
            verifies = true
            guard SSL_CTX_load_verify_locations(context, path, nil) == 1 else {
                let reason = access(path, R_OK) == 0 ? "no PEM certificate in it" : "cannot be read"
                ERR_clear_error()
                throw .badCertificateFile(path: path, reason: reason)
            }
        case .anyone: verifies = false
        }
        SSL_CTX_set_verify(context, verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nil)
    }

    deinit { SSL_CTX_free(context) }

    /// A session on a connected socket that takes no certificate but one for `host`.
    func session(descriptor: Int32, host: String) throws(HTTPClientError) -> OpaquePointer {
        guard let tls = SSL_new(context), SSL_set_fd(tls, descriptor) == 1 else {
            throw .tls(host: host, reason: "no memory")
        }
        var address = in6_addr()
        let isAddress =
            inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1
        if isAddress {
            X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host)
        } else {
            SSL_set1_host(tls, host)
            var name = Array(host.utf8CString)
            salama_tls_set_server_name(tls, &name)
        }
        return tls
    }

    /// What went wrong last, in words.
    static func reason(_ tls: OpaquePointer?) -> String {
        let verification = SSL_get_verify_result(tls)
        let code = ERR_get_error()
        ERR_clear_error()
        if verification != X509_V_OK {
            return "certificate: " + String(cString: X509_verify_cert_error_string(verification))
        }
        if code != 0, let text = ERR_reason_error_string(code) { return String(cString: text) }
        return errno == 0 ? "connection closed" : String(cString: strerror(errno))
    }
}
