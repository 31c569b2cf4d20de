import Jobs
import Testing

@testable import S3Backend

@Suite struct `S3's settings` {
    private let aws = ["AWS_REGION": "eu-west-1"]

    @Test(
        arguments: [
            ("s3://bucket", [:], "https://bucket.s3.eu-west-1.amazonaws.com/originals/a%2B", ""),
            ("s3://bucket/", [:], "https://bucket.s3.eu-west-1.amazonaws.com/originals/a%2B", ""),
            ("s3://bucket/pre/fix/", [:], "https://bucket.s3.eu-west-1.amazonaws.com/originals/a%2B", "pre/fix/"),
            ("s3://my.bucket/p", [:], "https://s3.eu-west-1.amazonaws.com/my.bucket/originals/a%2B", "p/"),
            (
                "s3://bucket", ["AWS_REGION": "cn-north-1"],
                "https://bucket.s3.cn-north-1.amazonaws.com.cn/originals/a%2B", ""
            ),
            ("s3://bucket", ["AWS_ENDPOINT_URL": "http://minio:9000/"], "http://minio:9000/bucket/originals/a%2B", ""),
            (
                "s3://bucket", ["AWS_ENDPOINT_URL": "http://no", "AWS_ENDPOINT_URL_S3": "HTTPS://Minio:443"],
                "https://minio/bucket/originals/a%2B", ""
            ),
            ("s3://bucket", ["AWS_ENDPOINT_URL_S3": "http://[::1]:80"], "http://[::1]/bucket/originals/a%2B", ""),
            ("s3://bucket", ["AWS_ENDPOINT_URL_S3": "http://[::80]"], "http://[::80]/bucket/originals/a%2B", ""),
        ] as [(String, [String: String], String, String)])
    func `say where a bucket is`(_ url: String, _ environment: [String: String], _ expected: String, _ prefix: String)
        throws
    {
        let settings = try S3Settings(url: url, environment: aws.merging(environment) { _, new in new })
        let path = settings.address.path(of: "originals/a+")
        #expect(settings.address.url(path: path, query: "") == expected)
        #expect(settings.prefix == prefix)
        #expect(settings.publicAddress == settings.address)
    }

    @Test func `take the region from either variable, and another server without one`() throws {
        #expect(try S3Settings(url: "s3://bucket", environment: aws).region == "eu-west-1")
        #expect(try S3Settings(url: "s3://bucket", environment: ["AWS_DEFAULT_REGION": "x-1"]).region == "x-1")
        let other = ["AWS_ENDPOINT_URL": "http://minio:9000", "S3_PUBLIC_ENDPOINT_URL": "https://files.example.org"]
        let settings = try S3Settings(url: "s3://bucket", environment: other)
        #expect(settings.region == "us-east-1")
        #expect(settings.publicAddress.host == "files.example.org")
        #expect(throws: S3SetupError.setting("AWS_REGION is not set: it names the region of the bucket bucket")) {
            try S3Settings(url: "s3://bucket", environment: [:])
        }
    }

    @Test(arguments: [
        ("", "STORAGE_URL is not of the form"), ("s3:/bucket", "STORAGE_URL is not of the form"),
        ("http://bucket", "STORAGE_URL is not of the form"), ("s3://", "the bucket ''; a bucket has 3 to 63"),
        ("s3://ab", "the bucket 'ab'"), ("s3://Bucket", "the bucket 'Bucket'"),
        ("s3://AKIA:key@bucket", "the bucket '(hidden)'"), ("s3://AKIA:k/ey@bucket", "the bucket '(hidden)'"),
        ("s3://buc ket/a", "the bucket 'buc ket'"), ("s3://bucket/..", "'..' in its prefix"),
        ("s3://bucket/a/b+c/d", "'b+c' in its prefix"), ("s3://bucket/a b", "'a b' in its prefix"),
    ])
    func `refuse what names no bucket, and say which part is wrong`(_ url: String, _ reason: String) {
        #expect {
            try S3Settings(url: url, environment: aws)
        } throws: { error in
            if case S3SetupError.setting(let text) = error { text.contains(reason) } else { false }
        }
    }

    @Test(arguments: [
        "minio:9000", "ftp://minio", "http://", "http://minio/path", "http://user:pw@minio", "http://minio?a",
    ])
    func `refuse an endpoint that is more or less than a host`(_ endpoint: String) {
        #expect(throws: S3SetupError.setting("AWS_ENDPOINT_URL_S3 is no http or https URL of a host alone")) {
            try S3Settings(url: "s3://bucket", environment: ["AWS_ENDPOINT_URL_S3": endpoint])
        }
    }
}
