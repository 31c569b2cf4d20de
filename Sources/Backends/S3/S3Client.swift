import HTTPClient
import Jobs

/// Signs and sends operations on one bucket, again where that helps.
struct S3Client: Sendable {
    let settings: S3Settings
    private let http: CurlClient
    private let credentials: CachedCredentials
    private let patience: Duration
    private let now: @Sendable () -> Timestamp

    /// - Parameter patience: the longest time in which no byte moves, that of all tries together.
    init(
        _ settings: S3Settings, credentials: CachedCredentials, patience: Duration,
        now: @escaping @Sendable () -> Timestamp
    ) {
        var profile = CurlProfile()
        profile.trustedCertificates = settings.trustedCertificates
        http = CurlClient(profile)
        self.settings = settings
        self.credentials = credentials
        self.patience = patience
        self.now = now
    }

    /// Sends an operation, and once more after a failure that may pass.
    ///
    /// - Returns: a success (2xx).
    /// - Throws: ``S3Failure``, or `CancellationError`.
    func send(_ call: S3Call) async throws -> CurlResponse {
        let end = ContinuousClock.now + patience + call.allowance
        var tries = 0
        while true {
            do {
                return try await sendOnce(call, idleLimit: end - .now)
            } catch let failure as S3Failure {
                tries += 1
                let pause = Self.pause(after: tries)
                guard failure.isTransient, tries < Self.mostTries, ContinuousClock.now + pause < end else {
                    throw failure
                }
                try await Task.sleep(for: pause)
            }
        }
    }

    /// A URL that gives an object to anybody for a while.
    func presignedURL(_ key: String, query: [String: String], seconds: Int) async throws -> String {
        let address = settings.publicAddress
        let path = address.path(of: key)
        let request = CanonicalRequest(
            method: "GET", path: path, query: query, fields: ["host": address.host],
            payload: CanonicalRequest.unsignedPayload)
        return address.url(path: path, query: try await signature().presignedQuery(of: request, seconds: seconds))
    }

    private func sendOnce(_ call: S3Call, idleLimit: Duration) async throws -> CurlResponse {
        let address = settings.address
        let path = address.path(of: call.key)
        let canonical = CanonicalRequest(
            method: call.method.rawValue, path: path, query: call.query,
            fields: call.fields.merging(["host": address.host]) { own, _ in own }, payload: call.digest)
        var fields = try await signature().signedFields(of: canonical)
        // libcurl writes it itself, from the URL.
        fields["host"] = nil
        let request = CurlRequest(
            call.method, address.url(path: path, query: canonical.queryText), fields: fields, body: call.body,
            destination: call.destination, idleLimit: idleLimit, leastSpeed: call.leastSpeed)
        do {
            let answer = try await http.send(request)
            guard answer.isSuccess else { throw S3Failure(answer) }
            return answer
        } catch let error as CurlError {
            throw S3Failure.notAnswered(error)
        }
    }

    private func signature() async throws -> SignatureV4 {
        do {
            return SignatureV4(region: settings.region, credentials: try await credentials.credentials(), time: now())
        } catch let error as AWSCredentialError {
            throw S3Failure.noCredentials(reason: error.reason)
        }
    }

    private static let mostTries = 4

    /// Full jitter: clients that failed together do not come back together.
    private static func pause(after tries: Int) -> Duration {
        .milliseconds(Int.random(in: 0...min(500, 50 << tries)))
    }
}
