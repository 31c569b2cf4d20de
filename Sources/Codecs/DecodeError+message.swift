#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

import Imaging

extension DecodeError {
    /// For people: what was found, and what was allowed.
    package var message: String {
        switch self {
        case .unknownFormat: "the bytes are no picture of a known format"
        case .truncated: "the picture is cut off: its bytes end before its last row"
        case .tooManyPixels(let size, let limit): "the picture is \(size) pixels, and \(limit) are allowed"
        case .unsupported(let format, let reason): "this kind of \(format.rawValue) is not read: \(reason)"
        case .malformed(let format, let reason): "the \(format.rawValue) is broken: \(reason)"
        }
    }
}

extension EncodeError {
    /// For people: what was found, and what was allowed.
    package var message: String {
        switch self {
        case .tooLarge(let format, let size, let limit):
            "the result is \(size) pixels, and \(format.rawValue) holds \(limit) a side"
        case .failed(let format, let reason): "the \(format.rawValue) could not be written: \(reason)"
        }
    }
}

extension FileError {
    /// For people: the file, and what the system said.
    package var message: String { "\(path): \(unsafe String(cString: strerror(code)))" }
}
