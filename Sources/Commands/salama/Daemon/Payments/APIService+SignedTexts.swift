import Bitcoin
import LightningCrypto
import LightningNode
import LightningWallet
import LightningWire
import NodeAPI
import NodeRuntime
import NodeServer

/// Texts signed with the node's key, or with that of an address.
extension APIService {
    func signMessage(_ request: SignMessageRequest, _ reply: Reply<SignMessageResponse>) {
        work(reply) { [invoiceBook] in
            guard !request.msg.isEmpty else {
                throw APIError(.invalidArgument, "need a message to sign")
            }
            var response = SignMessageResponse()
            response.signature = try invoiceBook.signer().sign(
                request.msg, isSingleHash: request.singleHash)
            return response
        }
    }

    func verifyMessage(_ request: VerifyMessageRequest, _ reply: Reply<VerifyMessageResponse>) {
        work(reply) { [self] in
            guard !request.msg.isEmpty else {
                throw APIError(.invalidArgument, "need a message to verify")
            }
            var response = VerifyMessageResponse()
            do throws(SignedMessageError) {
                let signer = try SignedMessage.signer(
                    of: request.msg, signature: request.signature)
                response.pubkey = signer.description
            } catch {
                switch error {
                case .noSigner: break
                case .invalidCharacter, .invalidPadding, .wrongLength, .unknownHeader:
                    throw APIError(.invalidArgument, "failed to decode signature: \(error)")
                }
                return response
            }
            // Every signature is somebody's: it says something only where that is a node that one knows.
            response.valid = try knows(NodeID(interface: response.pubkey, "the signer"))
            return response
        }
    }

    /// Whether the node is this one or one that it knows.
    private func knows(_ node: NodeID) throws -> Bool {
        if node == host.signer?.nodeID || host.graph?.node(node) != nil { return true }
        // Peers of channels that the network does not know.
        guard case .channels(let channels) = try host.perform(.channel(.list)) else {
            throw UnexpectedReply()
        }
        return channels.contains { NodeID($0.peer) == node }
    }

    func signMessage(
        _ request: SignMessageWithAddrRequest, _ reply: Reply<SignMessageWithAddrResponse>
    ) {
        work(reply) { [host] in
            let address = try Self.address(request.addr, host.network)
            guard
                case .signature(let signature) = try host.perform(
                    .books(.signMessage(request.msg, address.script)))
            else { throw UnexpectedReply() }
            var response = SignMessageWithAddrResponse()
            response.signature = Base64.encode(signature)
            return response
        }
    }

    func verifyMessage(
        _ request: VerifyMessageWithAddrRequest, _ reply: Reply<VerifyMessageWithAddrResponse>
    ) {
        work(reply) { [host] in
            let script = try Self.address(request.addr, host.network).script
            guard let signature = try? Base64.decode(request.signature) else {
                throw APIError(.invalidArgument, "malformed base64 encoding of the signature")
            }
            let key: PublicKey
            do throws(KeyError) {
                key = try AddressSignedMessage.signer(of: request.msg, signature: signature)
            } catch {
                throw APIError(
                    .invalidArgument,
                    "unable to recover public key from compact signature: \(error)")
            }
            var response = VerifyMessageWithAddrResponse()
            response.pubkey = key.compressed
            response.valid =
                script == .payToPublicKeyHash(of: key)
                || AccountKind.allCases.contains {
                    (try? $0.purpose.outputScript(key)) == script
                }
            return response
        }
    }

    private static func address(_ text: String, _ network: Network) throws(APIError) -> Address {
        do throws(AddressError) {
            return try Address(text, network: network)
        } catch {
            throw APIError(
                .invalidArgument,
                "unable to decode address `\(text)` for \(network.rawValue): \(error)")
        }
    }
}
