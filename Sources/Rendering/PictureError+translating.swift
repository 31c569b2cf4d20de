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
        do {
            return try body()
        } catch let error as DecodeError {
            throw PictureError(error)
        } catch let error as EncodeError {
            throw PictureError.unencodable(reason: error.message)
        } catch let error as PlanError {
            throw PictureError.impossible(error)
        } catch let error as LimitError {
            throw PictureError.tooManyPixels(reason: "\(error)")
        } catch let error as FileError {
            throw error.code == ENOSPC || error.code == EDQUOT
                ? PictureError.outOfSpace : PictureError.failed(reason: error.message)
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
