import DiskBackend
import Jobs
import SystemPackage

/// Where things lie on this machine's disk.
struct Folders: Sendable {
    let data: FilePath
    let uploads: FilePath
    let processed: FilePath
    /// Whether what was answered survives a power cut.
    let isSynced: Bool

    init(_ configuration: Configuration) throws {
        data = FilePath(try configuration.value(of: Settings.dataFolder))
        uploads = configuration[Settings.uploadFolder].map { FilePath($0) } ?? data.appending("uploads")
        processed = configuration[Settings.processedFolder].map { FilePath($0) } ?? data.appending("processed")
        isSynced = try configuration.value(of: Settings.syncWrites)
    }

    func scratch() async throws -> DiskScratchSpace {
        try await ConfigurationError.explaining("DATA_DIR cannot be used") {
            try await DiskScratchSpace(in: data.appending("scratch"))
        }
    }

    func storage() async throws -> DiskObjectStorage {
        try await ConfigurationError.explaining("DATA_DIR, UPLOAD_DIR or PROCESSED_DIR cannot be used") {
            try await DiskObjectStorage(originals: uploads, results: processed, isSynced: isSynced)
        }
    }
}
