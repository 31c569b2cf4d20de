#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The bytes of a picture file: mapped from disk, so that its pages can leave memory again, or held where they are few.
///
/// C libraries keep the address for as long as they decode, so the bytes do not move before the last reference goes.
@safe package final class EncodedImage {
    private let storage: UnsafeRawBufferPointer
    let isMapped: Bool
    /// Whose bytes these are, where they are another's.
    private let owner: EncodedImage?
    /// Which of a file's pictures is meant, counted from 1. Formats without pages have one.
    package let page: Int

    package init(_ bytes: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        unsafe copy.copyBytes(from: bytes)
        unsafe storage = UnsafeRawBufferPointer(copy)
        isMapped = false
        owner = nil
        page = 1
    }

    private init(_ page: Int, of owner: EncodedImage) {
        unsafe storage = unsafe owner.storage
        isMapped = owner.isMapped
        self.owner = owner
        self.page = page
    }

    /// Another picture of the same file, which is not read anew.
    ///
    /// - Parameter number: from 1 to what ``ImageCodec/pageCount(of:upTo:)`` gives.
    package func page(_ number: Int) -> EncodedImage { EncodedImage(number, of: self) }

    /// Reads a small file, or maps a large one, which must not be shortened while it is used: ours are written once and
    /// then renamed into place.
    ///
    /// - Throws: ``FileError`` with the system's error number, ``DecodeError/truncated`` for an empty file.
    package init(path: String) throws {
        owner = nil
        page = 1
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw FileError(path: path, code: errno) }
        let count = Int(status.st_size)
        guard count > 0 else { throw DecodeError.truncated }
        guard count > Self.mappedByteCount else {
            unsafe storage = UnsafeRawBufferPointer(try Self.read(count, from: descriptor, path))
            isMapped = false
            return
        }
        guard let address = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), unsafe address != MAP_FAILED
        else { throw FileError(path: path, code: errno) }
        unsafe storage = UnsafeRawBufferPointer(start: address, count: count)
        isMapped = true
    }

    deinit {
        guard owner == nil else { return }
        if isMapped {
            unsafe _ = munmap(UnsafeMutableRawPointer(mutating: storage.baseAddress), storage.count)
        } else {
            unsafe storage.deallocate()
        }
    }

    /// Below this, in bytes, mapping costs more than reading: unmapping interrupts every core that runs the process.
    private static let mappedByteCount = 64 * 1024

    private static func read(_ count: Int, from descriptor: Int32, _ path: String) throws
        -> UnsafeMutableRawBufferPointer
    {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
        var filled = 0
        while filled < count {
            let got = unsafe pread(descriptor, buffer.baseAddress?.advanced(by: filled), count - filled, off_t(filled))
            guard got > 0 else {
                let code = got == 0 ? EIO : errno
                if code == EINTR { continue }
                unsafe buffer.deallocate()
                throw FileError(path: path, code: code)
            }
            filled += got
        }
        return unsafe buffer
    }

    package var byteCount: Int { unsafe storage.count }

    /// Lends the bytes to a parser in Swift.
    package func withBytes<R, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        try body(unsafe Span(_unsafeElements: storage.bindMemory(to: UInt8.self)))
    }

    /// For a C decoder that keeps the address; valid while this object lives.
    var pointer: UnsafeRawBufferPointer { unsafe storage }
}

/// A file that the system would not read or write.
package struct FileError: Error, Hashable, Sendable {
    package let path: String
    /// `errno`.
    package let code: Int32

    package init(path: String, code: Int32) {
        self.path = path
        self.code = code
    }
}
