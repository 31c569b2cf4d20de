package import SystemPackage

/// Room for files in the making: uploads while they arrive, results before they are published. It lies on the disk that
/// ``ObjectStorage`` puts from, so that a file is handed over by its name and not by its bytes.
///
/// What is not handed over is removed; what a dead process left behind goes when the next one starts.
package protocol ScratchSpace: Sendable {
    /// Makes an empty file of a name that never was before.
    ///
    /// - Parameter suffix: the end of the name, such as `.webp`; letters, digits, `-` and `.` only.
    /// - Throws: ``ObjectStorageError/full`` or ``ObjectStorageError/unavailable(reason:)``.
    func create(suffix: String) async throws -> any ScratchFile
}

/// One file in the making, and whoever made it owns it: it ends with ``remove()``, which is harmless after
/// ``ObjectStorage/put(_:as:)`` took the file away.
package protocol ScratchFile: Sendable {
    var path: FilePath { get }

    /// Writes bytes behind those that are there. One call at a time.
    /// - Throws: ``ObjectStorageError/full`` or ``ObjectStorageError/unavailable(reason:)``.
    func append(_ bytes: [UInt8]) async throws

    /// Ends the writing. The bytes need not be durable yet: putting sees to that.
    func close() async throws

    /// Deletes the file where it is still there, closing it first.
    func remove() async
}

extension ScratchSpace {
    /// Lends a file for as long as `body` runs, and removes what it did not hand over.
    package func withFile<R: Sendable>(
        suffix: String = "", _ body: (any ScratchFile) async throws -> R
    ) async throws -> R {
        let file = try await create(suffix: suffix)
        do {
            let result = try await body(file)
            await file.remove()
            return result
        } catch {
            await file.remove()
            throw error
        }
    }
}
