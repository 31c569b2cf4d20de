import FoundationEssentials
import HTTPClient
import Jobs
import Logging
import Synchronization
import TestServers
import Testing

@testable import S3Backend

/// A clock that stands until it is set.
final class StillClock: Sendable {
    private let time: Mutex<Timestamp>
    init(_ time: Timestamp) { self.time = Mutex(time) }
    var now: Timestamp { time.withLock { $0 } }
    func advance(_ duration: Duration) { time.withLock { $0 = $0 + duration } }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

@Suite struct `AWS credentials` {
    private let start = Timestamp.ofVectors

    /// As the endpoint of a container answers; valid for an hour after `start`.
    private func document(_ id: String) -> String {
        """
        {"AccessKeyId": "\(id)", "SecretAccessKey": "secret", "Token": "token", "RoleArn": "x",
         "Expiration": "2026-11-21T06:24:00Z"}
        """
    }

    private func cached(_ environment: [String: String], _ clock: StillClock) throws -> CachedCredentials {
        try CachedCredentials(environment: environment, logger: quiet) { clock.now }
    }

    @Test func `come from the environment first`() async throws {
        let environment = [
            "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/", "AWS_SHARED_CREDENTIALS_FILE": "/none",
        ]
        let found = try await cached(environment, StillClock(start)).credentials()
        #expect(found == AWSCredentials(accessKeyID: "id", secretAccessKey: "secret", sessionToken: "token"))
        #expect("\(found)" == "credentials id")
    }

    @Test func `come from the container's endpoint, once an hour for all who ask`() async throws {
        let count = Mutex(0)
        let script: @Sendable (HeardRequest) -> ScriptedAnswer = { [self] _ in
            .text(200, document("id\(count.withLock { $0 += 1; return $0 })"))
        }
        try await withScriptedServer(script) { server, url in
            let clock = StillClock(start)
            let credentials = try cached(
                [
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(url)/role?x=1", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "me",
                    "AWS_SHARED_CREDENTIALS_FILE": "/none",
                ], clock)
            try await withThrowingTaskGroup(of: AWSCredentials.self) { group in
                for _ in 0..<20 { group.addTask { try await credentials.credentials() } }
                for try await found in group {
                    #expect(
                        found
                            == AWSCredentials(
                                accessKeyID: "id1", secretAccessKey: "secret", sessionToken: "token",
                                expiresAt: start + .seconds(3600)))
                }
            }
            #expect(server.requests.map(\.target) == ["/role?x=1"])
            #expect(server.requests.map { $0.fields["authorization"] } == ["me"])
            // Five minutes before their end they are fetched anew, and not before.
            clock.advance(.seconds(3299))
            #expect(try await credentials.credentials().accessKeyID == "id1")
            clock.advance(.seconds(1))
            try await eventually { try await credentials.credentials().accessKeyID == "id2" }
            #expect(server.requests.count == 2)
        }
    }

    @Test func `hold nobody up while the old ones are good`() async throws {
        let count = Mutex(0)
        let script: @Sendable (HeardRequest) -> ScriptedAnswer = { [self] _ in
            count.withLock {
                $0 += 1; return $0
            } == 1 ? .text(200, document("id")) : .silence
        }
        try await withScriptedServer(script) { server, url in
            let clock = StillClock(start)
            let credentials = try cached(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url], clock)
            _ = try await credentials.credentials()
            clock.advance(.seconds(3300))
            let asked = ContinuousClock.now
            for _ in 0..<20 { #expect(try await credentials.credentials().accessKeyID == "id") }
            // The endpoint is given two seconds.
            #expect(asked.duration(to: .now) < .seconds(1))
            try await eventually { server.requests.count == 2 }
        }
    }

    @Test func `stay while they cannot be refreshed, until they expire`() async throws {
        let works = Mutex(true)
        let script: @Sendable (HeardRequest) -> ScriptedAnswer = { [self] _ in
            works.withLock { $0 } ? .text(200, document("id")) : .text(500, "")
        }
        try await withScriptedServer(script) { server, url in
            let clock = StillClock(start)
            let credentials = try cached(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url], clock)
            #expect(try await credentials.credentials().accessKeyID == "id")
            works.withLock { $0 = false }
            clock.advance(.seconds(3545))
            for _ in 0..<5 { #expect(try await credentials.credentials().accessKeyID == "id") }
            // The endpoint is not asked with every request meanwhile.
            #expect(server.requests.count == 2)
            clock.advance(.seconds(11))
            #expect(try await credentials.credentials().accessKeyID == "id")
            #expect(server.requests.count == 3)
            clock.advance(.seconds(44))
            await #expect(
                throws: AWSCredentialError(reason: "the container's credentials endpoint answered 500")
            ) { _ = try await credentials.credentials() }
        }
    }

    @Test func `are asked for with the token that the file holds now`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "tintype-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try await withScriptedServer({ [self] _ in .text(200, document("id")) }) { server, url in
            let clock = StillClock(start)
            let credentials = try cached(
                [
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "not this",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": file.path,
                ], clock)
            for token in ["first", "second\n"] {
                try Data(token.utf8).write(to: file)
                _ = try await credentials.credentials()
                // So near to the end that new ones are waited for.
                clock.advance(.seconds(3550))
            }
            #expect(server.requests.map { $0.fields["authorization"] } == ["first", "second"])
        }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"AccessKeyId": "a"}"#, #"{"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"x"}"#,
    ])
    func `are not taken from a document that has none`(_ text: String) async throws {
        #expect(throws: AWSCredentialError.self) { try ContainerCredentials.credentials(in: Array(text.utf8)) }
    }

    @Test(
        arguments: [
            ([127, 0, 0, 1], true), ([127, 8, 9, 1], true), ([169, 254, 170, 2], true), ([169, 254, 170, 23], true),
            ([169, 254, 169, 254], false), ([10, 0, 0, 1], false), ([1, 127, 0, 0], false),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], true),
            ([0xFD, 0, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x23], true),
            ([0xFD, 0, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54], false),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1], false),
        ] as [([UInt8], Bool)])
    func `travel in clear text within the host only`(_ bytes: [UInt8], _ isAllowed: Bool) {
        #expect(ContainerCredentials.mayServeInClearText(ResolvedAddress(bytes: bytes, port: 80)) == isAllowed)
    }

    @Test(arguments: ["http://0.0.0.0:1/", "http://[::]:1/"])
    func `are not asked for elsewhere in clear text`(_ url: String) async throws {
        let credentials = try cached(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url], StillClock(start))
        await #expect(
            throws: AWSCredentialError(reason: "the container's credentials endpoint: The address is not allowed")
        ) { _ = try await credentials.credentials() }
    }

    @Test func `come from a profile last`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "tintype-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let text = """
            # keys
            [default]
            aws_access_key_id = one
            aws_secret_access_key=first=secret
            ; more
            [ other ]\r
            aws_access_key_id = two\r
            aws_secret_access_key = second\r
            aws_session_token = token\r
            [empty]
            """
        try Data(text.utf8).write(to: file)
        let environment = ["AWS_SHARED_CREDENTIALS_FILE": file.path]
        #expect(
            try await cached(environment, StillClock(start)).credentials()
                == AWSCredentials(accessKeyID: "one", secretAccessKey: "first=secret"))
        let other = environment.merging(["AWS_PROFILE": "other"]) { $1 }
        #expect(
            try await cached(other, StillClock(start)).credentials()
                == AWSCredentials(accessKeyID: "two", secretAccessKey: "second", sessionToken: "token"))
        let empty = environment.merging(["AWS_PROFILE": "empty"]) { $1 }
        await #expect(throws: AWSCredentialError(reason: "\(file.path) has no keys for the profile empty")) {
            _ = try await cached(empty, StillClock(start)).credentials()
        }
    }
}
