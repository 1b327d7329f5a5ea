#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// The macros of OpenSSL that Swift does not import.
static inline long salama_tls_set_min_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}
static inline long salama_tls_set_max_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_max_proto_version(context, version);
}
static inline long salama_tls_set_mode(SSL_CTX *context, long mode) {
    return SSL_CTX_set_mode(context, mode);
}
static inline long salama_tls_set_cache_off(SSL_CTX *context) {
    return SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}
static inline long salama_tls_set_server_name(SSL *ssl, char *name) {
    return SSL_set_tlsext_host_name(ssl, name);
}
static inline EVP_PKEY *salama_generate_p256(void) { return EVP_EC_gen("P-256"); }
static inline unsigned long salama_bio_contents(BIO *bio, char **contents) {
    long length = BIO_get_mem_data(bio, contents);
    return length < 0 ? 0 : (unsigned long)length;
}
static const unsigned long long salama_tls_options =
    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE;
static const long salama_tls_modes =
    SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER;
