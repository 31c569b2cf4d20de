package import Jobs
package import SystemPackage
import Threads

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Objects as files: originals under one folder, results under another.
package struct DiskObjectStorage: ObjectStorage {
    package let kind = "disk"
    private let originals: FilePath
    private let results: FilePath
    private let threads: BlockingThreads
    private let isSynced: Bool

    /// Makes the folders where they are missing.
    ///
    /// - Parameters:
    ///   - isSynced: whether what was put survives a power cut, and not only the death of the process.
    ///   - threads: how many calls may wait for the disk at once.
    ///   - waitingLimit: how many more may wait for a thread; beyond that the storage is unavailable at once.
    package init(
        originals: FilePath, results: FilePath, isSynced: Bool = true, threads: Int = 4, waitingLimit: Int = 4096
    ) async throws {
        self.isSynced = isSynced
        self.originals = originals
        self.results = results
        self.threads = BlockingThreads(count: threads, limit: waitingLimit)
        try await onThread {
            for folder in [originals, results] { try DiskFolder.make(folder, isSynced: isSynced) }
        }
    }

    package func ping() async throws {
        try await onThread {
            for folder in [originals, results] { try Self.checkRoom(in: folder) }
        }
    }

    package func put(_ file: FilePath, as key: BlobKey) async throws {
        do {
            let destination = try path(of: key)
            try await onThread { try DiskPut.move(file, to: destination, isSynced: isSynced) }
        } catch {
            await threads.tidy { DiskPut.remove(file) }
            throw error
        }
    }

    package func put(_ bytes: [UInt8], as key: BlobKey) async throws {
        let destination = try path(of: key)
        try await onThread { try DiskPut.write(bytes, to: destination, isSynced: isSynced) }
    }

    package func withLocalFile<R: Sendable>(
        _ key: BlobKey, _ body: (FilePath) async throws -> R
    ) async throws -> R {
        let path = try path(of: key)
        do {
            return try await body(path)
        } catch {
            // Asked only now: nearly every file is there, and this question costs a change of threads.
            let failure = try await onThread {
                try system(path, expecting: .noSuchFileOrDirectory) { unsafe access($0, R_OK) }
            }
            throw failure == nil ? error : ObjectStorageError.missing(key)
        }
    }

    package func open(_ key: BlobKey) async throws -> any ObjectReader {
        let path = try path(of: key)
        return try await onThread {
            do {
                return try DiskObjectReader(path, on: threads)
            } catch Errno.noSuchFileOrDirectory {
                throw ObjectStorageError.missing(key)
            } catch let errno as Errno {
                throw ObjectStorageError(errno, at: path)
            }
        }
    }

    package func byteCount(of key: BlobKey) async throws -> Int? {
        let path = try path(of: key)
        return try await onThread {
            var status = stat()
            let failure = try system(path, expecting: .noSuchFileOrDirectory) { unsafe lstat($0, &status) }
            return failure == nil ? Int(status.st_size) : nil
        }
    }

    package func delete(_ key: BlobKey) async throws {
        let path = try path(of: key)
        try await onThread {
            _ = try system(path, expecting: .noSuchFileOrDirectory) { unsafe unlink($0) }
        }
    }

    package func forEachPage(writtenBefore time: Timestamp, _ body: ([BlobKey]) async throws -> Void) async throws {
        var folders = [(BlobKey.originals, originals), (BlobKey.results, results)]
        while let (prefix, folder) = folders.popLast() {
            let entries = try await onThread { try DiskFolder.entries(of: folder) }
            folders += entries.filter(\.isFolder).map { ("\(prefix)/\($0.name)", folder.appending($0.name)) }
            let keys = entries.filter { !$0.isFolder && $0.writtenAt < time }
                .map { BlobKey(rawValue: "\(prefix)/\($0.name)") }
            for start in stride(from: 0, to: keys.count, by: Self.pageSize) {
                try await body(Array(keys[start..<min(start + Self.pageSize, keys.count)]))
            }
        }
    }

    private static let pageSize = 1000
}

extension DiskObjectStorage {
    /// Where an object lies: a key leads nowhere but below the two folders, whoever made it.
    private func path(of key: BlobKey) throws(ObjectStorageError) -> FilePath {
        let parts = key.rawValue.split(separator: "/", omittingEmptySubsequences: false)
        let folder =
            switch parts.first.map(String.init) {
            case BlobKey.originals?: originals
            case BlobKey.results?: results
            default: throw .missing(key)
            }
        let names = parts.dropFirst().compactMap(Self.component)
        guard !names.isEmpty, names.count == parts.count - 1 else { throw .missing(key) }
        return folder.appending(names)
    }

    private static func component(_ text: Substring) -> FilePath.Component? {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isPlain, !text.hasPrefix(".") else { return nil }
        return FilePath.Component(String(text))
    }

    private func onThread<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
        do {
            return try await threads.run(body)
        } catch let busy as TooManyWaiting {
            throw ObjectStorageError.unavailable(reason: busy.description)
        }
    }

    /// What `/health` calls full: less than this is used up by the next few requests.
    private static let leastRoom = 1 << 20

    private static func checkRoom(in folder: FilePath) throws {
        var figures = statvfs()
        try system(folder) { unsafe statvfs($0, &figures) }
        guard UInt64(figures.f_bavail) * UInt64(figures.f_frsize) >= leastRoom else { throw ObjectStorageError.full }
        // Some file systems make inodes as they need them, and name none.
        guard figures.f_files == 0 || figures.f_favail > 0 else { throw ObjectStorageError.full }
        try system(folder) { unsafe access($0, W_OK | X_OK) }
    }
}
