import InMemoryLogging
import Logging
import Synchronization
import TestServers
import Testing

@testable import ECSBackend
@testable import Jobs

@Suite(.timeLimit(.minutes(1))) struct `Scale-in protection` {
    private static let protect = #"{"ProtectionEnabled":true,"ExpiresInMinutes":10}"#
    private static let lift = #"{"ProtectionEnabled":false}"#

    /// As the agent answers a call that it could do.
    private static func agree(_ request: HeardRequest) -> ScriptedAnswer {
        let isProtected = String(decoding: request.body, as: UTF8.self).contains("true")
        return .text(
            200,
            #"{"protection":{"ExpirationDate":"2026-11-22T02:00:00Z","ProtectionEnabled":\#(isProtected),"#
                + #""TaskArn":"arn:aws:ecs:eu-central-1:123456789012:task/cluster/0123456789abcdef"}}"#)
    }

    /// Runs `body` beside the service, which asks an agent that answers as `script` says.
    private func withAgent(
        _ script: @escaping @Sendable (HeardRequest) -> ScriptedAnswer,
        _ body: (ScriptedServer, Workload, InMemoryLogHandler) async throws -> Void
    ) async throws {
        try await withScriptedServer(script) { server, url in
            let log = InMemoryLogHandler()
            let workload = Workload(slots: 2)
            let service = ScaleInProtection(
                agent: "\(url)/api/0123-4567", workload: workload, logger: Logger(label: "test") { _ in log })
            try await withThrowingTaskGroup { group in
                group.addTask { try await service.run() }
                try await body(server, workload, log)
                group.cancelAll()
            }
        }
    }

    private func claim() -> Claim { Claim(job: JobID(), worker: WorkerID(), fence: 1) }

    private func bodies(_ server: ScriptedServer) -> [String] {
        server.requests.map { String(decoding: $0.body, as: UTF8.self) }
    }

    @Test func `is set when the first job comes, and lifted when the last has ended`() async throws {
        try await withAgent(Self.agree) { server, workload, log in
            let jobs = [claim(), claim()]
            for job in jobs { _ = workload.add(job) }
            try await eventually { bodies(server) == [Self.protect] }
            workload.remove(jobs[0])
            // Longer than it takes to be lifted.
            try await Task.sleep(for: .milliseconds(700))
            #expect(server.requests.count == 1)
            workload.remove(jobs[1])
            try await eventually { bodies(server) == [Self.protect, Self.lift] }
            let request = try #require(server.requests.first)
            #expect(request.method == "PUT" && request.target == "/api/0123-4567/task-protection/v1/state")
            #expect(request.fields["content-type"] == "application/json")
            #expect(log.entries.isEmpty)
        }
    }

    @Test(
        arguments: [
            (.text(200, #"{"failure":{"Arn":"x","Reason":"DEPLOYMENT_BLOCKED"}}"#), "DEPLOYMENT_BLOCKED"),
            (
                .text(400, #"{"error":{"Arn":"x","Code":"AccessDeniedException","Message":"y"}}"#),
                "AccessDeniedException"
            ),
            (.text(200, #"{"protection":{"ProtectionEnabled":false}}"#), "200: no reason given"),
            (.text(504, "late"), "504: no reason given"),
            (.hangUp, ""),
        ] as [(ScriptedAnswer, String)])
    func `is asked for again where the agent fails, which is logged once`(
        _ failure: ScriptedAnswer, _ reason: String
    ) async throws {
        let isFirst = Mutex(true)
        let script: @Sendable (HeardRequest) -> ScriptedAnswer = { request in
            let fails = isFirst.withLock { first in
                defer { first = false }
                return first
            }
            return fails ? failure : Self.agree(request)
        }
        try await withAgent(script) { server, workload, log in
            _ = workload.add(claim())
            try await eventually { bodies(server) == [Self.protect, Self.protect] }
            let warnings = log.entries.filter { $0.level == .warning }
            #expect(warnings.count == 1 && log.entries.count == 1)
            let told = "\(warnings.first?.metadata[LogKey.error] ?? "")"
            #expect(told.hasSuffix(reason), "\(told)")
        }
    }
}
