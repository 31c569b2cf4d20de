import HTTPClient
package import Jobs
package import SystemPackage
import Threads

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Objects in a bucket of S3, or of a server that speaks its protocol.
///
/// A process that dies within a large upload leaves its parts behind, which no listing shows: a bucket needs a lifecycle rule
/// that aborts incomplete multipart uploads after a day.
package struct S3ObjectStorage: ObjectStorage {
    package let kind = "s3"
    private let client: S3Client
    private let scratch: any ScratchSpace
    private let threads: BlockingThreads

    /// Somebody waits for each answer, and is to hear within two seconds that there is none.
    package static let patience = Duration.milliseconds(1800)

    /// - Parameters:
    ///   - scratch: where objects lie while somebody has them as local files.
    ///   - patience: how long the server may be silent, and how long a failure may be followed by another try.
    ///   - threads: how many files may be read at once to sign them.
    package init(
        _ settings: S3Settings, credentials: CachedCredentials, scratch: any ScratchSpace,
        patience: Duration = patience, threads: Int = 2, now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        client = S3Client(settings, credentials: credentials, patience: patience, now: now)
        self.scratch = scratch
        self.threads = BlockingThreads(count: threads, limit: 4096)
    }

    /// Tries whether the bucket is there and lists its objects: to be called once, at the start.
    ///
    /// - Parameter time: how long a server that is away is tried again, as long as databases are.
    /// - Throws: ``S3SetupError``, which says what is to be put right.
    package func check(for time: Duration = .seconds(10)) async throws {
        let deadline = ContinuousClock.now + time
        while true {
            do {
                return try await checkOnce()
            } catch S3SetupError.unreachable where ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    private func checkOnce() async throws {
        let settings = client.settings
        do {
            var call = S3Call(.get)
            call.query = ["list-type": "2", "max-keys": "1", "prefix": settings.prefix]
            _ = try await client.send(call)
        } catch let failure as S3Failure {
            throw S3SetupError(failure, settings)
        }
    }

    package func ping() async throws {
        _ = try await send(S3Call(.head), nil)
    }

    package func put(_ file: FilePath, as key: BlobKey) async throws {
        do {
            try await upload(file, as: key)
        } catch {
            await remove(file)
            throw error
        }
        await remove(file)
    }

    package func put(_ bytes: [UInt8], as key: BlobKey) async throws {
        var call = S3Call(.put, try client.settings.objectKey(of: key))
        call.body = .bytes(bytes)
        call.digest = FileDigest.sha256(of: bytes)
        _ = try await send(call, nil)
    }

    package func withLocalFile<R: Sendable>(_ key: BlobKey, _ body: (FilePath) async throws -> R) async throws -> R {
        var call = S3Call(.get, try client.settings.objectKey(of: key))
        let file = try await scratch.create(suffix: "")
        do {
            call.destination = .file(file.path, limit: .max)
            _ = try await send(call, key)
            let result = try await body(file.path)
            await file.remove()
            return result
        } catch {
            await file.remove()
            throw error
        }
    }

    package func open(_ key: BlobKey) async throws -> any ObjectReader {
        let objectKey = try client.settings.objectKey(of: key)
        return try await S3ObjectReader(key, objectKey, client: client)
    }

    package func byteCount(of key: BlobKey) async throws -> Int? {
        do {
            let answer = try await send(S3Call(.head, try client.settings.objectKey(of: key)), key)
            guard let count = answer.fields["content-length"].flatMap({ Int($0) }) else {
                throw ObjectStorageError.unavailable(reason: "S3 did not say how long \(key) is")
            }
            return count
        } catch ObjectStorageError.missing {
            return nil
        }
    }

    package func delete(_ key: BlobKey) async throws {
        let call = S3Call(.delete, try client.settings.objectKey(of: key))
        do {
            _ = try await client.send(call)
        } catch let failure as S3Failure {
            // For what was not there AWS answers 204, others 404.
            guard failure.isNotFound else { throw ObjectStorageError(failure, key) }
        }
    }

    package func forEachPage(writtenBefore time: Timestamp, _ body: ([BlobKey]) async throws -> Void) async throws {
        for folder in [BlobKey.originals, BlobKey.results] {
            var call = S3Call(.get)
            call.query = [
                "list-type": "2", "encoding-type": "url", "prefix": "\(client.settings.prefix)\(folder)/",
            ]
            repeat {
                let listing = try ObjectListing(try await send(call, nil).body)
                let keys = listing.entries
                    // The listed time is rounded down: an object may be almost a second younger.
                    .filter { $0.modifiedAt + .seconds(1) < time }
                    .compactMap { client.settings.blobKey(of: $0.key) }
                if !keys.isEmpty { try await body(keys) }
                call.query["continuation-token"] = listing.continuation
            } while call.query["continuation-token"] != nil
        }
    }

    package func presignedURL(
        for key: BlobKey, contentType: String, contentDisposition: String, validFor duration: Duration
    ) async throws -> String? {
        let query = [
            "response-content-type": contentType, "response-content-disposition": contentDisposition,
        ]
        // Seven days are S3's limit.
        let seconds = Int(min(max(duration, .seconds(1)), .seconds(7 * 86400)).seconds)
        do {
            return try await client.presignedURL(try client.settings.objectKey(of: key), query: query, seconds: seconds)
        } catch let failure as S3Failure {
            throw ObjectStorageError(failure, key)
        }
    }
}

extension S3ObjectStorage {
    private func upload(_ file: FilePath, as key: BlobKey) async throws {
        let objectKey = try client.settings.objectKey(of: key)
        let byteCount = try await onThread { try FileDigest.byteCount(of: file) }
        do {
            let upload = S3Upload(client: client, threads: threads, file: file, key: objectKey, byteCount: byteCount)
            try await upload.run()
        } catch let failure as S3Failure {
            throw ObjectStorageError(failure)
        }
    }

    private func send(_ call: S3Call, _ key: BlobKey?) async throws -> CurlResponse {
        do {
            return try await client.send(call)
        } catch let failure as S3Failure {
            throw ObjectStorageError(failure, key)
        }
    }

    private func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        do {
            return try await threads.run(body)
        } catch let busy as TooManyWaiting {
            throw ObjectStorageError.unavailable(reason: busy.description)
        } catch let errno as Errno {
            throw ObjectStorageError.unavailable(reason: "\(errno)")
        }
    }

    private func remove(_ file: FilePath) async {
        await threads.tidy { unsafe file.withPlatformString { _ = unsafe unlink($0) } }
    }
}

extension S3SetupError {
    init(_ failure: S3Failure, _ settings: S3Settings) {
        let address = settings.address.description
        switch failure {
        case .answered(404, _, _): self = .noSuchBucket(settings.bucket, at: address)
        case .answered(let status, let code, let message) where status < 500 && !failure.isTransient:
            self = .refused(settings.bucket, code: code.isEmpty ? "status \(status)" : code, message: message)
        case .wrongRegion(let actual):
            self = .wrongRegion(settings.bucket, configured: settings.region, actual: actual)
        case .noCredentials(let reason): self = .noCredentials(reason: reason)
        default: self = .unreachable(at: address, reason: failure.reason)
        }
    }
}
