import LightningNode
import NodeAPI
import NodeRuntime
import NodeServer

/// How much the log tells.
extension APIService {
    func debugLevel(_ request: DebugLevelRequest, _ reply: Reply<DebugLevelResponse>) {
        var response = DebugLevelResponse()
        if request.show {
            response.subSystems = NodeEvent.Subsystem.allCases.map(\.rawValue).sorted()
                .joined(separator: " ")
            return reply(response)
        }
        guard !request.levelSpec.isEmpty else {
            return reply.fail(
                .invalidArgument,
                "level_spec is missing: a level for all subsystems, as in `debug`, or for some, as in"
                    + " `peer=debug,chain=warn`")
        }
        var levels = host.log.levels
        do throws(LogLevelError) {
            try levels.change(parsing: request.levelSpec)
        } catch {
            return reply.fail(.invalidArgument, error.description)
        }
        host.log.levels = levels
        host.log.write(.info, .server, "the log's levels are \(levels.text)")
        response.subSystems = levels.text
        reply(response)
    }
}
