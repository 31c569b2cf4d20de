import FoundationEssentials
import SystemPackage

/// Lends the path of a file, with bytes in it or not there yet.
@discardableResult
func withTemporaryFile<R>(_ bytes: [UInt8]? = nil, _ body: (FilePath) async throws -> R) async throws -> R {
    let url = FileManager.default.temporaryDirectory.appending(path: "tintype-\(UUID().uuidString)")
    if let bytes { try Data(bytes).write(to: url) }
    defer { try? FileManager.default.removeItem(at: url) }
    return try await body(FilePath(url.path))
}

func bytes(of path: FilePath) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path.string))) }
