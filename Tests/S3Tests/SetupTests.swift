import Jobs
import TestServers
import Testing

@testable import S3Backend

@Suite struct `A bucket that cannot be used` {
    private func problem(_ changes: [String: String], url: String? = nil) async throws -> S3SetupError? {
        try await Bucket.with(changes, url: url) { bucket in
            do {
                try await bucket.storage.check(for: .zero)
                return nil
            } catch let error as S3SetupError {
                return error
            }
        }
    }

    @Test func `is one that works, else`() async throws { #expect(try await problem([:]) == nil) }

    @Test func `may not be there`() async throws {
        let server = try S3Server()
        let found = try await problem([:], url: "s3://no-such-bucket/a")
        #expect(found == .noSuchBucket("no-such-bucket", at: server.endpoint))
        #expect("\(try #require(found))" == "there is no bucket no-such-bucket at \(server.endpoint)")
    }

    @Test(arguments: [("AWS_ACCESS_KEY_ID", "InvalidAccessKeyId"), ("AWS_SECRET_ACCESS_KEY", "SignatureDoesNotMatch")])
    func `may refuse the key`(_ variable: String, _ expected: String) async throws {
        let server = try S3Server()
        guard case .refused(server.bucket, let code, let message)? = try await problem([variable: "wrong"]) else {
            Issue.record("not refused")
            return
        }
        #expect(code == expected)
        #expect(!message.isEmpty)
    }

    @Test func `may be one to read only`() async throws {
        let server = try S3Server()
        let reader = ["AWS_ACCESS_KEY_ID": server.readerAccessKey, "AWS_SECRET_ACCESS_KEY": server.readerSecretKey]
        try await Bucket.with(reader) { bucket in
            try await bucket.storage.check()
            let file = try await bucket.file([1])
            await #expect {
                try await bucket.storage.put(file, as: BlobKey(rawValue: "originals/0a/a"))
            } throws: { "\($0)".contains("AccessDenied") }
            #expect(bucket.fileCount == 0)
        }
    }

    @Test func `may have no credentials to be asked with`() async throws {
        let found = try await problem(
            ["AWS_ACCESS_KEY_ID": "", "AWS_SHARED_CREDENTIALS_FILE": "/none/such", "HOME": "/none"])
        guard case .noCredentials(let reason)? = found else {
            Issue.record("found \(String(describing: found))")
            return
        }
        #expect(reason.contains("/none/such cannot be read"))
    }

    /// What AWS answers where the signature, or the host's name, is for another region.
    @Test(
        arguments: [
            ScriptedAnswer.text(301, "", fields: ["x-amz-bucket-region": "eu-north-1"]),
            .text(
                400,
                """
                <?xml version="1.0"?><Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is \
                malformed; the region 'us-east-1' is wrong; expecting 'eu-north-1'</Message><Region>eu-north-1</Region></Error>
                """),
        ])
    func `may be in another region, which is named`(_ answer: ScriptedAnswer) async throws {
        try await withScriptedServer { _ in
            answer
        } _: { _, url in
            let found = try await problem(["AWS_ENDPOINT_URL_S3": url], url: "s3://bucket")
            let expected = S3SetupError.wrongRegion("bucket", configured: "us-east-1", actual: "eu-north-1")
            #expect(found == expected)
            #expect("\(expected)".hasSuffix("is in eu-north-1, not in us-east-1: set AWS_REGION=eu-north-1"))
        }
    }

    @Test func `may not be reached`() async throws {
        let url = try await withScriptedServer { _ in
            .silence
        } _: { _, url in
            url
        }
        let found = try await problem(["AWS_ENDPOINT_URL_S3": url], url: "s3://bucket")
        #expect(found == .unreachable(at: url, reason: "Couldn't connect to server"))
    }

    @Test(arguments: [408, 429, 500, 503])
    func `is not one that answers otherwise a moment later`(_ status: Int) async throws {
        try await withScriptedServer { _ in
            .text(status, "<Error><Code>SlowDown</Code></Error>")
        } _: { _, url in
            let found = try await problem(["AWS_ENDPOINT_URL_S3": url], url: "s3://bucket")
            #expect(found == .unreachable(at: url, reason: "it answered \(status), SlowDown: "))
        }
    }

    @Test func `is waited for while it is away`() async throws {
        try await Relay.with(to: try S3Server().port) { relay in
            try await relay.close()
            let endpoint = ["AWS_ENDPOINT_URL_S3": "http://127.0.0.1:\(relay.port)"]
            // What a single operation waits is over when the server comes.
            try await Bucket.with(endpoint, patience: .milliseconds(200)) { bucket in
                async let opening: Void = {
                    try await Task.sleep(for: .seconds(1))
                    try await relay.open()
                }()
                try await bucket.storage.check()
                try await opening
            }
        }
    }
}
