import Jobs
import Synchronization
import TestServers
import Testing

@testable import S3Backend

@Suite struct `An S3 server that fails` {
    private let key = BlobKey(rawValue: "originals/0a/a")
    private let environment = ["AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"]

    @discardableResult
    private func withScript<R>(
        _ script: @escaping @Sendable (HeardRequest) -> ScriptedAnswer,
        _ body: (Bucket, ScriptedServer) async throws -> R
    ) async throws -> R {
        try await withScriptedServer(script) { server, url in
            let environment = environment.merging(["AWS_ENDPOINT_URL_S3": url]) { $1 }
            return try await Bucket.with(environment: environment, url: "s3://bucket/p") { try await body($0, server) }
        }
    }

    /// The first answers, and then the last of them for ever.
    private func inTurn(_ answers: ScriptedAnswer...) -> @Sendable (HeardRequest) -> ScriptedAnswer {
        let count = Mutex(0)
        return { _ in
            count.withLock { count in
                defer { count += 1 }
                return answers[min(count, answers.count - 1)]
            }
        }
    }

    private static let slowDown = ScriptedAnswer.text(503, "<Error><Code>SlowDown</Code></Error>")

    @Test(arguments: [slowDown, .text(500, ""), .hangUp, .cutShort(body: [1], announced: 9)])
    func `is asked again, and the bytes are whole`(_ failure: ScriptedAnswer) async throws {
        try await withScript(inTurn(failure, .text(200, "hello"))) { bucket, server in
            try await bucket.storage.put(try await bucket.file([1, 2, 3]), as: key)
            #expect(server.requests.allSatisfy { $0.body == [1, 2, 3] && $0.target == "/bucket/p/originals/0a/a" })
            #expect(server.requests.count == 2)
        }
        try await withScript(inTurn(failure, .text(200, "hello"))) { bucket, _ in
            let found = try await bucket.storage.withLocalFile(key) { path in try bytes(of: path) }
            #expect(found == Array("hello".utf8))
            #expect(bucket.fileCount == 0)
        }
    }

    @Test func `is not asked for ever`() async throws {
        try await withScript(inTurn(Self.slowDown)) { bucket, server in
            await #expect(throws: ObjectStorageError.unavailable(reason: "S3: it answered 503, SlowDown: ")) {
                try await bucket.storage.put(try await bucket.file([1]), as: key)
            }
            #expect((2...4).contains(server.requests.count))
        }
    }

    @Test func `is not asked again where that is no use`() async throws {
        try await withScript(inTurn(.text(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"))) {
            bucket, server in
            await #expect(throws: ObjectStorageError.unavailable(reason: "S3: it answered 403, AccessDenied: no")) {
                _ = try await bucket.storage.open(key)
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test(arguments: [ScriptedAnswer.text(507, ""), .text(400, "<Error><Code>QuotaExceeded</Code></Error>")])
    func `may be full`(_ answer: ScriptedAnswer) async throws {
        try await withScript(inTurn(answer)) { bucket, _ in
            await #expect(throws: ObjectStorageError.full) {
                try await bucket.storage.put(try await bucket.file([1]), as: key)
            }
            #expect(bucket.fileCount == 0)
        }
    }

    @Test func `without the bucket does not make objects missing`() async throws {
        try await withScript(inTurn(.text(404, "<Error><Code>NoSuchBucket</Code></Error>"))) { bucket, _ in
            await #expect(throws: ObjectStorageError.unavailable(reason: "S3: it answered 404, NoSuchBucket: ")) {
                _ = try await bucket.storage.open(key)
            }
        }
    }

    @Test func `signs each body it is sent, and each try anew`() async throws {
        try await withScript(inTurn(Self.slowDown, .text(200, ""))) { bucket, server in
            try await bucket.storage.put(try await bucket.file(Array("hello".utf8)), as: key)
            for request in server.requests {
                #expect(
                    request.fields["x-amz-content-sha256"]
                        == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
                #expect(request.fields["authorization"]?.contains("SignedHeaders=host;x-amz-content-sha256;") == true)
            }
        }
    }

    // MARK: Parts

    /// Takes parts; `join` answers what joins them.
    private func upload(
        part: @escaping @Sendable (HeardRequest) -> ScriptedAnswer = { _ in .answer(200, fields: ["etag": "\"a&b\""]) },
        join: @escaping @Sendable (HeardRequest) -> ScriptedAnswer, size: Int = 0
    ) -> @Sendable (HeardRequest) -> ScriptedAnswer {
        { request in
            switch request.method {
            case "POST" where request.target.hasSuffix("?uploads="):
                .text(200, "<InitiateMultipartUploadResult><UploadId>i/d</UploadId></InitiateMultipartUploadResult>")
            case "POST": join(request)
            case "PUT": part(request)
            case "HEAD": .answer(200, fields: ["content-length": String(size)])
            default: .answer(204)
            }
        }
    }

    private let big = [UInt8](repeating: 9, count: S3Upload.partSize * 2 + 1)

    @Test func `gets the parts in order, whole, and their tags`() async throws {
        let join: @Sendable (HeardRequest) -> ScriptedAnswer = { _ in .text(200, "<CompleteMultipartUploadResult/>") }
        try await withScript(upload(join: join)) { bucket, server in
            try await bucket.storage.put(try await bucket.file(big), as: key)
            let parts = server.requests.filter { $0.method == "PUT" }.sorted { $0.target < $1.target }
            #expect(
                parts.map { $0.target.split(separator: "?").last ?? "" }
                    == (1...3).map { "partNumber=\($0)&uploadId=i%2Fd" })
            #expect(parts.map(\.body.count) == [S3Upload.partSize, S3Upload.partSize, 1])
            let joined = try #require(server.requests.last)
            #expect(joined.target.hasSuffix("?uploadId=i%2Fd"))
            let root = try XMLElement(joined.body)
            #expect(root.children.map { $0["PartNumber"] } == ["1", "2", "3"])
            #expect(root.children.allSatisfy { $0["ETag"] == "\"a&b\"" })
        }
    }

    @Test func `that refuses a part keeps none`() async throws {
        let refuse: @Sendable (HeardRequest) -> ScriptedAnswer = { request in
            request.target.contains("partNumber=3") ? .text(403, "") : .answer(200, fields: ["etag": "a"])
        }
        try await withScript(upload(part: refuse, join: { _ in .text(500, "") })) { bucket, server in
            await #expect(throws: ObjectStorageError.unavailable(reason: "S3: it answered 403")) {
                try await bucket.storage.put(try await bucket.file(big), as: key)
            }
            // A part that was on its way may be heard after it.
            let last = try #require(server.requests.last { $0.method != "PUT" })
            #expect(last.method == "DELETE" && last.target.hasSuffix("?uploadId=i%2Fd"))
            #expect(bucket.fileCount == 0)
        }
    }

    @Test func `that says 200 and fails after that is not believed`() async throws {
        let count = Mutex(0)
        let join: @Sendable (HeardRequest) -> ScriptedAnswer = { _ in
            .text(
                200,
                "  <Error><Code>InternalError</Code><Message>once\(count.withLock { $0 += 1; return $0 })</Message></Error>"
            )
        }
        try await withScript(upload(join: join)) { bucket, server in
            await #expect(throws: ObjectStorageError.unavailable(reason: "S3: it answered 500, InternalError: once1")) {
                try await bucket.storage.put(try await bucket.file(big), as: key)
            }
            #expect(server.requests.last?.method == "DELETE")
        }
    }

    @Test(arguments: [0, 1])
    func `that joined the parts before its answer was lost is believed if the size is right`(_ difference: Int)
        async throws
    {
        let count = Mutex(0)
        let join: @Sendable (HeardRequest) -> ScriptedAnswer = { _ in
            count.withLock { count in
                count += 1
                return count == 1 ? .hangUp : .text(404, "<Error><Code>NoSuchUpload</Code></Error>")
            }
        }
        try await withScript(upload(join: join, size: big.count + difference)) { bucket, server in
            let file = try await bucket.file(big)
            if difference == 0 {
                try await bucket.storage.put(file, as: key)
                #expect(server.requests.last?.method == "HEAD")
            } else {
                await #expect(throws: ObjectStorageError.self) { try await bucket.storage.put(file, as: key) }
            }
        }
    }
}

@Suite struct `A connection to S3 that fails` {
    private let key = BlobKey(rawValue: "originals/0a/a")

    private func withRelay(_ body: (Relay, Bucket) async throws -> Void) async throws {
        try await Relay.with(to: try S3Server().port) { relay in
            try await Bucket.with(endpoint(relay)) { bucket in try await body(relay, bucket) }
        }
    }

    private func endpoint(_ relay: Relay) -> [String: String] {
        ["AWS_ENDPOINT_URL_S3": "http://127.0.0.1:\(relay.port)"]
    }

    @Test func `is made again after the server was away`() async throws {
        try await withRelay { relay, bucket in
            for round in 0..<3 {
                let bytes = pattern(70_000, seed: round)
                let key = BlobKey(rawValue: "originals/0a/\(round)")
                try await bucket.storage.put(try await bucket.file(bytes), as: key)
                try await relay.close()
                await #expect {
                    _ = try await bucket.storage.open(key)
                } throws: { if case ObjectStorageError.unavailable = $0 { true } else { false } }
                try await relay.open()
                #expect(try await bucket.storage.open(key).read(at: 0, count: 70_000) == bytes)
            }
        }
    }

    @Test func `that breaks late is not waited for anew`() async throws {
        try await withRelay { relay, _ in
            relay.isSilent = true
            try await Bucket.with(endpoint(relay), patience: .seconds(3)) { bucket in
                let start = ContinuousClock.now
                async let cutting: Void = {
                    try await Task.sleep(for: .milliseconds(2500))
                    relay.cut()
                }()
                await #expect {
                    try await bucket.storage.ping()
                } throws: { if case ObjectStorageError.unavailable = $0 { true } else { false } }
                // A little more, on a busy machine, and far less than twice as long.
                #expect(start.duration(to: .now) < .milliseconds(4500))
                try await cutting
            }
        }
    }

    private enum Operation: CaseIterable {
        case ping, put, open, byteCount, delete, localFile, list

        func callAsFunction(on bucket: Bucket, _ key: BlobKey) async throws {
            switch self {
            case .ping: try await bucket.storage.ping()
            case .put: try await bucket.storage.put(try await bucket.file([1]), as: key)
            case .open: _ = try await bucket.storage.open(key)
            case .byteCount: _ = try await bucket.storage.byteCount(of: key)
            case .delete: try await bucket.storage.delete(key)
            case .localFile: try await bucket.storage.withLocalFile(key) { _ in }
            case .list: try await bucket.storage.forEachPage(writtenBefore: .now) { _ in }
            }
        }
    }

    @Test func `that swallows everything does not hold anybody`() async throws {
        try await withRelay { relay, bucket in
            try await bucket.storage.put(try await bucket.file([1, 2]), as: key)
            relay.isSilent = true
            try await Bucket.with(endpoint(relay), patience: S3ObjectStorage.patience) { other in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for operation in Operation.allCases {
                        group.addTask { [key] in
                            let start = ContinuousClock.now
                            await #expect("\(operation)") {
                                try await operation(on: other, key)
                            } throws: { if case ObjectStorageError.unavailable = $0 { true } else { false } }
                            // 1.8 s where there is a processor to run on.
                            #expect(start.duration(to: .now) < .seconds(6), "\(operation)")
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(other.fileCount == 0)
            }
            relay.isSilent = false
            #expect(try await bucket.storage.open(key).read(at: 0, count: 2) == [1, 2])
        }
    }
}
