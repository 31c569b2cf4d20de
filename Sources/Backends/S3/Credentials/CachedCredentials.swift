package import Jobs
package import Logging

/// Credentials that are fetched anew before they expire, once for all who ask.
package actor CachedCredentials {
    private let source: any AWSCredentialSource
    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private var current: AWSCredentials?
    private var fetching: Task<AWSCredentials, any Error>?
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

    /// Credentials that have not expired. Nobody waits for new ones while those at hand are good for a while.
    /// - Throws: ``AWSCredentialError`` where there are none.
    package func credentials() async throws -> AWSCredentials {
        guard let current else { return try await fetch().value }
        guard let end = current.expiresAt else { return current }
        let left = end - now()
        if left > Self.refreshTime { return current }
        if left > .zero, let nextTry, now() < nextTry { return current }
        let task = fetch()
        if left > Self.leastTime { return current }
        do {
            return try await task.value
        } catch {
            guard now() < end else { throw error }
            return current
        }
    }

    /// The fetch under way, or a new one. It belongs to nobody, so that no one who asks may cancel it for the others; it
    /// ends with the source's own limits.
    private func fetch() -> Task<AWSCredentials, any Error> {
        if let fetching { return fetching }
        let task = Task { try await load() }
        fetching = task
        return task
    }

    private func load() async throws -> AWSCredentials {
        defer { fetching = nil }
        do {
            let fresh = try await source.load()
            (current, nextTry) = (fresh, nil)
            return fresh
        } catch {
            nextTry = now() + Self.pause
            if let end = current?.expiresAt, now() < end {
                logger.warning(
                    "AWS credentials cannot be refreshed; the old ones are good for a while",
                    metadata: [LogKey.error: "\(error)", LogKey.seconds: "\((end - now()).seconds)"])
            }
            throw error
        }
    }

    private static let refreshTime = Duration.seconds(300)
    /// What signs a request should outlive it.
    private static let leastTime = Duration.seconds(60)
    private static let pause = Duration.seconds(10)
}
