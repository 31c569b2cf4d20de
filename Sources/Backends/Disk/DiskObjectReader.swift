import Jobs
import Synchronization
import SystemPackage
import Threads

/// An open object. It can be read to its end even where it is deleted meanwhile.
final class DiskObjectReader: ObjectReader {
    let byteCount: Int
    private let path: FilePath
    private let descriptor: Mutex<FileDescriptor?>
    private let threads: BlockingThreads

    /// Blocks.
    /// - Throws: `Errno`.
    init(_ path: FilePath, on threads: BlockingThreads) throws {
        let descriptor = try FileDescriptor.open(path, .readOnly, options: [.noFollow, .closeOnExec])
        do {
            byteCount = Int(try descriptor.seek(offset: 0, from: .end))
        } catch {
            try? descriptor.close()
            throw error
        }
        self.path = path
        self.threads = threads
        self.descriptor = Mutex(descriptor)
    }

    deinit { descriptor.withLock { try? $0?.close() } }

    func read(at offset: Int, count: Int) async throws -> [UInt8] {
        do {
            return try await threads.run {
                try self.descriptor.withLock { descriptor in
                    guard let descriptor else { throw Errno.badFileDescriptor }
                    let count = max(0, min(count, self.byteCount - offset))
                    return try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                        filled = try unsafe descriptor.read(
                            fromAbsoluteOffset: Int64(offset), into: UnsafeMutableRawBufferPointer(buffer))
                    }
                }
            }
        } catch let errno as Errno {
            throw ObjectStorageError(errno, at: path)
        } catch let busy as TooManyWaiting {
            throw ObjectStorageError.unavailable(reason: busy.description)
        }
    }

    func close() async {
        await threads.tidy {
            self.descriptor.withLock { descriptor in
                try? descriptor?.close()
                descriptor = nil
            }
        }
    }
}
