/// Where a bucket is reached.
struct S3Address: Hashable, Sendable {
    enum Scheme: String, Sendable { case http, https }

    let scheme: Scheme
    /// As the `Host` field says it: with the port where it isn't the scheme's own.
    let host: String
    /// What comes before the key: `/` with the bucket in the host's name, otherwise `/bucket/`.
    let bucketPath: String

    /// The bucket at AWS: in the host's name, as AWS wants it; in the path where a dot in it would not fit the certificate.
    init(bucket: String, region: String) {
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        let isInPath = bucket.contains(".")
        scheme = .https
        host = isInPath ? "s3.\(region).\(domain)" : "\(bucket).s3.\(region).\(domain)"
        bucketPath = isInPath ? "/\(bucket)/" : "/"
    }

    /// The bucket in the path of another server's URL; `nil` where that is no `http` or `https` URL, or has more than a host
    /// and a port.
    init?(bucket: String, endpoint: String) {
        let parts = endpoint.lowercased().split(separator: "://", maxSplits: 1)
        guard parts.count == 2, let scheme = Scheme(rawValue: String(parts[0])) else { return nil }
        var host = parts[1]
        if host.hasSuffix("/") { host = host.dropLast() }
        let isPlain = host.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || "-._:[]".utf8.contains(byte)
        }
        guard !host.isEmpty, isPlain else { return nil }
        // libcurl leaves the scheme's own port out of the Host field, which is signed.
        let port = scheme == .http ? ":80" : ":443"
        if host.hasSuffix(port), host.hasSuffix("]" + port) || !host.dropLast(port.count).contains(":") {
            host = host.dropLast(port.count)
        }
        self.scheme = scheme
        self.host = String(host)
        bucketPath = "/\(bucket)/"
    }

    var description: String { "\(scheme.rawValue)://\(host)" }

    /// - Parameter key: `nil` for the bucket itself.
    func path(of key: String?) -> String { (bucketPath + (key ?? "")).escapedPath }

    func url(path: String, query: String) -> String {
        query.isEmpty ? "\(description)\(path)" : "\(description)\(path)?\(query)"
    }
}
