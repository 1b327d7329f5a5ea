import Glibc
import NodeAPI

extension APIRoute {
    static let unlocker: [APIRoute] = [
        unary(.get, "/v1/genseed", "/lnrpc.WalletUnlocker/GenSeed", phase: .unlocker) {
            $0.service.genSeed($1, $2)
        },
        unary(.post, "/v1/initwallet", "/lnrpc.WalletUnlocker/InitWallet", phase: .unlocker) {
            (context, request: InitWalletRequest, reply: Reply<InitWalletResponse>) in
            let key = request.macaroonRootKey
            guard key.isEmpty || key.count == 32 else {
                return reply.fail(
                    .invalidArgument, "macaroon_root_key has \(key.count) bytes, 32 are needed")
            }
            let answer = context.whenOpen(reply, isStateless: request.statelessInit) {
                macaroon in
                var response = InitWalletResponse()
                response.adminMacaroon = macaroon
                return response
            } prepare: { macaroons throws(NodeFileError) in
                if !key.isEmpty {
                    try macaroons.setRootKey(key, for: MacaroonService.defaultRootKeyID)
                }
            }
            context.service.initWallet(request, answer)
        },
        unary(.post, "/v1/unlockwallet", "/lnrpc.WalletUnlocker/UnlockWallet", phase: .unlocker) {
            (context, request: UnlockWalletRequest, reply: Reply<Empty>) in
            let answer = context.whenOpen(reply, isStateless: request.statelessInit) { _ in Empty()
            }
            context.service.unlockWallet(request, answer)
        },
        unary(.post, "/v1/changepassword", "/lnrpc.WalletUnlocker/ChangePassword", phase: .unlocker)
        {
            (context, request: ChangePasswordRequest, reply: Reply<ChangePasswordResponse>) in
            let answer = context.whenOpen(reply, isStateless: request.statelessInit) {
                macaroon in
                var response = ChangePasswordResponse()
                response.adminMacaroon = macaroon
                return response
            } prepare: { macaroons throws(NodeFileError) in
                if request.newMacaroonRootKey { try macaroons.renewRootKey() }
            }
            context.service.changePassword(request, answer)
        },
        unary(.get, "/v1/state", "/lnrpc.State/GetState", phase: .always) {
            (context, _: Empty, reply) in
            var response = StateResponse()
            response.state = context.service.state
            reply(response)
        },
        stream(.get, "/v1/state/subscribe", "/lnrpc.State/SubscribeState", phase: .always) {
            (context, _: Empty, subscriber) in context.service.subscribeState(subscriber)
        },
    ]
}

extension APIContext {
    /// A reply that, when the wallet is open, writes the macaroons' files (unless `isStateless`) and answers `reply` with
    /// an administrator's macaroon.
    fileprivate func whenOpen<Response: APIMessage>(
        _ reply: Reply<Response>, isStateless: Bool,
        _ response: @escaping @Sendable ([UInt8]) -> Response,
        prepare: @escaping @Sendable (MacaroonService) throws(NodeFileError) -> Void = { _ in }
    ) -> Reply<Empty> {
        Reply { [macaroons] result in
            switch result {
            case .failure(let error): reply.fail(error)
            case .success:
                do throws(NodeFileError) {
                    try prepare(macaroons)
                    if !isStateless { try macaroons.writeFiles() }
                    reply(response(try macaroons.bake(Permission.admin).encoded()))
                } catch {
                    reply.fail(.internal, "the wallet is open, but not its macaroons: \(error)")
                }
            }
        }
    }
}
