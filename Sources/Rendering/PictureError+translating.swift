import Codecs
import Imaging
package import Jobs

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension PictureError {
    /// Runs `body`, and says its errors in the domain's terms.
    package static func translating<R>(_ body: () throws -> R) throws -> R {
        do { return try body() } catch { throw translated(error) }
    }

    private static func translated(_ error: any Error) -> any Error {
        switch error {
        case let error as DecodeError: PictureError(error)
        case let error as EncodeError: PictureError.unencodable(reason: error.message)
        case let error as PlanError: PictureError.impossible(error)
        case let error as LimitError: PictureError.tooManyPixels(reason: "\(error)")
        case let error as SecondPictureError: PictureError(error)
        case let error as FileError: PictureError(error)
        default: error
        }
    }

    private init(_ error: FileError) {
        self =
            switch error.code {
            case ENOSPC, EDQUOT: .outOfSpace
            case EMFILE, ENFILE, ENOMEM: .outOfResources(reason: error.message)
            default: .failed(reason: error.message)
            }
    }

    private init(_ error: SecondPictureError) {
        let file = "the plan's file \(error.fileName) will not do"
        self =
            switch error.reason {
            case let reason as DecodeError: .undecodable(reason: "\(file): \(reason.message)")
            case let reason: .tooManyPixels(reason: "\(file): \(reason)")
            }
    }

    private init(_ error: DecodeError) {
        switch error {
        case .unknownFormat: self = .unknownFormat
        case .tooManyPixels: self = .tooManyPixels(reason: error.message)
        case .truncated, .unsupported, .malformed: self = .undecodable(reason: error.message)
        }
    }
}
