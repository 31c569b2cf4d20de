import DiskBackend
import Jobs
import SQLBackend
import SQLiteBackend
import SystemPackage

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What stands behind the three protocols, as the configuration chose.
struct Backends: Sendable {
    let store: any JobStore
    let queue: any JobQueue
    let storage: any ObjectStorage
    let scratch: any ScratchSpace

    init(_ configuration: Configuration) async throws {
        let isSynced = try configuration.value(of: Settings.syncWrites)
        let data = FilePath(try configuration.value(of: Settings.dataFolder))
        let uploads = configuration[Settings.uploadFolder].map { FilePath($0) } ?? data.appending("uploads")
        let processed = configuration[Settings.processedFolder].map { FilePath($0) } ?? data.appending("processed")
        let database = configuration[Settings.databaseURL].map { FilePath($0) } ?? data.appending("tintype.db")
        for folder in [data, database.removingLastComponent()] where !folder.isEmpty { try Self.make(folder) }
        store = try await SQLJobStore(SQLiteDatabase(path: database.string, isSynced: isSynced))
        queue = StoreQueue(kind: store.kind)
        storage = try await DiskObjectStorage(originals: uploads, results: processed, isSynced: isSynced)
        scratch = try await DiskScratchSpace(in: data.appending("scratch"))
    }

    private static func make(_ folder: FilePath) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        } catch {
            throw ConfigurationError.unusable(reason: "the folder \(folder) cannot be made: \(error)")
        }
    }
}
