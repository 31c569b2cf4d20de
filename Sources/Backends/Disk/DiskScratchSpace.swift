package import Jobs
import Synchronization
package import SystemPackage
import Threads

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Scratch files in a folder of this process, beside those of others; on the file system of the objects a put is then a
/// rename.
package final class DiskScratchSpace: ScratchSpace {
    private let folder: FilePath
    /// Locked as long as the process lives, which tells others that the folder is in use.
    private let lock: FileDescriptor
    private let threads: BlockingThreads
    private let fileCount = Atomic(0)

    /// Makes the process's folder within `parent`, and removes those of dead processes.
    ///
    /// - Parameters:
    ///   - threads: how many calls may wait for the disk at once.
    ///   - waitingLimit: how many more may wait for a thread; beyond that there is no room, at once.
    package init(in parent: FilePath, threads: Int = 2, waitingLimit: Int = 4096) async throws {
        self.threads = BlockingThreads(count: threads, limit: waitingLimit)
        (folder, lock) = try await self.threads.run {
            try DiskFolder.make(parent, isSynced: false)
            return try Self.makeOwn(in: parent)
        }
    }

    deinit {
        try? DiskFolder.remove(folder)
        try? lock.close()
    }

    package func create(suffix: String) async throws -> any ScratchFile {
        precondition(!suffix.utf8.contains(UInt8(ascii: "/")), "a suffix names no folder")
        let path = folder.appending("\(fileCount.add(1, ordering: .relaxed).newValue)\(suffix)")
        return DiskScratchFile(path, on: threads)
    }

    /// Makes and locks this process's own folder, in its turn: to another that starts, a folder that is not locked yet looks
    /// like a dead one's.
    private static func makeOwn(in parent: FilePath) throws -> (FilePath, FileDescriptor) {
        let turn = try DiskFolder.open(parent)
        defer { try? turn.close() }
        try system(parent) { _ in flock(turn.rawValue, LOCK_EX) }
        try removeLeftovers(in: parent)
        let folder = parent.appending(UUID().uuidString.lowercased())
        try DiskFolder.make(folder, isSynced: false)
        let lock = try DiskFolder.open(folder)
        guard try take(lock, folder) else {
            throw ObjectStorageError.unavailable(reason: "\(folder) is locked by another process")
        }
        return (folder, lock)
    }

    private static func removeLeftovers(in parent: FilePath) throws {
        for entry in try DiskFolder.entries(of: parent) where entry.isFolder {
            let folder = parent.appending(entry.name)
            // Others clear up at the same time.
            guard let lock = try? DiskFolder.open(folder) else { continue }
            defer { try? lock.close() }
            // What cannot be removed is in nobody's way, and the next start tries again.
            if (try? take(lock, folder)) == true { try? DiskFolder.remove(folder) }
        }
    }

    private static func take(_ lock: FileDescriptor, _ folder: FilePath) throws -> Bool {
        try system(folder, expecting: .wouldBlock) { _ in flock(lock.rawValue, LOCK_EX | LOCK_NB) } == nil
    }
}

/// One scratch file. It is opened by the first write: a renderer makes its own.
final class DiskScratchFile: ScratchFile {
    private enum State {
        case reserved
        case open(FileDescriptor)
        case closed
    }

    let path: FilePath
    private let state = Mutex(State.reserved)
    private let threads: BlockingThreads

    fileprivate init(_ path: FilePath, on threads: BlockingThreads) {
        self.path = path
        self.threads = threads
    }

    deinit { try? closeNow() }

    func append(_ bytes: [UInt8]) async throws {
        try await onThread(of: threads, at: path) { try self.write(bytes) }
    }

    func close() async throws {
        try await onThread(of: threads, at: path) { try self.closeNow() }
    }

    func finish(_ last: [UInt8]) async throws {
        try await onThread(of: threads, at: path) {
            try self.write(last)
            try self.closeNow()
        }
    }

    private func write(_ bytes: [UInt8]) throws {
        try state.withLock { state in
            let descriptor: FileDescriptor
            switch state {
            case .open(let open): descriptor = open
            case .closed: throw Errno.badFileDescriptor
            case .reserved:
                descriptor = try FileDescriptor.open(
                    path, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                    permissions: .object)
                state = .open(descriptor)
            }
            _ = try descriptor.writeAll(bytes)
        }
    }

    func remove() async {
        await threads.tidy {
            try? self.closeNow()
            DiskPut.remove(self.path)
        }
    }

    private func closeNow() throws {
        try state.withLock { state in
            defer { state = .closed }
            if case .open(let descriptor) = state { try descriptor.close() }
        }
    }
}

private func onThread<R: Sendable>(
    of threads: BlockingThreads, at path: FilePath, _ body: @escaping @Sendable () throws -> R
) async throws -> R {
    do {
        return try await threads.run(body)
    } catch let errno as Errno {
        throw ObjectStorageError(errno, at: path)
    } catch let busy as TooManyWaiting {
        throw ObjectStorageError.unavailable(reason: busy.description)
    }
}
