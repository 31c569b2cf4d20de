package import SystemPackage

/// Which bucket, and how it is reached.
package struct S3Settings: Sendable {
    package let bucket: String
    /// What all keys begin with: empty, or with a slash at its end.
    package let prefix: String
    package let region: String
    /// A file of PEM certificates to trust in place of the system's.
    package let trustedCertificates: FilePath?
    let address: S3Address
    /// For URLs that others open.
    let publicAddress: S3Address

    /// - Parameters:
    ///   - url: `s3://bucket` or `s3://bucket/prefix`.
    ///   - environment: what AWS's own tools read: `AWS_ENDPOINT_URL_S3`, else `AWS_ENDPOINT_URL`, for a server other than
    ///     AWS, which then has the bucket in its path; `AWS_REGION`, else `AWS_DEFAULT_REGION`; `AWS_CA_BUNDLE`. And
    ///     `S3_PUBLIC_ENDPOINT_URL`, where others reach that server by another name: a presigned URL signs its host.
    package init(url: String, environment: [String: String]) throws(S3SetupError) {
        func value(_ names: String...) -> String? { names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty } }

        (bucket, prefix) = try Self.parts(of: url)
        let endpoint = value("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
        guard let region = value("AWS_REGION", "AWS_DEFAULT_REGION") ?? endpoint.map({ _ in "us-east-1" }) else {
            throw .setting("AWS_REGION is not set: it names the region of the bucket \(bucket)")
        }
        self.region = region
        trustedCertificates = value("AWS_CA_BUNDLE").map { FilePath($0) }
        address =
            if let endpoint {
                try Self.address(bucket, endpoint, "AWS_ENDPOINT_URL_S3")
            } else {
                S3Address(bucket: bucket, region: region)
            }
        publicAddress =
            if let endpoint = value("S3_PUBLIC_ENDPOINT_URL") {
                try Self.address(bucket, endpoint, "S3_PUBLIC_ENDPOINT_URL")
            } else {
                address
            }
    }

    private static func address(
        _ bucket: String, _ endpoint: String, _ name: String
    ) throws(S3SetupError) -> S3Address {
        guard let address = S3Address(bucket: bucket, endpoint: endpoint) else {
            throw .setting("\(name) is no http or https URL of a host alone")
        }
        return address
    }

    private static func parts(of url: String) throws(S3SetupError) -> (bucket: String, prefix: String) {
        guard url.hasPrefix("s3://") else { throw .setting("STORAGE_URL is not of the form s3://bucket/prefix") }
        let parts = url.dropFirst("s3://".count).split(separator: "/", omittingEmptySubsequences: false)
        // Amazon S3, "General purpose bucket naming rules".
        guard let bucket = parts.first, (3...63).contains(bucket.utf8.count), bucket.utf8.allSatisfy(isBucketByte)
        else {
            // Somebody may have put a login there.
            let shown = parts.first.map { $0.contains { ":@".contains($0) } ? "(hidden)" : $0 } ?? ""
            throw .setting("STORAGE_URL names the bucket '\(shown)'; a bucket has 3 to 63 of a-z, 0-9, dot and hyphen")
        }
        let folders = parts.dropFirst().filter { !$0.isEmpty }
        for folder in folders where !folder.utf8.allSatisfy(isPrefixByte) || folder == "." || folder == ".." {
            throw .setting(
                "STORAGE_URL has '\(folder)' in its prefix; between its slashes are A-Z, a-z, 0-9, dot, hyphen and _")
        }
        return (String(bucket), folders.map { "\($0)/" }.joined())
    }

    private static func isBucketByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || "-.".utf8.contains(byte)
    }

    private static func isPrefixByte(_ byte: UInt8) -> Bool {
        isBucketByte(byte) || (0x41...0x5A).contains(byte) || byte == UInt8(ascii: "_")
    }
}

/// Why a bucket cannot be used: something for the operator to put right.
package enum S3SetupError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A variable says what it may not.
    case setting(String)
    case noSuchBucket(String, at: String)
    /// The server's own code, such as `AccessDenied`, `InvalidAccessKeyId` or `SignatureDoesNotMatch`, and its words.
    case refused(String, code: String, message: String)
    case wrongRegion(String, configured: String, actual: String)
    case noCredentials(reason: String)
    case unreachable(at: String, reason: String)

    package var description: String {
        switch self {
        case .setting(let reason): reason
        case .noSuchBucket(let bucket, let address): "there is no bucket \(bucket) at \(address)"
        case .refused(let bucket, let code, let message): "the bucket \(bucket) was refused: \(code): \(message)"
        case .wrongRegion(let bucket, let configured, let actual):
            "the bucket \(bucket) is in \(actual), not in \(configured): set AWS_REGION=\(actual)"
        case .noCredentials(let reason): "no AWS credentials: \(reason)"
        case .unreachable(let address, let reason): "\(address) cannot be reached: \(reason)"
        }
    }
}
