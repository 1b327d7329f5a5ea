import HTTP
import JSON
import NodeAPI

/// One call of the interface: all that there is to know of it, for the server and for a description for programs.
public struct APIRoute: Sendable {
    /// In which states of the daemon a call is let through.
    public enum Phase: Sendable {
        /// In all of them, and without a macaroon.
        case always
        /// Until the wallet is open, and without a macaroon: there is none yet.
        case unlocker
        /// When calls are answered.
        case active
    }

    /// How the call is answered.
    enum Call: Sendable {
        case unary(
            @Sendable (
                APIContext, JSONValue, @escaping @Sendable (Result<JSONValue, APIError>) -> Void
            ) -> Void)
        case stream(@Sendable (APIContext, JSONValue, any EventSink) -> Void)
        /// A stream of events that the client answers over the same WebSocket; what is returned takes its messages.
        case conversation(
            @Sendable (APIContext, any EventSink) ->
                @Sendable (JSONValue) throws(APIError) -> Void)
        /// One answer that is written piece by piece.
        case graph(@Sendable (APIContext, JSONValue, GraphReply) -> Void)
    }

    /// The method.
    public let method: HTTPMethod
    /// The path, with parts of the request in braces.
    public let path: String
    /// The name of the call, as in `/lnrpc.Lightning/GetInfo`.
    public let name: String
    /// What a macaroon has to allow.
    public let permissions: [Permission]
    /// In which states it is let through.
    public let phase: Phase
    /// The type of the request.
    public let request: any APIMessage.Type
    /// The type of the answer, or of each event of a stream.
    public let response: any APIMessage.Type
    let call: Call

    /// Whether the answer is a stream of events.
    public var isStream: Bool {
        switch call {
        case .unary, .graph: false
        case .stream, .conversation: true
        }
    }
}

/// What calls work with.
struct APIContext: Sendable {
    let service: any NodeService
    let macaroons: MacaroonService
}

extension APIRoute {
    /// A call with one answer.
    static func unary<Request: APIMessage, Response: APIMessage>(
        _ method: HTTPMethod, _ path: String, _ name: String, _ permissions: [Permission] = [],
        phase: Phase = .active,
        _ call: @escaping @Sendable (APIContext, Request, Reply<Response>) -> Void
    ) -> APIRoute {
        APIRoute(
            method: method, path: path, name: name, permissions: permissions, phase: phase,
            request: Request.self, response: Response.self,
            call: .unary { context, json, deliver in
                do throws(APIError) {
                    let request = try Request(json: json, isStrict: method != .get)
                    call(context, request, Reply { deliver($0.map(\.json)) })
                } catch {
                    deliver(.failure(error))
                }
            })
    }

    /// A call whose events the client answers.
    static func conversation<Incoming: APIMessage, Event: APIMessage>(
        _ path: String, _ name: String, _ permissions: [Permission],
        _ call:
            @escaping @Sendable (APIContext, Subscriber<Event>) ->
            @Sendable (Incoming) -> Void
    ) -> APIRoute {
        APIRoute(
            method: .post, path: path, name: name, permissions: permissions, phase: .active,
            request: Incoming.self, response: Event.self,
            call: .conversation { context, sink in
                let receive = call(context, Subscriber(sink))
                return { json throws(APIError) in receive(try Incoming(json: json)) }
            })
    }

    /// The call that is answered with the whole graph.
    static func graph(
        _ path: String, _ name: String, _ permissions: [Permission],
        _ call: @escaping @Sendable (APIContext, ChannelGraphRequest, GraphReply) -> Void
    ) -> APIRoute {
        APIRoute(
            method: .get, path: path, name: name, permissions: permissions, phase: .active,
            request: ChannelGraphRequest.self, response: ChannelGraph.self,
            call: .graph { context, json, reply in
                do throws(APIError) {
                    call(context, try ChannelGraphRequest(json: json), reply)
                } catch {
                    reply.fail(error)
                }
            })
    }

    /// A call that is answered by a stream of events.
    static func stream<Request: APIMessage, Event: APIMessage>(
        _ method: HTTPMethod, _ path: String, _ name: String, _ permissions: [Permission] = [],
        phase: Phase = .active,
        _ call: @escaping @Sendable (APIContext, Request, Subscriber<Event>) -> Void
    ) -> APIRoute {
        APIRoute(
            method: method, path: path, name: name, permissions: permissions, phase: phase,
            request: Request.self, response: Event.self,
            call: .stream { context, json, sink in
                do throws(APIError) {
                    call(
                        context, try Request(json: json, isStrict: method != .get), Subscriber(sink)
                    )
                } catch {
                    sink.finish(error)
                }
            })
    }
}
