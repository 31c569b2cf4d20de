#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The S3 server that the tests use, as the environment says.
package struct S3Server: Sendable {
    package let endpoint: String
    package let tlsEndpoint: String
    /// The tests' own authority, which signed the server's certificate.
    package let certificates: String
    /// An authority that signed nothing here.
    package let otherCertificates: String
    package let bucket: String
    package let accessKey: String
    package let secretKey: String
    /// May read and list only.
    package let readerAccessKey: String
    package let readerSecretKey: String

    /// - Throws: where a variable is missing: the promises on S3 are then not kept, but unknown.
    package init() throws {
        endpoint = try Self.variable("TEST_S3_URL")
        tlsEndpoint = try Self.variable("TEST_S3_TLS_URL")
        certificates = try Self.variable("TEST_TLS_CA")
        otherCertificates = try Self.variable("TEST_TLS_OTHER_CA")
        bucket = try Self.variable("TEST_S3_BUCKET")
        accessKey = try Self.variable("TEST_S3_ACCESS_KEY")
        secretKey = try Self.variable("TEST_S3_SECRET_KEY")
        readerAccessKey = try Self.variable("TEST_S3_READER_ACCESS_KEY")
        readerSecretKey = try Self.variable("TEST_S3_READER_SECRET_KEY")
    }

    /// What a process would have in its environment to use the server with all rights.
    package var environment: [String: String] {
        ["AWS_ENDPOINT_URL_S3": endpoint, "AWS_ACCESS_KEY_ID": accessKey, "AWS_SECRET_ACCESS_KEY": secretKey]
    }

    package var port: Int { endpoint.split(separator: ":").last.flatMap { Int($0) } ?? 80 }

    /// A prefix of its own for each test.
    package func freshURL() -> String { "s3://\(bucket)/tests/\(UInt64.random(in: .min ... .max))" }

    private static func variable(_ name: String) throws -> String {
        guard let value = unsafe getenv(name) else { throw MissingVariable(name: name) }
        return unsafe String(cString: value)
    }
}

package struct MissingVariable: Error, CustomStringConvertible {
    package let name: String
    package var description: String { "\(name) is not set: start the test servers, and see what they print" }
}
