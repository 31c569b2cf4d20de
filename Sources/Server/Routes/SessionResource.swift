import HTTPTypes
import Imaging
import Logging

/// `/session`: how a browser shows the operator's token once, and is known from then on.
struct SessionResource: Resource {
    let gate: OperatorGate
    let links: Links
    let logger: Logger

    var routes: [Route] {
        [
            Route(.get, "/session", .session) { [self] in try status($0) },
            Route(.post, "/session", .signIn) { [self] in try await signIn($0) },
            Route(.delete, "/session", .signOut) { [self] request in
                Answer(.noContent, fields: [.setCookie: OperatorSession.noCookie(isSecure: try isSecure(request))])
            },
        ]
    }

    private func status(_ request: IncomingRequest) throws -> Answer {
        Answer(
            json: ["required": .bool(gate.needsToken), "signed_in": .bool(try gate.admits(request.head))],
            fields: [.cacheControl: "no-store"])
    }

    private func signIn(_ request: IncomingRequest) async throws -> Answer {
        let members = try await request.jsonMembers()
        guard case .string(let token)? = members["token"] else {
            throw Problem(.missingParameter, "token is missing: the operator's, as text", parameter: "token")
        }
        if let name = members.keys.sorted().first(where: { $0 != "token" }) {
            throw Problem(.unknownParameter, "there is no parameter \(brief(name)); known is token", parameter: name)
        }
        var fields: HTTPFields = [.cacheControl: "no-store"]
        if gate.needsToken {
            guard let cookie = gate.signIn(with: token, isSecure: try isSecure(request)) else {
                logger.warning("somebody gave a wrong token for the operator's")
                throw OperatorGate.unauthorized("this is not the operator's token")
            }
            fields[.setCookie] = cookie
        } else {
            try gate.check(request.head)
        }
        return Answer(.noContent, fields: fields)
    }

    private func isSecure(_ request: IncomingRequest) throws(Problem) -> Bool {
        try links.base(for: request).hasPrefix("https:")
    }
}
