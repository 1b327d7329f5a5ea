import JSON
import Testing

struct JSONTests {
    @Test(
        "what is parsed is written again",
        arguments: [
            "null", "true", "false", "0", "-1", "1.5e+10", "21000000.00000001", "\"\"", "[]", "{}",
            "[1,[2,{\"a\":null}],\"x\"]", "{\"b\":1,\"a\":2}", "\"é😀\"",
            "123456789012345678901234567890",
        ])
    func roundTrip(_ text: String) throws {
        #expect(String(decoding: try JSONValue(parsing: text).serialized(), as: UTF8.self) == text)
    }

    @Test("escapes are read and, where they must be, written")
    func escapes() throws {
        let value = try JSONValue(parsing: #""\"\\\/\b\f\n\r\t\u0041\ud83d\ude00\u0000""#)
        #expect(value.string == "\"\\/\u{8}\u{c}\n\r\tA😀\0")
        #expect(
            String(decoding: value.serialized(), as: UTF8.self)
                == #""\"\\/\b\f\n\r\tA😀\u0000""#)
    }

    @Test(
        "what is no JSON is refused",
        arguments: [
            "", " ", "nul", "tru", "01", "-", "1.", ".5", "1e", "+1", "0x1", "NaN", "[1,]", "[,]",
            "[1", "{\"a\"}", "{\"a\":}", "{a:1}", "{\"a\":1,}", "\"", "\"\\", "\"\\x\"",
            "\"\\u12\"",
            "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"a\nb\"", "1 2", "[]]", "'a'",
            "\u{feff}1",
        ])
    func refused(_ text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test("bytes that are no UTF-8 are refused")
    func invalidUTF8() {
        for bytes: [UInt8] in [
            [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
        ] {
            #expect(throws: JSONError.invalidUTF8(position: 0)) {
                try JSONValue(parsing: [0x22] + bytes + [0x22])
            }
        }
    }

    @Test("depth and size are bounded, and the bounds are exact")
    func limits() throws {
        let limits = JSONValue.Limits(size: 1000, depth: 3)
        _ = try JSONValue(parsing: "[[[]]]", limits: limits)
        #expect(throws: JSONError.tooDeep(limit: 3, position: 3)) {
            try JSONValue(parsing: "[[[[]]]]", limits: limits)
        }
        #expect(throws: JSONError.tooLarge(limit: 1000, actual: 1001)) {
            try JSONValue(parsing: String(repeating: " ", count: 1000) + "1", limits: limits)
        }
        #expect(throws: JSONError.self) {
            try JSONValue(parsing: String(repeating: "[", count: 1_000_000))
        }
    }

    @Test("an error names the byte and its place")
    func errors() {
        #expect(throws: JSONError.unexpectedByte(UInt8(ascii: "}"), position: 5)) {
            try JSONValue(parsing: "{\"a\":}")
        }
        #expect(
            JSONError.unexpectedByte(UInt8(ascii: "}"), position: 5).description
                == "unexpected '}' at byte 5 of the JSON text")
    }

    @Test("of a name that comes twice the last value counts")
    func duplicates() throws {
        #expect(try JSONValue(parsing: #"{"a":1,"a":2}"#)["a"] == 2)
    }

    @Test("people's form breaks lines")
    func pretty() throws {
        #expect(
            try JSONValue(parsing: #"{"a":[1,{}],"b":[]}"#).prettyPrinted()
                == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}")
    }

    @Test(
        "base 64 of RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func base64(_ plain: String, _ encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
        #expect(Base64.decode(encoded.filter { $0 != "=" }) == Array(plain.utf8))
    }

    @Test("both alphabets of base 64 are read, and what is neither is refused")
    func base64Alphabets() {
        #expect(Base64.decode("-_-_") == Base64.decode("+/+/"))
        #expect(Base64.encodeURL([0xfb, 0xff]) == "-_8=")
        #expect(Base64.encodeURL([0xfb, 0xff], padded: false) == "-_8")
        for text in ["A", "AB=", "A===", "AAAA=", "AB==C", "A B=", "Zh==", "=", "é"] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
    }
}
