import Bitcoin
import NodeAPI

extension APIRoute {
    private static let list = "/v1/macaroon"

    static let macaroons: [APIRoute] = [
        unary(
            .post, list, "/lnrpc.Lightning/BakeMacaroon", [Permission("macaroon", "generate")]
        ) { (context, request: BakeMacaroonRequest, reply: Reply<BakeMacaroonResponse>) in
            reply.answer { () throws(APIError) in
                let permissions = try checked(request)
                let macaroon = try context.macaroons.attempt { (service) throws(NodeFileError) in
                    try service.bake(permissions, rootKeyID: request.rootKeyId)
                }
                var response = BakeMacaroonResponse()
                response.macaroon = Hex.encode(macaroon.encoded())
                return response
            }
        },
        unary(
            .get, list + "/ids", "/lnrpc.Lightning/ListMacaroonIDs",
            [Permission("macaroon", "read")]
        ) { (context, _: Empty, reply: Reply<ListMacaroonIDsResponse>) in
            var response = ListMacaroonIDsResponse()
            response.rootKeyIds = context.macaroons.rootKeyIDs
            reply(response)
        },
        unary(
            .delete, list + "/{root_key_id}", "/lnrpc.Lightning/DeleteMacaroonID",
            [Permission("macaroon", "write")]
        ) { (context, request: DeleteMacaroonIDRequest, reply: Reply<DeleteMacaroonIDResponse>) in
            reply.answer { () throws(APIError) in
                guard request.rootKeyId != MacaroonService.defaultRootKeyID else {
                    throw APIError(.unknown, "the specified ID cannot be deleted")
                }
                var response = DeleteMacaroonIDResponse()
                response.deleted = try context.macaroons.attempt {
                    (service) throws(NodeFileError) in
                    try service.deleteRootKey(request.rootKeyId)
                }
                return response
            }
        },
        unary(
            .get, list + "/permissions", "/lnrpc.Lightning/ListPermissions",
            [Permission("info", "read")]
        ) { (_, _: Empty, reply: Reply<ListPermissionsResponse>) in
            var response = ListPermissionsResponse()
            for route in all {
                var needed = MacaroonPermissionList()
                needed.permissions = route.permissions.map(MacaroonPermission.init)
                response.methodPermissions[route.name] = needed
            }
            reply(response)
        },
        unary(
            .post, list + "/checkpermissions", "/lnrpc.Lightning/CheckMacaroonPermissions",
            [Permission("macaroon", "read")]
        ) { (context, request: CheckMacPermRequest, reply: Reply<CheckMacPermResponse>) in
            reply.answer { () throws(APIError) in try check(request, context) }
        },
    ]

    private static func checked(_ request: BakeMacaroonRequest) throws(APIError) -> [Permission] {
        guard !request.permissions.isEmpty else {
            throw APIError(
                .invalidArgument,
                "permission list cannot be empty. specify at least one action/entity pair."
                    + " supported actions \(Permission.actions), entities \(Permission.entities)")
        }
        return try request.permissions.map { (wanted) throws(APIError) in
            let isKnown =
                wanted.entity == "uri"
                ? all.contains { $0.name == wanted.action }
                : Permission.entities.contains(wanted.entity)
                    && Permission.actions.contains(wanted.action)
            guard isKnown || request.allowExternalPermissions else {
                throw APIError(
                    .invalidArgument,
                    "invalid permission \(wanted.entity):\(wanted.action). supported actions"
                        + " \(Permission.actions), entities \(Permission.entities)")
            }
            return Permission(wanted.entity, wanted.action)
        }
    }

    private static func check(
        _ request: CheckMacPermRequest, _ context: APIContext
    ) throws(APIError) -> CheckMacPermResponse {
        var permissions = request.permissions.map { Permission($0.entity, $0.action) }
        if request.checkDefaultPermsFromFullMethod {
            guard let route = all.first(where: { $0.name == request.fullMethod }) else {
                throw APIError(.invalidArgument, "unknown method \(request.fullMethod)")
            }
            permissions = route.permissions
        }
        do throws(MacaroonError) {
            try context.macaroons.check(
                Hex.encode(request.macaroon), for: permissions, method: request.fullMethod,
                address: "127.0.0.1")
        } catch {
            throw APIError(.invalidArgument, error.description)
        }
        var response = CheckMacPermResponse()
        response.valid = true
        return response
    }
}

extension MacaroonPermission {
    fileprivate init(_ permission: Permission) {
        self.init()
        entity = permission.entity
        action = permission.action
    }
}

extension Reply {
    /// Answers with what `body` returns or throws.
    fileprivate func answer(_ body: () throws(APIError) -> Response) {
        do throws(APIError) {
            self(try body())
        } catch {
            fail(error)
        }
    }
}

extension MacaroonService {
    /// Tells a client of trouble with files.
    fileprivate func attempt<Result>(
        _ body: (MacaroonService) throws(NodeFileError) -> Result
    ) throws(APIError) -> Result {
        do throws(NodeFileError) {
            return try body(self)
        } catch {
            throw APIError(.internal, error.description)
        }
    }
}
