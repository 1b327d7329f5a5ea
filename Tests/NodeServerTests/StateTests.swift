import Glibc
import HTTP
import HTTPClient
import NodeAPI
import NodeServer
import Testing

/// Which calls are let through while there is no wallet, while it is locked, and after.
struct StateTests {
    static let noWallet =
        #"500 {"code":2,"message":"wallet not created, create one to enable full RPC access","details":[]}"#
    static let locked =
        #"500 {"code":2,"message":"wallet locked, unlock it to enable full RPC access","details":[]}"#

    @Test("from no wallet to an open one")
    func create() throws {
        let server = try TestServer(.nonExisting)
        let client = try server.client()
        let admin = server.directory + "/data/chain/bitcoin/regtest/admin.macaroon"
        #expect(try client.call(.get, "/v1/state") == #"200 {"state":"NON_EXISTING"}"#)
        #expect(try client.call(.get, "/v1/getinfo") == Self.noWallet)
        #expect(
            try client.call(.get, "/v1/genseed")
                == #"200 {"cipher_seed_mnemonic":["abandon","about"],"enciphered_seed":"//4="}"#)
        #expect(
            try client.call(.post, "/v1/initwallet", #"{"wallet_password":"c2hvcnQ="}"#).hasPrefix(
                #"400 {"code":3,"#))
        #expect(access(admin, F_OK) != 0)
        let answer = try client.call(
            .post, "/v1/initwallet",
            #"{"wallet_password":"cGFzc3dvcmQ=","cipher_seed_mnemonic":["abandon"]}"#)
        #expect(answer.hasPrefix(#"200 {"admin_macaroon":"Ag"#))
        #expect(access(admin, F_OK) == 0)
        #expect(try client.call(.get, "/v1/state") == #"200 {"state":"SERVER_ACTIVE"}"#)
        #expect(
            try client.call(.get, "/v1/genseed")
                == #"500 {"code":2,"message":"wallet already unlocked, WalletUnlocker service is no longer available","details":[]}"#
        )
        #expect(try client.call(.get, "/v1/getinfo").hasPrefix("401 "))
    }

    @Test("macaroons can be kept out of files")
    func stateless() throws {
        let server = try TestServer(.nonExisting)
        let answer = try server.client().call(
            .post, "/v1/initwallet", #"{"wallet_password":"cGFzc3dvcmQ=","stateless_init":true}"#)
        #expect(answer.hasPrefix(#"200 {"admin_macaroon":"Ag"#))
        #expect(access(server.directory + "/data/chain/bitcoin/regtest/admin.macaroon", F_OK) != 0)
    }

    @Test("a locked wallet answers the unlocker alone")
    func unlock() throws {
        let server = try TestServer(.locked)
        let client = try server.client()
        let admin = try server.client(server.macaroon())
        #expect(try admin.call(.get, "/v1/getinfo") == Self.locked)
        #expect(try client.call(.post, "/v1/stop") == Self.locked)
        #expect(
            try client.call(.post, "/v1/unlockwallet", #"{"wallet_password":"cGFzc3dvcmQ="}"#)
                == "200 {}")
        #expect(try admin.call(.get, "/v1/getinfo").hasPrefix("200 "))
    }

    @Test("a new root key makes the macaroons before it void")
    func newRootKey() throws {
        let server = try TestServer()
        let before = try server.client(server.macaroon())
        #expect(try before.call(.get, "/v1/getinfo").hasPrefix("200 "))
        server.node.set(.locked)
        _ = try before.call(
            .post, "/v1/changepassword",
            #"{"current_password":"","new_password":"","new_macaroon_root_key":true}"#)
        #expect(try before.call(.get, "/v1/getinfo").contains("signature mismatch"))
        let after = try server.client(server.macaroon())
        #expect(try after.call(.get, "/v1/getinfo").hasPrefix("200 "))
    }
}
