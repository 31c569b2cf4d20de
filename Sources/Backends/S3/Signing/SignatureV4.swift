import Crypto
import Jobs

/// AWS Signature Version 4 for S3.
struct SignatureV4: Sendable {
    let region: String
    let credentials: AWSCredentials
    let time: Timestamp

    /// Adds `x-amz-date`, `x-amz-content-sha256`, the session's token and `authorization` to the request's fields.
    func signedFields(of request: CanonicalRequest) -> [String: String] {
        var request = request
        request.fields["x-amz-date"] = date
        request.fields["x-amz-content-sha256"] = request.payload
        request.fields["x-amz-security-token"] = credentials.sessionToken
        var fields = request.fields
        fields["authorization"] =
            "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope), "
            + "SignedHeaders=\(request.signedFields), Signature=\(signature(of: request))"
        return fields
    }

    /// The query of a URL that anybody may use for so many seconds, or until the credentials expire.
    func presignedQuery(of request: CanonicalRequest, seconds: Int) -> String {
        var request = request
        request.payload = CanonicalRequest.unsignedPayload
        request.query["X-Amz-Algorithm"] = Self.algorithm
        request.query["X-Amz-Credential"] = "\(credentials.accessKeyID)/\(scope)"
        request.query["X-Amz-Date"] = date
        request.query["X-Amz-Expires"] = String(seconds)
        request.query["X-Amz-SignedHeaders"] = request.signedFields
        request.query["X-Amz-Security-Token"] = credentials.sessionToken
        return "\(request.queryText)&X-Amz-Signature=\(signature(of: request))"
    }

    private static let algorithm = "AWS4-HMAC-SHA256"

    /// `20130524T000000Z`
    private var date: String {
        let text = time.description.filter { $0 != "-" && $0 != ":" }
        return text.prefix { $0 != "." } + "Z"
    }

    private var scope: String { "\(date.prefix(8))/\(region)/s3/aws4_request" }

    private func signature(of request: CanonicalRequest) -> String {
        var key = SymmetricKey(data: Array("AWS4\(credentials.secretAccessKey)".utf8))
        for part in [String(date.prefix(8)), region, "s3", "aws4_request"] {
            key = SymmetricKey(data: Self.code(part, key))
        }
        let text = [Self.algorithm, date, scope, request.digest].joined(separator: "\n")
        return String(hexadecimal: Self.code(text, key))
    }

    private static func code(_ text: String, _ key: SymmetricKey) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
    }
}
