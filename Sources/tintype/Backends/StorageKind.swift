import Jobs
import S3Backend

/// Where originals and results are kept.
enum StorageKind {
    static func open(
        _ context: BackendContext, _ folders: Folders, _ scratch: any ScratchSpace
    ) async throws -> any ObjectStorage {
        guard let address = context.configuration[Settings.storageURL] else { return try await folders.storage() }
        return try await ConfigurationError.explaining("STORAGE_URL cannot be used") {
            let environment = context.configuration.variables(named: Settings.awsNames)
            let storage = try S3ObjectStorage(
                S3Settings(url: address, environment: environment),
                credentials: CachedCredentials(environment: environment, logger: context.logger), scratch: scratch,
                patience: context.role == .worker ? .seconds(10) : S3ObjectStorage.patience)
            try await storage.check()
            return storage
        }
    }
}
