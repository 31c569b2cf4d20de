package import Jobs

/// What the HTTP side is told from outside.
package struct ServerSettings: Sendable {
    /// Which routes a process offers.
    package enum Role: Sendable, Hashable {
        case everything
        /// `/health*` and `/metrics`: a worker takes no requests but those of the people and programs that watch it.
        case healthOnly
    }

    package var host: String
    /// 0 for any that is free.
    package var port: Int
    package var role = Role.everything
    /// In bytes, of one part of an upload.
    package var maxFileSize: Int
    /// Of a batch's CSV, below its header.
    package var maxBatchRows = 10_000
    /// Scheme and host as the world sees them, without a slash at the end; `nil` takes the request's.
    package var publicURL: String?
    /// What the operator's routes ask for; `nil` opens them to this machine alone.
    package var adminToken: String?
    /// What webhooks that come here are signed with; with none they are taken unverified.
    package var webhookSecrets: [WebhookSecret] = []
    /// What operators are shown of the settings in force.
    package var shown: [ShownSetting] = []
    /// Asks a Redis that is neither store nor queue, and carries hints and dead letters; `nil` where there is none.
    package var pingRedis: (@Sendable () async throws -> Void)?
    package var name = "tintype"
    package var version: String
    package var limits = ConnectionLimits()

    package init(
        host: String = "127.0.0.1", port: Int, maxFileSize: Int, publicURL: String? = nil, adminToken: String? = nil,
        version: String
    ) {
        self.host = host
        self.port = port
        self.maxFileSize = maxFileSize
        self.publicURL = publicURL
        self.adminToken = adminToken
        self.version = version
    }
}
