import CTLS
import Glibc

/// A certificate and key made ready for connections: TLS 1.2 and 1.3, HTTP/1.1 alone.
///
/// Unchecked sendability: OpenSSL counts references to a context with atomics, and it is not changed after `init`.
final class TLSServerContext: @unchecked Sendable {
    let context: OpaquePointer

    init(_ identity: TLSIdentity) throws(HTTPServerError) {
        guard let context = SSL_CTX_new(TLS_server_method()) else {
            throw .system("cannot make a TLS context")
        }
        self.context = context
        salama_tls_set_min_version(context, TLS1_2_VERSION)
        salama_tls_set_max_version(context, TLS1_3_VERSION)
        // Forward secrecy and authenticated encryption also under TLS 1.2, to which some clients are pinned.
        SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL")
        SSL_CTX_set_options(context, salama_tls_options)
        // Sessions are not worth their memory; buffers of idle connections are given back.
        salama_tls_set_cache_off(context)
        salama_tls_set_mode(context, salama_tls_modes)
        SSL_CTX_set_num_tickets(context, 0)
        SSL_CTX_set_alpn_select_cb(
            context,
            { _, out, outLength, offered, length, _ in
                selectHTTP11(out, outLength, offered, length)
            }, nil)
        guard SSL_CTX_use_certificate_chain_file(context, identity.certificatePath) == 1 else {
            throw .badIdentity(path: identity.certificatePath, reason: Self.lastError())
        }
        guard SSL_CTX_use_PrivateKey_file(context, identity.keyPath, SSL_FILETYPE_PEM) == 1,
            SSL_CTX_check_private_key(context) == 1
        else { throw .badIdentity(path: identity.keyPath, reason: Self.lastError()) }
    }

    deinit { SSL_CTX_free(context) }

    private static func lastError() -> String {
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(ERR_get_error(), &text, text.count)
        ERR_clear_error()
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Picks `http/1.1` from the client's list (RFC 7301); a client that offers only others goes on without.
private func selectHTTP11(
    _ out: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ outLength: UnsafeMutablePointer<UInt8>?, _ offered: UnsafePointer<UInt8>?, _ length: UInt32
) -> Int32 {
    guard let offered else { return SSL_TLSEXT_ERR_NOACK }
    let wanted = Array("http/1.1".utf8)
    var position = 0
    while position < Int(length) {
        let count = Int(offered[position])
        position += 1
        guard position + count <= Int(length) else { break }
        if count == wanted.count, (0..<count).allSatisfy({ offered[position + $0] == wanted[$0] }) {
            out?.pointee = offered + position
            outLength?.pointee = UInt8(count)
            return SSL_TLSEXT_ERR_OK
        }
        position += count
    }
    return SSL_TLSEXT_ERR_NOACK
}
