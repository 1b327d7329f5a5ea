import Bitcoin
import LightningWire

/// What a finished handshake leaves: who the peer is and the two directions of messages.
public struct EstablishedTransport: ~Copyable, Sendable {
    /// The key that the peer has proven to hold.
    public let remote: NodeID
    public var sender: MessageSender
    public var receiver: MessageReceiver
}

/// The handshake that opens a connection, as a machine over bytes (BOLT 8).
///
/// ```
///   initiator                          responder
///       │ act one: ephemeral key, tag      │   proves that it knows the responder's key
///       │─────────────────────────────────>│
///       │      act two: ephemeral key, tag │   proves that it is the responder
///       │<─────────────────────────────────│
///       │ act three: own key, tag          │   proves who it is
///       │─────────────────────────────────>│
/// ```
public struct TransportHandshake: Sendable {
    /// The number of bytes of acts one and two.
    public static let actLength = 50
    /// The number of bytes of act three.
    public static let lastActLength = 66

    private enum Stage {
        case awaitingActOne
        case awaitingActTwo(remote: PublicKey)
        case awaitingActThree
        case finished(remote: PublicKey)
    }

    private let isInitiator: Bool
    private let local: PrivateKey
    private let ephemeral: PrivateKey
    private var state: NoiseState
    private var stage: Stage
    private var received: [UInt8] = []

    /// Starts a connection to `remote`; answers with the machine and the bytes of act one.
    ///
    /// `ephemeral` is a fresh random key, used for this connection alone.
    public static func initiate(
        local: PrivateKey, remote: PublicKey, ephemeral: PrivateKey
    ) -> (handshake: TransportHandshake, output: [UInt8]) {
        var state = NoiseState(responder: remote)
        let key = ephemeral.publicKey.compressed
        state.mix(key)
        state.mix(secret: ephemeral.sharedSecret(with: remote))
        let tag = state.encrypt([], nonce: 0)
        let handshake = TransportHandshake(
            isInitiator: true, local: local, ephemeral: ephemeral, state: state,
            stage: .awaitingActTwo(remote: remote))
        return (handshake, [0] + key + tag)
    }

    /// Waits for act one of a connection that somebody opened to this node.
    ///
    /// `ephemeral` is a fresh random key, used for this connection alone.
    public static func respond(
        local: PrivateKey, ephemeral: PrivateKey
    ) -> TransportHandshake {
        TransportHandshake(
            isInitiator: false, local: local, ephemeral: ephemeral,
            state: NoiseState(responder: local.publicKey), stage: .awaitingActOne)
    }

    private init(
        isInitiator: Bool, local: PrivateKey, ephemeral: PrivateKey, state: NoiseState,
        stage: Stage
    ) {
        self.isInitiator = isInitiator
        self.local = local
        self.ephemeral = ephemeral
        self.state = state
        self.stage = stage
    }

    /// Takes bytes as they came and answers with the bytes to send; ``isFinished`` tells whether that was all.
    ///
    /// Throws ``TransportError``, after which the connection has to be closed without an answer.
    public mutating func receive(_ bytes: [UInt8]) throws(TransportError) -> [UInt8] {
        received += bytes
        var output: [UInt8] = []
        while let act = takeAct() { output += try process(act) }
        return output
    }

    /// Whether both sides have proven who they are.
    public var isFinished: Bool {
        if case .finished = stage { true } else { false }
    }

    /// The connection, once the handshake is finished; nil before. Bytes that came with the last act are in its receiver.
    public consuming func establish() -> EstablishedTransport? {
        guard case .finished(let remote) = stage else { return nil }
        let keys = state.split()
        let (sending, receiving) =
            isInitiator
            ? (keys.initiatorToResponder, keys.responderToInitiator)
            : (keys.responderToInitiator, keys.initiatorToResponder)
        let chainingKey = state.chainingKey
        let sender = MessageSender(
            CipherState(key: sending, chainingKey: chainingKey, isEncrypting: true))
        var receiver = MessageReceiver(
            CipherState(key: receiving, chainingKey: chainingKey, isEncrypting: false))
        receiver.append(received)
        return EstablishedTransport(
            remote: NodeID(remote), sender: sender, receiver: receiver)
    }

    /// The bytes of the next act, once all of them have arrived.
    private mutating func takeAct() -> [UInt8]? {
        let length: Int
        switch stage {
        case .awaitingActOne, .awaitingActTwo: length = Self.actLength
        case .awaitingActThree: length = Self.lastActLength
        case .finished: return nil
        }
        guard received.count >= length else { return nil }
        defer { received.removeFirst(length) }
        return Array(received[..<length])
    }

    private mutating func process(_ act: [UInt8]) throws(TransportError) -> [UInt8] {
        switch stage {
        case .awaitingActOne: return try receiveActOne(act)
        case .awaitingActTwo(let remote): return try receiveActTwo(act, from: remote)
        case .awaitingActThree:
            try receiveActThree(act)
            return []
        case .finished: return []
        }
    }

    private mutating func receiveActOne(_ act: [UInt8]) throws(TransportError) -> [UInt8] {
        let remoteEphemeral = try readKey(act, number: 1)
        state.mix(secret: local.sharedSecret(with: remoteEphemeral))
        guard state.decrypt(Array(act[34...]), nonce: 0) != nil else {
            throw .invalidTag(act: 1)
        }
        let key = ephemeral.publicKey.compressed
        state.mix(key)
        state.mix(secret: ephemeral.sharedSecret(with: remoteEphemeral))
        stage = .awaitingActThree
        return [0] + key + state.encrypt([], nonce: 0)
    }

    private mutating func receiveActTwo(
        _ act: [UInt8], from remote: PublicKey
    ) throws(TransportError) -> [UInt8] {
        let remoteEphemeral = try readKey(act, number: 2)
        state.mix(secret: ephemeral.sharedSecret(with: remoteEphemeral))
        guard state.decrypt(Array(act[34...]), nonce: 0) != nil else {
            throw .invalidTag(act: 2)
        }
        let ciphertext = state.encrypt(local.publicKey.compressed, nonce: 1)
        state.mix(secret: local.sharedSecret(with: remoteEphemeral))
        let tag = state.encrypt([], nonce: 0)
        stage = .finished(remote: remote)
        return [0] + ciphertext + tag
    }

    private mutating func receiveActThree(_ act: [UInt8]) throws(TransportError) {
        guard act[0] == 0 else { throw .unknownVersion(act: 3, version: act[0]) }
        guard let bytes = state.decrypt(Array(act[1..<50]), nonce: 1) else {
            throw .invalidCiphertext(act: 3)
        }
        guard let remote = try? PublicKey(compressed: bytes) else { throw .invalidKey(act: 3) }
        state.mix(secret: ephemeral.sharedSecret(with: remote))
        guard state.decrypt(Array(act[50...]), nonce: 0) != nil else {
            throw .invalidTag(act: 3)
        }
        stage = .finished(remote: remote)
    }

    /// The ephemeral key of act one or two, added to the digest.
    private mutating func readKey(_ act: [UInt8], number: Int) throws(TransportError) -> PublicKey {
        guard act[0] == 0 else { throw .unknownVersion(act: number, version: act[0]) }
        let bytes = Array(act[1..<34])
        guard let key = try? PublicKey(compressed: bytes) else {
            throw .invalidKey(act: number)
        }
        state.mix(bytes)
        return key
    }
}
