import Jobs
import Testing

@testable import S3Backend

extension Timestamp {
    /// 2013-05-24T00:00:00Z
    static let documented = Timestamp(milliseconds: 1_369_353_600_000)
    /// 2026-11-21T05:24:00Z
    static let ofVectors = Timestamp(milliseconds: 1_795_238_640_000)
}

@Suite struct `A signature` {
    /// Amazon S3 API Reference, "Signature Calculations for the Authorization Header: Transferring Payload in a Single
    /// Chunk", and "Authenticating Requests: Using Query Parameters": the examples and their results.
    private let documented = SignatureV4(
        region: "us-east-1",
        credentials: AWSCredentials(
            accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        time: .documented)

    private struct Example: Sendable {
        var method = "GET"
        var path = "/"
        var query: [String: String] = [:]
        var fields: [String: String] = [:]
        var payload = CanonicalRequest.emptyPayload
        let signedFields: String
        let signature: String
    }

    private static let examples = [
        Example(
            path: "/test.txt", fields: ["range": "bytes=0-9"],
            signedFields: "host;range;x-amz-content-sha256;x-amz-date",
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        Example(
            method: "PUT", path: "/test$file.text",
            fields: ["date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"],
            payload: FileDigest.sha256(of: Array("Welcome to Amazon S3.".utf8)),
            signedFields: "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        Example(
            query: ["lifecycle": ""], signedFields: "host;x-amz-content-sha256;x-amz-date",
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        Example(
            query: ["max-keys": "2", "prefix": "J"], signedFields: "host;x-amz-content-sha256;x-amz-date",
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ]

    @Test(arguments: examples.indices)
    func `is that of Amazon's documentation`(_ index: Int) {
        let example = Self.examples[index]
        let request = CanonicalRequest(
            method: example.method, path: example.path.escapedPath, query: example.query,
            fields: example.fields.merging(["host": "examplebucket.s3.amazonaws.com"]) { own, _ in own },
            payload: example.payload)
        let expected =
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            + "SignedHeaders=\(example.signedFields), Signature=\(example.signature)"
        #expect(documented.signedFields(of: request)["authorization"] == expected)
    }

    @Test func `of a URL is that of Amazon's documentation`() {
        let request = CanonicalRequest(
            method: "GET", path: "/test.txt", query: [:], fields: ["host": "examplebucket.s3.amazonaws.com"],
            payload: CanonicalRequest.unsignedPayload)
        let expected =
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"
            + "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        #expect(documented.presignedQuery(of: request, seconds: 86400) == expected)
    }
}

/// Against botocore 1.44.5, by `Vectors/sigv4-vectors.py`: requests as ours are, with a session's token.
@Suite struct `A signature with a session's token` {
    private let signature = SignatureV4(
        region: "eu-central-1",
        credentials: AWSCredentials(
            accessKeyID: "ASIAEXAMPLE", secretAccessKey: "secret/with+signs", sessionToken: "token/with+signs=="),
        time: .ofVectors)
    private static let object = "/bucket/pre/originals/0a/0a.1-b"
    private static let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

    private static let requests: [(request: CanonicalRequest, signature: String)] = [
        (
            CanonicalRequest(
                method: "GET", path: object, query: [:],
                fields: ["host": "127.0.0.1:9000", "range": "bytes=0-1048575"], payload: CanonicalRequest.emptyPayload),
            "774c30bf51f95ee74461b0c8b05b4eb77ba39e2626e9d4e9994c0560104e3470"
        ),
        (
            CanonicalRequest(
                method: "PUT", path: object, query: [:], fields: ["host": "127.0.0.1:9000"], payload: hello),
            "2c011570e54345b87ac98685432ebb27e7cd8818f869c71888fc7ad529681439"
        ),
        (
            CanonicalRequest(
                method: "PUT", path: object, query: ["uploadId": "a/b+c==", "partNumber": "3"],
                fields: ["host": "127.0.0.1:9000"], payload: hello),
            "3ef5d6289d8b290d10788acab1639afb6ee5aba2faf02639a189de76bf9bc199"
        ),
        (
            CanonicalRequest(
                method: "GET", path: "/bucket/",
                query: [
                    "prefix": "pre/results/", "list-type": "2", "encoding-type": "url", "continuation-token": "1+/=",
                ], fields: ["host": "127.0.0.1:9000"], payload: CanonicalRequest.emptyPayload),
            "ca4a223656db991a579b6d78b30f07e227828b6ad618998880d3cde72fde9856"
        ),
    ]

    @Test(arguments: requests.indices)
    func `is that of botocore`(_ index: Int) throws {
        let fields = signature.signedFields(of: Self.requests[index].request)
        #expect(try #require(fields["authorization"]).hasSuffix("Signature=\(Self.requests[index].signature)"))
        #expect(fields["x-amz-security-token"] == "token/with+signs==")
        #expect(fields["x-amz-date"] == "20261121T052400Z")
    }

    @Test func `of a URL is that of botocore`() {
        let request = CanonicalRequest(
            method: "GET", path: Self.object,
            query: [
                "response-content-type": "image/png",
                "response-content-disposition": "attachment; filename=\"a b.png\"; filename*=UTF-8''ü.png",
            ], fields: ["host": "127.0.0.1:9000"], payload: CanonicalRequest.unsignedPayload)
        let query = signature.presignedQuery(of: request, seconds: 900)
        #expect(
            query.hasSuffix("X-Amz-Signature=f134a423bd0cee6379c38e9c5acb8b4e25cd7193b6f7b00dc0d15dcb2976c832"))
    }
}
