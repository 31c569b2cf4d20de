import HTTPTypes

/// Every error that an answer can bear: its status and its title in one table. Clients program against the codes, so none
/// is ever renamed.
enum ProblemCode: String, CaseIterable, Sendable {
    // 400: the request cannot be read.
    case malformedRequest = "malformed_request"
    case malformedJSON = "malformed_json"
    case malformedMultipart = "malformed_multipart"
    // 401, 403
    case unauthorized
    case unverifiedWebhook = "unverified_webhook"
    case forbidden
    // 404, 405, 410
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case expired
    // 408, 409
    case requestTimeout = "request_timeout"
    case notFinished = "not_finished"
    case canceled
    case alreadyFinal = "already_final"
    case notFailed = "not_failed"
    case sourceGone = "source_gone"
    // 412, 413, 415, 416, 431
    case preconditionFailed = "precondition_failed"
    case fileTooLarge = "file_too_large"
    case bodyTooLarge = "body_too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case rangeNotSatisfiable = "range_not_satisfiable"
    case headerTooLarge = "header_too_large"
    // 422: the request can be read and makes no sense.
    case missingFile = "missing_file"
    case emptyFile = "empty_file"
    case tooManyParts = "too_many_parts"
    case unknownParameter = "unknown_parameter"
    case missingParameter = "missing_parameter"
    case invalidParameter = "invalid_parameter"
    case missingPlan = "missing_plan"
    case ambiguousPlan = "ambiguous_plan"
    case unknownOperation = "unknown_operation"
    case impossiblePlan = "impossible_plan"
    case undecodableImage = "undecodable_image"
    case tooManyPixels = "too_many_pixels"
    case previewFailed = "preview_failed"
    case forbiddenURL = "forbidden_url"
    case unusableBatch = "unusable_batch"
    case tooManyRows = "too_many_rows"
    case jobFailed = "job_failed"
    case idempotencyKeyReused = "idempotency_key_reused"
    // 5xx: ours.
    case internalError = "internal_error"
    case backendUnavailable = "backend_unavailable"
    case draining
    case insufficientStorage = "insufficient_storage"
}

extension ProblemCode {
    var status: HTTPResponse.Status { entry.status }
    var title: String { entry.title }

    private var entry: (status: HTTPResponse.Status, title: String) {
        switch self {
        case .malformedRequest: (.badRequest, "The request cannot be read")
        case .malformedJSON: (.badRequest, "The body is no valid JSON")
        case .malformedMultipart: (.badRequest, "The body is no valid multipart/form-data")
        case .unauthorized: (.unauthorized, "This needs the operator's token")
        case .unverifiedWebhook: (.unauthorized, "The webhook's signature does not fit")
        case .forbidden: (.forbidden, "This is the operator's")
        case .notFound: (.notFound, "There is nothing here")
        case .methodNotAllowed: (.methodNotAllowed, "The method does not fit")
        case .expired: (.gone, "Its time is over")
        case .requestTimeout: (.requestTimeout, "The request came too slowly")
        case .notFinished: (.conflict, "The job is not finished")
        case .canceled: (.conflict, "The job was canceled")
        case .alreadyFinal: (.conflict, "The job has ended")
        case .notFailed: (.conflict, "The job has not failed")
        case .sourceGone: (.conflict, "The source is no longer kept")
        case .preconditionFailed: (.preconditionFailed, "The result is another")
        case .fileTooLarge: (.contentTooLarge, "The file is too large")
        case .bodyTooLarge: (.contentTooLarge, "The body is too large")
        case .unsupportedMediaType: (.unsupportedMediaType, "The type is not supported")
        case .rangeNotSatisfiable: (.rangeNotSatisfiable, "The range is outside the file")
        case .headerTooLarge: (.requestHeaderFieldsTooLarge, "The header is too large")
        case .missingFile: (.unprocessableContent, "There is no file")
        case .emptyFile: (.unprocessableContent, "The file is empty")
        case .tooManyParts: (.unprocessableContent, "There are too many parts")
        case .unknownParameter: (.unprocessableContent, "A parameter is not known")
        case .missingParameter: (.unprocessableContent, "A parameter is missing")
        case .invalidParameter: (.unprocessableContent, "A parameter does not fit")
        case .missingPlan: (.unprocessableContent, "There is no plan")
        case .ambiguousPlan: (.unprocessableContent, "The plan can be read in two ways")
        case .unknownOperation: (.unprocessableContent, "An operation is not known")
        case .impossiblePlan: (.unprocessableContent, "The plan does not fit the picture")
        case .undecodableImage: (.unprocessableContent, "The picture cannot be read")
        case .tooManyPixels: (.unprocessableContent, "The picture has too many pixels")
        case .previewFailed: (.unprocessableContent, "There is no preview of this")
        case .forbiddenURL: (.unprocessableContent, "The URL is not allowed")
        case .unusableBatch: (.unprocessableContent, "The CSV cannot be used")
        case .tooManyRows: (.unprocessableContent, "The CSV has too many rows")
        case .jobFailed: (.unprocessableContent, "The job failed")
        case .idempotencyKeyReused: (.unprocessableContent, "The idempotency key was used for another request")
        case .internalError: (.internalServerError, "Something is wrong on our side")
        case .backendUnavailable: (.serviceUnavailable, "Something that we need is away")
        case .draining: (.serviceUnavailable, "The process is shutting down")
        case .insufficientStorage: (.init(code: 507, reasonPhrase: "Insufficient Storage"), "The disk is full")
        }
    }
}
