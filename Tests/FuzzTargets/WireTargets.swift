import Bitcoin
import LightningWire

extension FuzzTarget {
    /// A target for each message of the Lightning protocol, and one for all that begin with a type.
    static let wire: [FuzzTarget] = {
        let messages = Message.all.map { message($0) }
        let seeds = zip(Message.all, messages).flatMap { type, target in
            target.seeds.map { [UInt8(type.type >> 8), UInt8(type.type & 0xff)] + $0 }
        }
        let any = codec(
            "message", seeds: seeds, isCanonical: true,
            decode: { try Message(decoding: $0) }, encode: \.encoded)
        return [any] + messages
    }()

    private static func message<M: LightningMessage>(_ type: M.Type) -> FuzzTarget {
        codec(
            "message-\(M.name)", seeds: [shortestPayload(of: type)], isCanonical: true,
            decode: { try M(payload: $0) }, encode: { Array($0.encoded.dropFirst(2)) })
    }

    /// The shortest payload of one byte, repeated, that the message's decoder takes; a few bytes that it
    /// refuses where there is none. A byte of 2 begins a public key.
    private static func shortestPayload<M: LightningMessage>(of type: M.Type) -> [UInt8] {
        for length in 0..<1600 {
            for byte in [0, 2] as [UInt8] {
                let payload = Array(repeating: byte, count: length)
                if (try? M(payload: payload)) != nil { return payload }
            }
        }
        return Array(repeating: 2, count: 64)
    }
}
