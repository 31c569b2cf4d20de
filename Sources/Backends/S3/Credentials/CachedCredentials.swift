package import Jobs
package import Logging

/// Credentials that are fetched anew before they expire, once for all who ask.
package actor CachedCredentials {
    private let source: any AWSCredentialSource
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private var current: AWSCredentials?
    private var isFetching: Task<AWSCredentials, any Error>?
    /// After a fetch that failed while the old ones are good: not with every request.
    private var nextTry: Timestamp?

    init(_ source: any AWSCredentialSource, logger: Logger, now: @escaping @Sendable () -> Timestamp) {
        self.source = source
        self.logger = logger
        self.now = now
    }

    /// Those of the first place that has any: the environment, the container's endpoint, the file of profiles.
    ///
    /// - Parameter environment: the variables that all AWS clients read.
    /// - Throws: ``S3SetupError/setting(_:)`` where a variable is no use.
    package init(
        environment: [String: String], logger: Logger, now: @escaping @Sendable () -> Timestamp = { .now }
    ) throws(S3SetupError) {
        let source: any AWSCredentialSource
        if let found = EnvironmentCredentials(environment) {
            source = found
        } else if let found = try ContainerCredentials(environment) {
            source = found
        } else {
            source = ProfileCredentials(environment)
        }
        self.init(source, logger: logger, now: now)
    }

    /// Credentials that have not expired.
    /// - Throws: ``AWSCredentialError`` where there are none.
    package func credentials() async throws -> AWSCredentials {
        guard let current else { return try await fetch() }
        guard let end = current.expiresAt, now() >= end - Self.refreshTime else { return current }
        if let nextTry, now() < min(nextTry, end) { return current }
        do {
            return try await fetch()
        } catch {
            guard now() < end else { throw error }
            nextTry = now() + Self.pause
            logger.warning(
                "AWS credentials cannot be refreshed; the old ones are good for a while",
                metadata: [LogKey.error: "\(error)", LogKey.seconds: "\((end - now()).seconds)"])
            return current
        }
    }

    private func fetch() async throws -> AWSCredentials {
        if let isFetching { return try await isFetching.value }
        // Everybody who asks meanwhile waits for it, so that no one of them may cancel it.
        let fetching = Task { [source] in try await source.load() }
        isFetching = fetching
        defer { isFetching = nil }
        let fresh = try await fetching.value
        current = fresh
        nextTry = nil
        return fresh
    }

    private static let refreshTime = Duration.seconds(300)
    private static let pause = Duration.seconds(10)
}
