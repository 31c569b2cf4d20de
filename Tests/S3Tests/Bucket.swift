import DiskBackend
import FoundationEssentials
import Jobs
import SystemPackage
import TestServers

@testable import S3Backend

/// A storage on the tests' S3 server, under a prefix of its own, and room for its files.
struct Bucket: Sendable {
    let storage: S3ObjectStorage
    let client: S3Client
    let settings: S3Settings
    let scratch: any ScratchSpace
    let folder: FilePath

    /// - Parameter changes: to the environment that the storage sees.
    @discardableResult
    static func with<R>(
        _ changes: [String: String] = [:], url: String? = nil, patience: Duration = .seconds(30),
        now: @escaping @Sendable () -> Timestamp = { .now },
        _ body: (Bucket) async throws -> R
    ) async throws -> R {
        let server = try S3Server()
        return try await with(
            environment: server.environment.merging(changes) { $1 }, url: url ?? server.freshURL(), patience: patience,
            now: now, body)
    }

    @discardableResult
    static func with<R>(
        environment: [String: String], url: String, patience: Duration = .seconds(30),
        now: @escaping @Sendable () -> Timestamp = { .now },
        _ body: (Bucket) async throws -> R
    ) async throws -> R {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tintype-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let settings = try S3Settings(url: url, environment: environment)
        let scratch = try await DiskScratchSpace(in: FilePath(folder.path))
        let credentials = try CachedCredentials(environment: environment, logger: quiet)
        return try await body(
            Bucket(
                storage: S3ObjectStorage(
                    settings, credentials: credentials, scratch: scratch, patience: patience, now: now),
                client: S3Client(settings, credentials: credentials, patience: patience, now: now),
                settings: settings,
                scratch: scratch, folder: FilePath(folder.path)))
    }

    func file(_ bytes: [UInt8]) async throws -> FilePath {
        let file = try await scratch.create(suffix: ".bin")
        try await file.finish(bytes)
        return file.path
    }

    /// How many files lie in the scratch folder and below.
    var fileCount: Int {
        guard let found = try? FileManager.default.subpathsOfDirectory(atPath: folder.string) else { return -1 }
        return found.filter { path in
            (try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(path)")[.type] as? FileAttributeType)
                == .typeRegular
        }.count
    }
}

/// Bytes in which each kilobyte says where it stands.
func pattern(_ count: Int, seed: Int = 1) -> [UInt8] {
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: UInt8(truncatingIfNeeded: seed), count: 1024)
    while bytes.count < count {
        for byte in 0..<8 { block[byte] = UInt8(truncatingIfNeeded: bytes.count >> (8 * byte)) }
        bytes += block
    }
    bytes.removeLast(bytes.count - count)
    return bytes
}

func bytes(of path: FilePath) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path.string))) }
