import HTTPTypes
import HummingbirdCore
import Jobs
import Logging
import NIOCore

/// Answers every request: finds its route, sees that it may be asked, turns errors into problems, and then counts and logs
/// what came of it.
struct Responder: Sendable {
    let routes: RouteTable
    let gate: OperatorGate
    let log: AccessLog

    @concurrent
    func respond(
        to request: Request, through writer: consuming ResponseWriter, on channel: any Channel
    ) async throws {
        let began = ContinuousClock.now
        let id = RequestID.of(request.headers)
        let match = routes.match(request.uri.path[...], request.method)
        if case .route = match, request.headers[.expect]?.lowercased() == "100-continue" {
            try await writer.writeInformationalHead(HTTPResponse(status: .continue))
        }
        var answer = await answer(to: request, id: id, match)
        answer.mark(with: id)
        let (status, length, job) = (answer.status.code, answer.bodyLength ?? 0, answer.job)
        // Counted and logged even where the client has gone and the answer cannot be sent.
        defer {
            log.record(
                AccessLog.Entry(
                    id: id, method: request.method, path: request.uri.path, route: match.template,
                    peer: channel.remoteAddress, status: status,
                    length: request.method == .head ? 0 : length, duration: ContinuousClock.now - began, job: job))
        }
        do {
            try await send(answer, to: request, through: writer)
        } catch  where Problem(expected: error) != nil {
            // The head has gone, so that all the client sees is a body that ends too early.
            log.logger.warning(
                "an answer was cut off", metadata: [LogKey.requestID: .string(id), LogKey.error: .string("\(error)")])
            throw error
        }
    }

    // MARK: Answering

    private func answer(to request: Request, id: String, _ match: RouteTable.Match) async -> Answer {
        do {
            return try await route(request, match)
        } catch {
            if let problem = Problem(expected: error) {
                // The client is told that something is away, and not what: that is for who runs the service.
                if problem.code.status.kind == .serverError {
                    log.logger.warning(
                        "a request was refused",
                        metadata: [LogKey.requestID: .string(id), LogKey.error: .string("\(error)")])
                }
                return Answer(problem, requestID: id)
            }
            log.logger.error(
                "a request failed unexpectedly",
                metadata: [LogKey.requestID: .string(id), LogKey.error: .string(String(reflecting: error))])
            return Answer(Problem(.internalError, "it has been logged under the request_id"), requestID: id)
        }
    }

    private func route(_ request: Request, _ match: RouteTable.Match) async throws -> Answer {
        switch match {
        case .unknown:
            throw Problem(.notFound, "there is no \(brief(request.uri.path))")
        case .otherMethods(_, let allowed):
            throw Problem(
                .methodNotAllowed, "\(brief(request.uri.path)) takes \(allowed)", fields: [.allow: allowed])
        case .route(let route, let parameters):
            if route.audience == .operators { try gate.check(request.head) }
            let query = try request.uri.query.map { text throws(Problem) in try Fields(urlEncoded: text) } ?? Fields()
            if let extra = query.items.first(where: { !route.query.contains($0.name) }) {
                throw Problem(
                    .unknownParameter,
                    "\(route.template) takes no \(brief(extra.name)) in its query; it takes "
                        + (route.query.isEmpty ? "none" : route.query.joined(separator: ", ")),
                    parameter: extra.name)
            }
            _ = try query.unique()
            return try await route.handler(
                IncomingRequest(
                    head: request.head, body: request.body, parameters: parameters, query: query))
        }
    }

    // MARK: Sending

    @concurrent
    private func send(
        _ answer: Answer, to request: Request, through writer: consuming ResponseWriter
    ) async throws {
        var head = HTTPResponse(status: answer.status, headerFields: answer.fields)
        // RFC 9110, section 8.6: neither of the two may say a length that is not that of a 200.
        if answer.status != .noContent, answer.status != .notModified, let length = answer.bodyLength {
            head.headerFields[.contentLength] = String(length)
        }
        if request.method == .head {
            await answer.drop()
            return try await writer.writeResponse(head)
        }
        switch answer.body {
        case .none, .absent: try await writer.writeResponse(head)
        case .bytes(let bytes): try await writer.write(response: head, body: ResponseBody(byteBuffer: bytes))
        case .pieces(let next):
            head.headerFields[.transferEncoding] = "chunked"
            var body = try await writer.writeHead(head)
            while let bytes = try await next() { try await body.write(bytes) }
            try await body.finish(nil)
        case .object(let reader, let range):
            do {
                var body = try await writer.writeHead(head)
                var offset = range.lowerBound
                while offset < range.upperBound {
                    // Writing waits while the client is not taking: one such piece is all there is in memory.
                    let bytes = try await reader.read(at: offset, count: min(Self.pieceSize, range.upperBound - offset))
                    guard !bytes.isEmpty else { throw ObjectStorageError.unavailable(reason: "the object ended early") }
                    offset += bytes.count
                    try await body.write(ByteBuffer(bytes: bytes))
                }
                try await body.finish(nil)
            } catch {
                await reader.close()
                throw error
            }
            await reader.close()
        }
    }

    /// In bytes.
    private static let pieceSize = 128 * 1024
}

extension RouteTable.Match {
    /// The route, as metrics and logs name it: what is not ours is one route together.
    var template: String {
        switch self {
        case .route(let route, _): route.template
        case .otherMethods(let template, _): template
        case .unknown: AccessLog.unknownRoute
        }
    }
}
