import HTTPClient
import Jobs
import SystemPackage

/// Why S3 did not do what was asked.
enum S3Failure: Error, Hashable, Sendable {
    /// The server's answer: its status, and its own code and words where it gave any.
    case answered(status: Int, code: String, message: String)
    case wrongRegion(actual: String)
    case notAnswered(CurlError)
    case noCredentials(reason: String)

    /// An answer that is no success.
    init(_ answer: CurlResponse) {
        let document = try? XMLElement(answer.body)
        let code = document?["Code"] ?? ""
        let region = answer.fields["x-amz-bucket-region"] ?? document?["Region"]
        // S3 names the bucket's region with a redirect, or with a signature for another region.
        if let region, answer.status == 301 || answer.status == 307 || code == "AuthorizationHeaderMalformed" {
            self = .wrongRegion(actual: region)
        } else {
            self = .answered(status: answer.status, code: code, message: document?["Message"] ?? "")
        }
    }

    /// An answer that began as a success and says in its body that it is none.
    init(notJoined answer: CurlResponse) {
        let document = try? XMLElement(answer.body)
        self = .answered(status: 500, code: document?["Code"] ?? "", message: document?["Message"] ?? "")
    }

    /// Whether the same may be done a moment later.
    var isTransient: Bool {
        switch self {
        case .answered(let status, let code, _):
            [408, 429, 500, 502, 503, 504].contains(status) || code == "RequestTimeout"
        case .notAnswered(let error): error.isTransient
        case .noCredentials: true
        case .wrongRegion: false
        }
    }

    var isNotFound: Bool {
        // NoSuchBucket is a matter for the operator, and no word on any object.
        if case .answered(404, let code, _) = self { code != "NoSuchBucket" } else { false }
    }

    var reason: String {
        switch self {
        case .answered(let status, "", _): "it answered \(status)"
        case .answered(let status, let code, let message): "it answered \(status), \(code): \(message)"
        case .wrongRegion(let actual): "the bucket is in \(actual): set AWS_REGION=\(actual)"
        case .notAnswered(let error): "\(error)"
        case .noCredentials(let reason): "no AWS credentials: \(reason)"
        }
    }
}

extension ObjectStorageError {
    /// - Parameter key: the object in question, if it is about one.
    init(_ failure: S3Failure, _ key: BlobKey? = nil) {
        switch failure {
        case _ where failure.isNotFound: self = key.map { .missing($0) } ?? .unavailable(reason: failure.reason)
        // 507 is what servers other than AWS say; MinIO has codes of its own for a quota and for full disks.
        case .answered(507, _, _), .answered(_, "QuotaExceeded", _), .answered(_, "XMinioStorageFull", _),
            .answered(_, "XMinioAdminBucketQuotaExceeded", _), .notAnswered(.file(.noSpace)),
            .notAnswered(.file(.diskQuotaExceeded)):
            self = .full
        default: self = .unavailable(reason: "S3: \(failure.reason)")
        }
    }
}
