import HTTPClient

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// ECS's agent, as a task sees it: Amazon ECS Developer Guide, "Task scale-in protection endpoint".
struct TaskAgent {
    private let client: CurlClient
    private let url: String

    init(_ uri: String) {
        client = CurlClient()
        url = uri + "/task-protection/v1/state"
    }

    /// The agent asks ECS itself, and gives up after some four seconds.
    private static let patience = Duration.seconds(5)

    /// - Throws: ``TaskAgentError``, ``CurlError``, or `CancellationError`.
    func set(isProtected: Bool, minutes: Int) async throws {
        let wish =
            isProtected
            ? #"{"ProtectionEnabled":true,"ExpiresInMinutes":\#(minutes)}"# : #"{"ProtectionEnabled":false}"#
        let request = CurlRequest(
            .put, url, fields: ["content-type": "application/json", "accept": "application/json"],
            body: .bytes(Array(wish.utf8)), destination: .memory(limit: 64 * 1024), idleLimit: Self.patience,
            totalLimit: Self.patience)
        let answer = try await client.send(request)
        // A refusal of ECS's is a 200 as well.
        let document = try? JSONDecoder().decode(Document.self, from: Data(answer.body))
        guard answer.isSuccess, document?.protection?.ProtectionEnabled == isProtected else {
            let reason = document?.failure?.Reason ?? document?.error?.Code ?? "no reason given"
            throw TaskAgentError(status: answer.status, reason: reason)
        }
    }

    private struct Document: Decodable {
        struct Protection: Decodable { let ProtectionEnabled: Bool }
        struct Failure: Decodable { let Reason: String }
        struct Fault: Decodable { let Code: String }

        let protection: Protection?
        let failure: Failure?
        let error: Fault?
    }
}

struct TaskAgentError: Error, CustomStringConvertible {
    let status: Int
    let reason: String

    var description: String { "ECS's agent answered \(status): \(reason)" }
}
