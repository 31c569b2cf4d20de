import Jobs
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ObjectStorageError {
    /// What the system said about a file that is not an object (any more).
    init(_ errno: Errno, at path: FilePath) {
        switch errno {
        case .noSpace, .diskQuotaExceeded: self = .full
        default: self = .unavailable(reason: "\(path): \(errno)")
        }
    }
}

/// Runs a call on a path, or on what was opened there, that answers -1 and sets `errno`; again where a signal came between.
///
/// - Throws: ``ObjectStorageError``, unless `errno` is one of the `expected`.
/// - Returns: `errno` where it is expected, otherwise `nil`.
@discardableResult
@safe func system(
    _ path: FilePath, expecting expected: Errno..., call: (UnsafePointer<CInterop.PlatformChar>) -> CInt
) throws(ObjectStorageError) -> Errno? {
    while unsafe path.withPlatformString(call) == -1 {
        let found = Errno(rawValue: errno)
        if found == .interrupted { continue }
        guard expected.contains(found) else { throw ObjectStorageError(found, at: path) }
        return found
    }
    return nil
}
