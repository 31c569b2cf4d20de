package import SystemPackage

/// Room for files in the making: uploads while they arrive, results before they are published. It lies on the disk that
/// ``ObjectStorage`` puts from, so that a file is handed over by its name and not by its bytes.
///
/// What is not handed over is removed; what a dead process left behind goes when the next one starts.
package protocol ScratchSpace: Sendable {
    /// Reserves a name that never was before; the file is made when it is first written to.
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

    /// Writes the last bytes and closes, in one step: most files are small enough for it to be the only one.
    func finish(_ last: [UInt8]) async throws

    /// Deletes the file where it is still there, closing it first.
    func remove() async
}

extension ScratchFile {
    package func finish(_ last: [UInt8]) async throws {
        try await append(last)
        try await close()
    }
}

extension ScratchSpace {
    /// Lends a file to `body`, which hands it over at its end; where it throws, what is there is removed.
    package func withFile<R: Sendable>(
        suffix: String = "", _ body: (any ScratchFile) async throws -> R
    ) async throws -> R {
        let file = try await create(suffix: suffix)
        do {
            return try await body(file)
        } catch {
            await file.remove()
            throw error
        }
    }
}
