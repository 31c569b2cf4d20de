import Jobs
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Brings bytes to their place.
enum DiskPut {
    /// Writes a few bytes where they are to be. Nobody knows of the key before this returns, so what a crash leaves of
    /// them is swept as bytes without a job are.
    ///
    /// - Parameter isSynced: whether they stay there through a power cut.
    static func write(_ bytes: [UInt8], to destination: FilePath, isSynced: Bool) throws(ObjectStorageError) {
        let folder = destination.removingLastComponent()
        var target = try create(destination)
        if target == nil {
            try DiskFolder.make(folder, isSynced: isSynced)
            target = try create(destination)
        }
        guard let target else { throw .unavailable(reason: "\(folder) is being removed") }
        do throws(ObjectStorageError) {
            try fill(target, with: bytes, at: destination, isSynced: isSynced)
            if isSynced { try DiskFolder.sync(folder) }
        } catch {
            remove(destination)
            throw error
        }
    }

    /// - Returns: `nil` where the folder is missing.
    private static func create(_ path: FilePath) throws(ObjectStorageError) -> FileDescriptor? {
        do {
            return try FileDescriptor.open(
                path, .writeOnly, options: [.create, .truncate, .noFollow, .closeOnExec], permissions: .object)
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch let errno as Errno {
            throw ObjectStorageError(errno, at: path)
        } catch {
            throw .unavailable(reason: "\(path): \(error)")
        }
    }

    /// Writes to a file that was just made, and closes it.
    private static func fill(
        _ target: FileDescriptor, with bytes: [UInt8], at path: FilePath, isSynced: Bool
    ) throws(ObjectStorageError) {
        do {
            try target.closeAfter { _ = try target.writeAll(bytes) }
        } catch let errno as Errno {
            throw ObjectStorageError(errno, at: path)
        } catch {
            throw .unavailable(reason: "\(path): \(error)")
        }
        if isSynced { try sync(path) }
    }

    /// Moves a finished file, so that it is there whole or not at all.
    ///
    /// - Parameter isSynced: whether it stays there through a power cut.
    static func move(
        _ file: FilePath, to destination: FilePath, isSynced: Bool
    ) throws(ObjectStorageError) {
        let folder = destination.removingLastComponent()
        if isSynced { try sync(file) }
        var failure = try rename(file, to: destination)
        if failure == .noSuchFileOrDirectory {
            try DiskFolder.make(folder, isSynced: isSynced)
            failure = try rename(file, to: destination)
        }
        if failure != nil { try copy(file, to: destination) }
        guard isSynced else { return }
        do {
            try DiskFolder.sync(folder)
        } catch {
            remove(destination)
            throw error
        }
    }

    /// - Returns: why it could not be done, where there is another way.
    private static func rename(_ file: FilePath, to destination: FilePath) throws(ObjectStorageError) -> Errno? {
        try system(destination, expecting: .noSuchFileOrDirectory, .improperLink) { destination in
            unsafe file.withPlatformString { unsafe renameFile($0, destination) }
        }
    }

    private static func sync(_ file: FilePath) throws(ObjectStorageError) {
        let descriptor = try open(file, .readOnly)
        defer { try? descriptor.close() }
        try system(file) { _ in fsync(descriptor.rawValue) }
    }

    /// The way between two file systems. What a crash leaves of the copy bears a key that no store knows, and is swept as
    /// all such are.
    private static func copy(_ file: FilePath, to destination: FilePath) throws(ObjectStorageError) {
        let part = FilePath("\(destination)\(BlobKey.partSuffix)")
        do throws(ObjectStorageError) {
            try copyBytes(of: file, to: part)
            try sync(part)
            if let failure = try rename(part, to: destination) { throw ObjectStorageError(failure, at: destination) }
        } catch {
            remove(part)
            throw error
        }
        remove(file)
    }

    private static func copyBytes(of file: FilePath, to part: FilePath) throws(ObjectStorageError) {
        let source = try open(file, .readOnly)
        defer { try? source.close() }
        let target = try open(part, .writeOnly, [.create, .truncate])
        defer { try? target.close() }
        do {
            let chunk = 1 << 18
            while true {
                let bytes = try unsafe [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
                    count = try unsafe source.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if bytes.isEmpty { return }
                try target.writeAll(bytes)
            }
        } catch let errno as Errno {
            throw ObjectStorageError(errno, at: part)
        } catch {
            throw .unavailable(reason: "\(part): \(error)")
        }
    }

    private static func open(
        _ path: FilePath, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions = []
    ) throws(ObjectStorageError) -> FileDescriptor {
        do {
            return try FileDescriptor.open(
                path, mode, options: options.union([.noFollow, .closeOnExec]), permissions: .object)
        } catch let errno as Errno {
            throw ObjectStorageError(errno, at: path)
        } catch {
            throw .unavailable(reason: "\(path): \(error)")
        }
    }

    /// Deletes a file where there is one.
    static func remove(_ path: FilePath) {
        unsafe path.withPlatformString { _ = unsafe unlink($0) }
    }
}

extension FilePermissions {
    /// For the owner to write and the group to read: an operator may look at what the service keeps.
    static let object: FilePermissions = [.ownerReadWrite, .groupRead]
}

/// The system's `rename`, under a name that the function above does not hide.
private func renameFile(_ old: UnsafePointer<CChar>, _ new: UnsafePointer<CChar>) -> CInt { unsafe rename(old, new) }
