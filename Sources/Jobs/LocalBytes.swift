package import SystemPackage

/// Bytes on their way into the storage: few are held in memory, so that a small picture costs one write of one file; many
/// lie in a scratch file.
package enum LocalBytes: Sendable, Hashable {
    case held([UInt8])
    case file(FilePath)

    /// Up to here bytes are held, as a rule.
    package static let maxHeldByteCount = 64 * 1024
}

extension ObjectStorage {
    /// As ``put(_:as:)-(FilePath,_)`` and ``put(_:as:)-([UInt8],_)``, whichever it is.
    package func put(_ bytes: LocalBytes, as key: BlobKey) async throws {
        switch bytes {
        case .held(let bytes): try await put(bytes, as: key)
        case .file(let path): try await put(path, as: key)
        }
    }
}
