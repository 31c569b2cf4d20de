#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Writes to a file through a buffer. The file is there when the buffer was full for the first time, and whole only after
/// ``close()``.
package final class FileByteSink: ByteSink {
    private enum State {
        /// The file is not yet made.
        case waiting
        case open(Int32)
        case closed
    }

    private let path: String
    private var state: State
    private var buffer: [UInt8] = []
    /// Bytes that were given so far.
    package private(set) var byteCount = 0

    /// Bytes that are gathered before the system is asked to write.
    private static let bufferSize = 64 * 1024

    /// Will make the file, or empty the one that is there.
    package init(path: String) {
        state = .waiting
        self.path = path
    }

    /// Takes over an open descriptor and will close it.
    ///
    /// - Parameter path: names the file in errors.
    package init(descriptor: Int32, path: String) {
        state = .open(descriptor)
        self.path = path
    }

    deinit { closeDescriptor() }

    /// All that was written, where that is so little that there is no file yet.
    package var held: [UInt8]? {
        if case .waiting = state { buffer } else { nil }
    }

    /// - Throws: ``FileError``: `ENOSPC` where the disk is full.
    package func write(_ bytes: Span<UInt8>) throws {
        byteCount += bytes.count
        if buffer.count + bytes.count > Self.bufferSize { try flush() }
        if bytes.count >= Self.bufferSize {
            try unsafe bytes.withUnsafeBytes { try unsafe writeAll($0) }
        } else {
            unsafe bytes.withUnsafeBufferPointer { unsafe buffer.append(contentsOf: $0) }
        }
    }

    /// Writes what the buffer holds and closes the file; further calls do nothing.
    ///
    /// - Throws: ``FileError``: some systems report a full disk only here.
    package func close() throws {
        if case .closed = state { return }
        defer { closeDescriptor() }
        try flush()
        guard closeDescriptor() == 0 else { throw FileError(path: path, code: errno) }
    }

    private func flush() throws {
        try unsafe buffer.withUnsafeBytes { try unsafe writeAll($0) }
        buffer.removeAll(keepingCapacity: true)
    }

    /// The system may take a part only, or be interrupted.
    private func writeAll(_ bytes: UnsafeRawBufferPointer) throws {
        let descriptor = try opened()
        var rest = unsafe bytes[...]
        while unsafe !rest.isEmpty {
            let written = unsafe systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: rest))
            if written >= 0 {
                unsafe rest = rest.dropFirst(written)
            } else if errno != EINTR {
                throw FileError(path: path, code: errno)
            }
        }
    }

    private func opened() throws -> Int32 {
        if case .open(let descriptor) = state { return descriptor }
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
        state = .open(descriptor)
        return descriptor
    }

    /// - Returns: what the system says of it; 0 where there is nothing to close.
    @discardableResult
    private func closeDescriptor() -> Int32 {
        defer { state = .closed }
        return if case .open(let descriptor) = state { systemClose(descriptor) } else { 0 }
    }
}

// Within the class, `write` and `close` are its own methods.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    unsafe write(descriptor, bytes.baseAddress, bytes.count)
}

private func systemClose(_ descriptor: Int32) -> Int32 { close(descriptor) }
