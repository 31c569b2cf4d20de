import SystemPackage
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// A file system of a few megabytes, to be filled.
enum SmallDisk {
    /// Only root may mount.
    static var isPossible: Bool {
        #if canImport(Glibc)
            geteuid() == 0
        #else
            false
        #endif
    }

    static func withMounted(megabytes: Int, _ body: (FilePath) async throws -> Void) async throws {
        #if canImport(Glibc)
            try await withTemporaryFolder { folder in
                try #require(unsafe mount("tmpfs", folder.string, "tmpfs", 0, "size=\(megabytes)m") == 0)
                do {
                    try await body(folder)
                } catch {
                    unmount(folder)
                    throw error
                }
                unmount(folder)
            }
        #endif
    }

    private static func unmount(_ folder: FilePath) {
        #if canImport(Glibc)
            // At once out of sight, and gone when the last file in it is closed.
            #expect(unsafe umount2(folder.string, CInt(MNT_DETACH)) == 0)
        #endif
    }
}
