import Bitcoin
import Glibc
import HTTPClient
import JSON
import NodeAPI
import NodeServer
import Testing

struct MacaroonTests {
    @Test("libmacaroons' tutorial: signatures over an identifier and three caveats")
    func libmacaroons() {
        let key = Array("this is our super secret key; only we should know it".utf8)
        var macaroon = Macaroon(
            location: "http://mybank/", identifier: Array("we used our secret key".utf8),
            rootKey: key)
        #expect(
            Hex.encode(macaroon.signature)
                == "e3d9e02908526c4c0039ae15114115d97fdd68bf2ba379b342aaf0f617d0552f")
        macaroon.add(caveat: "account = 3735928559")
        #expect(
            Hex.encode(macaroon.signature)
                == "1efe4763f290dbce0c1d08477367e11f4eee456a64933cf662d79772dbb82128")
        macaroon.add(caveat: "time < 2020-01-01T00:00")
        macaroon.add(caveat: "email = alice@example.org")
        #expect(
            Hex.encode(macaroon.signature)
                == "ddf553e46083e55b8d71ab822be3d8fcf21d6bf19c40d617bb9fb438934474b6")
        #expect(macaroon.isSigned(with: key))
        #expect(!macaroon.isSigned(with: key + [0]))
    }

    @Test("format 2 is written field by field, and read again")
    func format() throws {
        var macaroon = Macaroon(location: "lnd", identifier: [1, 2], rootKey: [9])
        macaroon.add(caveat: "a")
        let expected = "02" + "01036c6e64" + "02020102" + "00" + "020161" + "00" + "00" + "0620"
        #expect(Hex.encode(macaroon.encoded()) == expected + Hex.encode(macaroon.signature))
        #expect(try Macaroon(decoding: macaroon.encoded()) == macaroon)
    }

    @Test("no truncation, no flipped bit and no tail is accepted")
    func corrupted() throws {
        let key: [UInt8] = [9]
        var macaroon = Macaroon(location: "lnd", identifier: [1, 2], rootKey: key)
        macaroon.add(caveat: "ipaddr 127.0.0.1")
        let bytes = macaroon.encoded()
        for count in bytes.indices {
            #expect(throws: MacaroonError.self) { try Macaroon(decoding: Array(bytes[..<count])) }
        }
        #expect(throws: MacaroonError.malformed) { try Macaroon(decoding: bytes + [0]) }
        // The location is a hint that is not signed: flips begin behind it.
        for position in 6..<bytes.count {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[position] ^= 1 << bit
                let read = try? Macaroon(decoding: flipped)
                #expect(read?.isSigned(with: key) != true, "byte \(position), bit \(bit)")
            }
        }
    }

    @Test("the number of caveats and the size are bounded")
    func bounds() throws {
        var macaroon = Macaroon(location: "", identifier: [1], rootKey: [9])
        for _ in 0..<Macaroon.caveatLimit { macaroon.add(caveat: "x") }
        _ = try Macaroon(decoding: macaroon.encoded())
        macaroon.add(caveat: "x")
        #expect(throws: MacaroonError.tooManyCaveats(limit: 32)) {
            try Macaroon(decoding: macaroon.encoded())
        }
        #expect(throws: MacaroonError.tooLarge(limit: 8192)) {
            try Macaroon(decoding: [2] + [UInt8](repeating: 0, count: 8192))
        }
    }

    @Test("a macaroon does what it allows and nothing else")
    func permissions() throws {
        let server = try TestServer()
        let readOnly = try server.client(server.macaroon(Permission.readOnly))
        #expect(try readOnly.call(.get, "/v1/getinfo").hasPrefix("200 "))
        #expect(
            try readOnly.call(.post, "/v1/transactions", "{}")
                == #"403 {"code":7,"message":"permission denied","details":[]}"#)
        let invoice = try server.client(server.macaroon(Permission.invoice))
        #expect(try invoice.call(.get, "/v1/newaddress").hasPrefix("200 "))
        #expect(try invoice.call(.get, "/v1/getinfo").hasPrefix("403 "))
        let single = try server.client(
            server.macaroon([Permission("uri", "/lnrpc.Lightning/GetInfo")]))
        #expect(try single.call(.get, "/v1/getinfo").hasPrefix("200 "))
        #expect(try single.call(.get, "/v1/transactions").hasPrefix("403 "))
        #expect(server.node.asked.allSatisfy { !$0.contains("addr\"") })
    }

    @Test(
        "caveats narrow",
        arguments: [
            ("ipaddr 127.0.0.1", 200), ("ipaddr ::ffff:127.0.0.1", 200), ("ipaddr 10.0.0.1", 401),
            ("ipaddr", 401), ("iprange 127.0.0.0/8", 200), ("iprange 10.0.0.0/8", 401),
            ("iprange 0.0.0.0/0", 200), ("iprange 127.0.0.1/33", 401),
            ("time-before 2100-01-01T00:00:00Z", 200),
            ("time-before 2100-01-01T00:00:00.123456789+02:00", 200),
            ("time-before 2020-01-01T00:00:00Z", 401), ("time-before never", 401),
            ("lnd-custom x y", 401), ("", 401),
        ])
    func caveats(_ caveat: String, _ status: Int) throws {
        let server = try TestServer()
        var macaroon = try server.macaroon()
        macaroon.add(caveat: caveat)
        #expect(try server.client(macaroon).call(.get, "/v1/getinfo").hasPrefix("\(status) "))
    }

    @Test(
        "forgeries are refused",
        arguments: ["", "00", "zz", "0202", String(repeating: "ab", count: 9000)])
    func forgeries(_ text: String) throws {
        let server = try TestServer()
        let answer = try server.client().request(
            .get, "/v1/getinfo", headers: ["Grpc-Metadata-Macaroon": text])
        #expect(answer.status.code == 401)
    }

    @Test("a macaroon of another node is refused")
    func stranger() throws {
        let server = try TestServer()
        let other = try TestServer()
        let answer = try server.client(other.macaroon()).call(.get, "/v1/getinfo")
        #expect(answer.hasPrefix("401 ") && answer.contains("signature mismatch"))
    }

    @Test("macaroons are baked, listed, checked and made void over the interface")
    func bake() throws {
        let server = try TestServer()
        let admin = try server.client(server.macaroon())
        let answer = try admin.request(
            .post, "/v1/macaroon",
            body: Array(
                #"{"permissions":[{"entity":"info","action":"read"}],"root_key_id":"7"}"#.utf8))
        let hex = try #require(try JSONValue(parsing: answer.body)["macaroon"]?.string)
        let macaroon = try Macaroon(decoding: Hex.decode(hex))
        let baked = try server.client(macaroon)
        #expect(try baked.call(.get, "/v1/getinfo").hasPrefix("200 "))
        #expect(try baked.call(.get, "/v1/balance/blockchain").hasPrefix("403 "))
        #expect(try admin.call(.get, "/v1/macaroon/ids") == #"200 {"root_key_ids":["0","7"]}"#)
        let check =
            #"{"macaroon":"\#(Base64.encode(macaroon.encoded()))","permissions":[{"entity":"info","action":"read"}]}"#
        #expect(
            try admin.call(.post, "/v1/macaroon/checkpermissions", check) == #"200 {"valid":true}"#)
        #expect(try admin.call(.delete, "/v1/macaroon/0").hasPrefix("500 "))
        #expect(try admin.call(.delete, "/v1/macaroon/7") == #"200 {"deleted":true}"#)
        #expect(try baked.call(.get, "/v1/getinfo").hasPrefix("401 "))
        #expect(
            try admin.call(
                .post, "/v1/macaroon", #"{"permissions":[{"entity":"money","action":"print"}]}"#
            ).hasPrefix("400 "))
        #expect(try admin.call(.post, "/v1/macaroon", "{}").hasPrefix("400 "))
    }

    @Test("the files are there, for their owner alone, and survive a restart")
    func files() throws {
        let server = try TestServer()
        let directory = server.directory + "/data/chain/bitcoin/regtest"
        for (name, mode) in [
            ("admin.macaroon", 0o600), ("readonly.macaroon", 0o640), ("invoice.macaroon", 0o640),
            ("macaroon-root-keys.json", 0o600),
        ] {
            var status = stat()
            #expect(stat("\(directory)/\(name)", &status) == 0, "\(name)")
            #expect(Int(status.st_mode & 0o777) & ~mode == 0, "\(name)")
        }
        let macaroon = try server.macaroon()
        let again = try MacaroonService(directory: directory)
        try again.check(
            macaroon.hex, for: [Permission("info", "read")], method: "", address: "127.0.0.1")
    }
}
