import HTTPTypes
import Imaging
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension IncomingRequest {
    /// The members of a plan, from wherever they stand: the query, or a body of JSON or of form fields.
    ///
    /// - Throws: a ``Problem`` where they stand in both, or the body cannot be read.
    func planMembers() async throws -> [String: JSONValue] {
        let inQuery = try query.unique().mapValues(JSONValue.string)
        let inBody = try await bodyMembers()
        if let name = inQuery.keys.sorted().first, !inBody.isEmpty {
            throw Problem(
                .ambiguousPlan, "there is a plan in the query and one in the body: give one", parameter: name)
        }
        return inBody.isEmpty ? inQuery : inBody
    }

    private func bodyMembers() async throws -> [String: JSONValue] {
        let type = MediaType(fields[.contentType] ?? "")
        if type.essence == "multipart/form-data" {
            var reader = try MultipartReader(type: type, body: body)
            return try await reader.fields(limit: Self.maximumBody).unique().mapValues(JSONValue.string)
        }
        let bytes = try await collectedBody()
        if bytes.readableBytes == 0 { return [:] }
        switch type.essence {
        case "application/json":
            return try jsonObject(bytes)
        case "application/x-www-form-urlencoded":
            guard let text = String(validating: bytes.readableBytesView, as: UTF8.self) else {
                throw Problem(.malformedRequest, "the form is no UTF-8")
            }
            // What curl says of any body unless it is told otherwise.
            if text.first(where: { !$0.isWhitespace }) == "{" {
                throw Problem(
                    .unsupportedMediaType, "the body is JSON and is called a form: send Content-Type: application/json")
            }
            return try Fields(urlEncoded: text).unique().mapValues(JSONValue.string)
        default:
            throw Problem(
                .unsupportedMediaType,
                "a plan is application/json, application/x-www-form-urlencoded or multipart/form-data, not "
                    + (type.essence.isEmpty ? "of no type" : brief(type.essence)))
        }
    }

    /// The members of a body that must be a JSON object.
    ///
    /// - Throws: a ``Problem``.
    func jsonMembers() async throws -> [String: JSONValue] {
        let type = MediaType(fields[.contentType] ?? "")
        guard type.essence == "application/json" else {
            throw Problem(
                .unsupportedMediaType,
                "the body is application/json, not " + (type.essence.isEmpty ? "of no type" : brief(type.essence)))
        }
        return try jsonObject(try await collectedBody())
    }

    private func jsonObject(_ bytes: ByteBuffer) throws -> [String: JSONValue] {
        guard Self.depth(of: bytes) <= Self.maximumDepth else {
            throw Problem(.malformedJSON, "the body is nested deeper than \(Self.maximumDepth) levels")
        }
        let value: JSONValue
        do {
            value = try JSONDecoder().decode(JSONValue.self, from: Data(bytes.readableBytesView))
        } catch {
            throw Problem(.malformedJSON, "the body is no JSON that we can read")
        }
        guard case .object(let members) = value else {
            throw Problem(.invalidParameter, "the body is \(value.brief); it must be an object")
        }
        return members
    }

    /// A plan has four levels. Decoding takes longer with each, on a thread that other requests wait for.
    private static let maximumDepth = 16

    /// The most brackets that are open at once, those within strings not counted.
    private static func depth(of json: ByteBuffer) -> Int {
        var (open, deepest) = (0, 0)
        var (isText, isEscaped) = (false, false)
        for byte in json.readableBytesView {
            if isEscaped {
                isEscaped = false
            } else if isText {
                isEscaped = byte == UInt8(ascii: "\\")
                isText = byte != UInt8(ascii: "\"")
            } else {
                switch byte {
                case UInt8(ascii: "\""): isText = true
                case UInt8(ascii: "["), UInt8(ascii: "{"): open += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"): open -= 1
                default: break
                }
                deepest = max(deepest, open)
            }
        }
        return deepest
    }
}
