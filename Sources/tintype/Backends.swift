import DiskBackend
import Jobs
import SQLBackend
import SQLiteBackend
import SystemPackage

/// What stands behind the three protocols, as the configuration chose.
struct Backends: Sendable {
    let store: any JobStore
    let queue: any JobQueue
    let storage: any ObjectStorage
    let scratch: any ScratchSpace

    /// - Throws: ``ConfigurationError`` where what is configured cannot be used.
    init(_ configuration: Configuration) async throws {
        do {
            try await self.init(opening: configuration)
        } catch let error as ConfigurationError {
            throw error
        } catch {
            throw ConfigurationError.unusable(
                reason: "DATA_DIR, UPLOAD_DIR, PROCESSED_DIR or DATABASE_URL cannot be used: \(error)")
        }
    }

    private init(opening configuration: Configuration) async throws {
        let isSynced = try configuration.value(of: Settings.syncWrites)
        let data = FilePath(try configuration.value(of: Settings.dataFolder))
        let uploads = configuration[Settings.uploadFolder].map { FilePath($0) } ?? data.appending("uploads")
        let processed = configuration[Settings.processedFolder].map { FilePath($0) } ?? data.appending("processed")
        let database = configuration[Settings.databaseURL].map { FilePath($0) } ?? data.appending("tintype.db")
        // The folders first: the database lies in one of them.
        storage = try await DiskObjectStorage(originals: uploads, results: processed, isSynced: isSynced)
        scratch = try await DiskScratchSpace(in: data.appending("scratch"))
        store = try await SQLJobStore(SQLiteDatabase(path: database.string, isSynced: isSynced))
        queue = StoreQueue(store)
    }
}
