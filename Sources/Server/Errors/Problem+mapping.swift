import HTTPTypes
import Imaging
import Jobs
import NIOHTTP1

extension Problem {
    /// What an error means to the client; `nil` for one that nobody foresaw.
    init?(expected error: any Error) {
        switch error {
        case let error as Problem: self = error
        case let error as IntakeError: self.init(error)
        case let error as PlanError: self.init(error)
        case let error as PlanFileError: self.init(error)
        case let error as PictureError: self.init(error)
        case let error as JobStoreError:
            guard let problem = Problem(error) else { return nil }
            self = problem
        case let error as ObjectStorageError: self.init(error)
        case is TooManyPreviews:
            self.init(
                .backendUnavailable, "as many previews as may be are being made; try again soon",
                fields: Self.retrySoon)
        case let error as MultipartError: self.init(error)
        case let error as HTTPParserError: self.init(error)
        case is SlowBody: self.init(.requestTimeout, "the body came more slowly than it may")
        default: return nil
        }
    }

    init(_ error: IntakeError) {
        switch error {
        case .emptyFile(let name):
            self.init(.emptyFile, "\(brief(name)) has no bytes", parameter: "file")
        case .extensionNotAllowed(let name, let allowed):
            self.init(
                .unsupportedMediaType,
                "\(brief(name)) has an extension that is not allowed; allowed are \(allowed.joined(separator: ", "))",
                parameter: "file")
        case .formatMismatch(let name, let found):
            let found = found.map { "they are \($0.rawValue)" } ?? "they are no picture of a known format"
            self.init(
                .unsupportedMediaType, "the bytes of \(brief(name)) are not what they should be: \(found)",
                parameter: "file")
        case .picture(let error): self.init(error)
        case .plan(let error): self.init(error)
        case .forbiddenURL:
            self.init(
                .forbiddenURL,
                "the URL names a port or an address that may not be asked; it must lead to a public web server")
        case .forbiddenWebhookURL: self.init(IntakeError.forbiddenURL, in: "webhook_url")
        }
    }

    /// - Parameter parameter: what the error is about.
    init(_ error: IntakeError, in parameter: String) {
        self.init(error)
        self.parameter = parameter
    }

    /// - Parameter parameter: where the URL stood.
    init(_ error: SourceURLError, in parameter: String) {
        let code: ProblemCode =
            switch error {
            case .scheme, .credentials: .forbiddenURL
            case .tooLong, .character, .host, .port: .invalidParameter
            }
        self.init(code, "\(error)", parameter: parameter)
    }

    init(_ error: PlanError) {
        let code: ProblemCode =
            switch error {
            case .unknownOperation: .unknownOperation
            case .unknownParameter: .unknownParameter
            case .missingParameter: .missingParameter
            case .invalidValue, .malformedStep: .invalidParameter
            case .ambiguous: .ambiguousPlan
            case .impossible: .impossiblePlan
            case .empty: .missingPlan
            }
        self.init(code, error.message, parameter: error.parameter)
    }

    init(_ error: PlanFileError) {
        self.init(error.reason == .expired ? .expired : .invalidParameter, error.message, parameter: error.parameter)
    }

    init(_ error: PictureError) {
        switch error {
        case .unknownFormat: self.init(.undecodableImage, "the bytes are no picture of a known format")
        case .undecodable(let reason), .unencodable(let reason): self.init(.undecodableImage, reason)
        case .tooManyPixels(let reason): self.init(.tooManyPixels, reason)
        case .impossible(let error): self.init(error)
        case .outOfSpace: self = .insufficientStorage
        case .timedOut, .outOfResources, .crashed, .failed: self = .unavailable
        }
    }

    /// `nil` for what no request can cause.
    init?(_ error: JobStoreError) {
        switch error {
        case .unknown: self.init(.notFound, "nothing has this id, or it was deleted")
        case .expired: self.init(.expired, "it was kept for as long as it may be, and is gone")
        case .isFinal(let state): self.init(.alreadyFinal, "the job is \(state.rawValue) already")
        case .notFailed(let state):
            self.init(.notFailed, "the job is \(state.rawValue); only failed ones can be retried or deleted")
        case .webhookOwed:
            self.init(
                .notFinished, "the job's receiver is not being told of its end yet; ask again soon",
                fields: Self.retrySoon)
        case .sourceGone: self.init(.sourceGone, "the bytes that the job works on were deleted")
        case .idempotencyKeyReused:
            self.init(
                .idempotencyKeyReused, "this Idempotency-Key came with another request before",
                parameter: "Idempotency-Key")
        case .unavailable: self = .unavailable
        case .full: self = .insufficientStorage
        case .claimLost: return nil
        }
    }

    init(_ error: ObjectStorageError) {
        switch error {
        // The record is there and the bytes are not: they go with their time.
        case .missing: self.init(.expired, "its bytes are gone")
        case .full: self = .insufficientStorage
        case .unavailable: self = .unavailable
        }
    }

    init(_ error: HTTPParserError) {
        switch error {
        case .headerOverflow:
            self.init(.headerTooLarge, "the header is longer, or has more fields, than we read")
        default:
            self.init(.malformedRequest, "this is not HTTP/1.1 as RFC 9112 has it")
        }
    }

    private static let retrySoon: HTTPFields = [.retryAfter: "2"]
    static let unavailable = Problem(
        .backendUnavailable, "try again soon; what was accepted before is not lost", fields: retrySoon)
    static let insufficientStorage = Problem(
        .insufficientStorage, "there is no room for this now; what was accepted before is not lost", fields: retrySoon)
}
