import NodeAPI
import NodeServer

extension APIService {
    func debugLevel(_ request: DebugLevelRequest, _ reply: Reply<DebugLevelResponse>) {
        reply.fail(.unwired)
    }
}

extension APIError {
    /// The call is known, and not yet answered.
    static let unwired = APIError(
        .unimplemented, "this node does not answer this call yet; nothing was done")
}
