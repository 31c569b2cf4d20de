import DiskBackend
import FoundationEssentials
import Jobs
import Logging
import S3Backend
import SystemPackage
import TestServers
import Testing

/// The object storages there are; every promise of the protocol is tested on each.
enum StorageBackend: CaseIterable, Sendable {
    case disk
    /// With scratch files on another file system.
    case diskElsewhere
    case s3

    func withStorage(_ body: (any ObjectStorage, any ScratchSpace) async throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let own = folder.appending("scratch")
            switch self {
            case .disk: try await body(try await disk(in: folder), try await DiskScratchSpace(in: own))
            case .diskElsewhere:
                try await SmallDisk.withMounted(megabytes: 16) { other in
                    try await body(
                        try await disk(in: folder), try await DiskScratchSpace(in: other.appending("scratch")))
                }
            case .s3:
                let scratch = try await DiskScratchSpace(in: own)
                try await body(try s3(with: scratch), scratch)
            }
        }
    }

    private func disk(in folder: FilePath) async throws -> DiskObjectStorage {
        try await DiskObjectStorage(
            originals: folder.appending("uploads"), results: folder.appending("made").appending("processed"))
    }

    private func s3(with scratch: any ScratchSpace) throws -> S3ObjectStorage {
        let server = try S3Server()
        return S3ObjectStorage(
            try S3Settings(url: server.freshURL(), environment: server.environment),
            credentials: try CachedCredentials(environment: server.environment, logger: Logger(label: "test")),
            scratch: scratch, patience: .seconds(30))
    }

    static var possible: [StorageBackend] { SmallDisk.isPossible ? allCases : [.disk, .s3] }
}

@Suite struct `An object storage` {
    private let key = BlobKey(rawValue: "originals/0a/0a.1-b")

    private func written(_ bytes: [UInt8], in scratch: any ScratchSpace) async throws -> any ScratchFile {
        let file = try await scratch.create(suffix: ".png")
        try await file.append(bytes)
        try await file.close()
        return file
    }

    private func isThere(_ path: FilePath) -> Bool { FileManager.default.fileExists(atPath: path.string) }

    @Test(arguments: StorageBackend.possible)
    func `takes a file over and gives its bytes back`(_ backend: StorageBackend) async throws {
        try await backend.withStorage { storage, scratch in
            try await storage.ping()
            let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
            for key in [key, .result(JobID(), fence: 3, fileExtension: "webp")] {
                let file = try await written(bytes, in: scratch)
                try await storage.put(file.path, as: key)
                #expect(!isThere(file.path))
                let reader = try await storage.open(key)
                #expect(reader.byteCount == bytes.count)
                var found: [UInt8] = []
                while found.count < reader.byteCount {
                    found += try await reader.read(at: found.count, count: 300_000)
                }
                #expect(found == bytes)
                #expect(try await reader.read(at: 699_998, count: 10) == [UInt8](bytes.suffix(2)))
                #expect(try await reader.read(at: 700_000, count: 10) == [])
                await reader.close()
                try await storage.withLocalFile(key) { path in
                    let found = try Data(contentsOf: URL(filePath: path.string))
                    #expect([UInt8](found) == bytes)
                }
            }
        }
    }

    @Test(arguments: StorageBackend.possible, [0, 1, 70_000])
    func `takes bytes over and gives them back`(_ backend: StorageBackend, _ count: Int) async throws {
        try await backend.withStorage { storage, _ in
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 11) }
            // Over longer ones, too, that were cut off or damaged.
            for bytes in [bytes + [1, 2, 3], bytes] { try await storage.put(bytes, as: key) }
            #expect(try await storage.byteCount(of: key) == count)
            let reader = try await storage.open(key)
            #expect(reader.byteCount == count)
            #expect(try await reader.read(at: 0, count: count + 1) == bytes)
            await reader.close()
            #expect(try await listed(storage, before: .now + .seconds(60)) == [key])
        }
    }

    @Test(arguments: StorageBackend.possible)
    func `misses what was not put, or was deleted`(_ backend: StorageBackend) async throws {
        try await backend.withStorage { storage, scratch in
            try await storage.delete(key)
            try await storage.put(try await written([1], in: scratch).path, as: key)
            try await storage.delete(key)
            #expect(try await storage.byteCount(of: key) == nil)
            await #expect(throws: ObjectStorageError.missing(key)) { _ = try await storage.open(key) }
            await #expect(throws: ObjectStorageError.missing(key)) {
                _ = try await storage.withLocalFile(key) { path in
                    try Data(contentsOf: URL(filePath: path.string)).count
                }
            }
            try await storage.delete(key)
        }
    }

    @Test(arguments: StorageBackend.possible)
    func `lets a reader read to the end of what is deleted meanwhile`(_ backend: StorageBackend) async throws {
        try await backend.withStorage { storage, scratch in
            try await storage.put(try await written([1, 2, 3], in: scratch).path, as: key)
            let reader = try await storage.open(key)
            try await storage.delete(key)
            #expect(try await reader.read(at: 1, count: 9) == [2, 3])
            await reader.close()
            await #expect(throws: ObjectStorageError.self) { _ = try await reader.read(at: 0, count: 1) }
        }
    }

    @Test(arguments: StorageBackend.possible)
    func `names the objects that were written before a time`(_ backend: StorageBackend) async throws {
        try await backend.withStorage { storage, scratch in
            var keys: Set<BlobKey> = []
            for fence in 1...20 {
                let key = BlobKey.result(JobID(), fence: fence, fileExtension: "png")
                try await storage.put(try await written([1], in: scratch).path, as: key)
                keys.insert(key)
            }
            try await storage.put(try await written([1], in: scratch).path, as: key)
            keys.insert(key)
            #expect(try await listed(storage, before: .now + .seconds(60)) == keys)
            #expect(try await listed(storage, before: .now - .seconds(3600)) == [])
        }
    }

    @Test func `has URLs of its own, or none`() async throws {
        for backend in StorageBackend.possible {
            try await backend.withStorage { storage, _ in
                let url = try await storage.presignedURL(
                    for: key, contentType: "image/png", contentDisposition: "inline", validFor: .seconds(60))
                #expect((url != nil) == (backend == .s3))
            }
        }
    }

    private func listed(_ storage: any ObjectStorage, before time: Timestamp) async throws -> Set<BlobKey> {
        var keys: Set<BlobKey> = []
        try await storage.forEachPage(writtenBefore: time) { page in
            for key in page { #expect(keys.insert(key).inserted) }
        }
        return keys
    }

    @Test(
        arguments: [
            "", "originals", "originals/", "originals//a", "originals/..", "originals/../a", "originals/a/../../b",
            "/etc/passwd", "other/a", "originals/.hidden", "originals/a\0b", "originals/a b", "results/ü",
        ], [StorageBackend.disk, .s3])
    func `leads a key nowhere but into its folders`(_ text: String, _ backend: StorageBackend) async throws {
        try await backend.withStorage { storage, scratch in
            let key = BlobKey(rawValue: text)
            let file = try await written([1], in: scratch)
            await #expect(throws: ObjectStorageError.missing(key)) { try await storage.put(file.path, as: key) }
            await #expect(throws: ObjectStorageError.missing(key)) { _ = try await storage.open(key) }
            await #expect(throws: ObjectStorageError.missing(key)) { try await storage.delete(key) }
            // Either way the file is gone from its old place.
            #expect(!isThere(file.path))
        }
    }

    @Test(arguments: [StorageBackend.disk, .s3])
    func `does not put a link in the place of a file`(_ backend: StorageBackend) async throws {
        try await backend.withStorage { storage, scratch in
            let file = try await written([1], in: scratch)
            let link = FilePath("\(file.path).link")
            try FileManager.default.createSymbolicLink(atPath: link.string, withDestinationPath: "/etc/hostname")
            await #expect(throws: ObjectStorageError.self) { try await storage.put(link, as: key) }
            await #expect(throws: ObjectStorageError.missing(key)) { _ = try await storage.open(key) }
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "only root may mount a small file system"))
    func `says that the disk is full, and keeps nothing of what did not fit`() async throws {
        try await SmallDisk.withMounted(megabytes: 2) { disk in
            let storage = try await DiskObjectStorage(originals: disk.appending("o"), results: disk.appending("r"))
            try await withTemporaryFolder { folder in
                let scratch = try await DiskScratchSpace(in: folder)
                let bytes = [UInt8](repeating: 7, count: 1_500_000)
                try await storage.put(try await written(bytes, in: scratch).path, as: key)
                let second = try await written(bytes, in: scratch)
                let other = BlobKey(rawValue: "originals/0b/0b")
                await #expect(throws: ObjectStorageError.full) { try await storage.put(second.path, as: other) }
                await #expect(throws: ObjectStorageError.missing(other)) { _ = try await storage.open(other) }
                await #expect(throws: ObjectStorageError.full) { try await storage.ping() }
                #expect(!isThere(second.path))
                #expect(try await listed(storage, before: .now + .seconds(60)) == [key])
                try await storage.delete(key)
                try await storage.ping()
                try await storage.put(try await written(bytes, in: scratch).path, as: other)
            }
        }
    }
}
