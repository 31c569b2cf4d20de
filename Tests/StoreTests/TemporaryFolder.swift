import FoundationEssentials
import SystemPackage

/// Lends an empty folder for as long as `body` runs.
func withTemporaryFolder<R>(_ body: (FilePath) async throws -> R) async throws -> R {
    let folder = FileManager.default.temporaryDirectory.appending(path: "tintype-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(FilePath(folder.path))
}
