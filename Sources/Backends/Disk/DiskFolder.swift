import Jobs
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What is done to folders; all of it blocks.
enum DiskFolder {
    /// Makes a folder and those above it, as far as they are missing.
    ///
    /// - Parameter isSynced: whether they stay there through a power cut.
    static func make(_ path: FilePath, isSynced: Bool) throws(ObjectStorageError) {
        if try isThere(path) { return }
        let parent = path.removingLastComponent()
        if !parent.isEmpty, parent != path { try make(parent, isSynced: isSynced) }
        // 0755, less the umask. Another process may come first.
        try system(path, expecting: .fileExists) { unsafe mkdir($0, 0o755) }
        if isSynced { try sync(parent) }
    }

    /// - Throws: ``ObjectStorageError/unavailable(reason:)`` where something else is there.
    private static func isThere(_ path: FilePath) throws(ObjectStorageError) -> Bool {
        var status = stat()
        let failure = try system(path, expecting: .noSuchFileOrDirectory) { unsafe stat($0, &status) }
        guard failure == nil else { return false }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .unavailable(reason: "\(path) is no folder") }
        return true
    }

    /// Makes what was renamed into the folder stay there through a power cut.
    static func sync(_ path: FilePath) throws(ObjectStorageError) {
        let folder = try open(path.isEmpty ? "." : path)
        defer { try? folder.close() }
        try system(path) { _ in fsync(folder.rawValue) }
    }

    static func open(_ path: FilePath) throws(ObjectStorageError) -> FileDescriptor {
        do {
            return try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec])
        } catch let errno as Errno {
            throw ObjectStorageError(errno, at: path)
        } catch {
            throw .unavailable(reason: "\(path): \(error)")
        }
    }

    struct Entry: Sendable {
        let name: FilePath.Component
        let isFolder: Bool
        let writtenAt: Timestamp
    }

    /// What is in a folder, in no order; links and the like are left out. A folder that is gone holds nothing.
    static func entries(of path: FilePath) throws(ObjectStorageError) -> [Entry] {
        guard let stream = unsafe path.withPlatformString({ unsafe opendir($0) }) else {
            let found = Errno(rawValue: errno)
            if found == .noSuchFileOrDirectory { return [] }
            throw ObjectStorageError(found, at: path)
        }
        defer { unsafe closedir(stream) }
        var entries: [Entry] = []
        while let found = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &found.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CInterop.PlatformChar.self, capacity: 256) {
                    unsafe FilePath.Component(platformString: $0)
                }
            }
            guard let name, name.kind == .regular else { continue }
            var status = stat()
            let isThere = unsafe path.appending(name).withPlatformString { unsafe lstat($0, &status) } == 0
            let kind = status.st_mode & S_IFMT
            guard isThere, kind == S_IFDIR || kind == S_IFREG else { continue }
            entries.append(Entry(name: name, isFolder: kind == S_IFDIR, writtenAt: Timestamp(modified: status)))
        }
        return entries
    }

    /// Removes a folder of files.
    static func remove(_ path: FilePath) throws(ObjectStorageError) {
        for entry in try entries(of: path) {
            let path = path.appending(entry.name)
            try system(path, expecting: .noSuchFileOrDirectory) { unsafe unlink($0) }
        }
        try system(path, expecting: .noSuchFileOrDirectory) { unsafe rmdir($0) }
    }
}

extension Timestamp {
    fileprivate init(modified status: stat) {
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        self.init(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
