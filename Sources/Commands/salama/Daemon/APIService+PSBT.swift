import NodeAPI
import NodeServer

/// Partially signed transactions.
extension APIService {
    func fundPSBT(_ request: FundPsbtRequest, _ reply: Reply<FundPsbtResponse>) {
        reply.fail(.unimplemented, "funding PSBTs is not done yet")
    }

    func signPSBT(_ request: SignPsbtRequest, _ reply: Reply<SignPsbtResponse>) {
        reply.fail(.unimplemented, "signing PSBTs is not done yet")
    }

    func finalizePSBT(_ request: FinalizePsbtRequest, _ reply: Reply<FinalizePsbtResponse>) {
        reply.fail(.unimplemented, "finalising PSBTs is not done yet")
    }
}
