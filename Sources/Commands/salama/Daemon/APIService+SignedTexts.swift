import NodeAPI
import NodeServer

extension APIService {
    func signMessage(_ request: SignMessageRequest, _ reply: Reply<SignMessageResponse>) {
        reply.fail(.unwired)
    }

    func verifyMessage(_ request: VerifyMessageRequest, _ reply: Reply<VerifyMessageResponse>) {
        reply.fail(.unwired)
    }

    func signMessage(
        _ request: SignMessageWithAddrRequest, _ reply: Reply<SignMessageWithAddrResponse>
    ) {
        reply.fail(.unwired)
    }

    func verifyMessage(
        _ request: VerifyMessageWithAddrRequest, _ reply: Reply<VerifyMessageWithAddrResponse>
    ) {
        reply.fail(.unwired)
    }
}
