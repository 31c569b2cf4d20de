package import Jobs

/// Keys that sign requests.
package struct AWSCredentials: Hashable, Sendable, CustomStringConvertible {
    package let accessKeyID: String
    package let secretAccessKey: String
    /// Of keys that live for some hours only.
    package let sessionToken: String?
    package let expiresAt: Timestamp?

    package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil, expiresAt: Timestamp? = nil)
    {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiresAt = expiresAt
    }

    /// Without the secrets.
    package var description: String { "credentials \(accessKeyID)" }
}

/// Somewhere that credentials come from.
protocol AWSCredentialSource: Sendable {
    /// - Throws: ``AWSCredentialError``.
    func load() async throws -> AWSCredentials
}

package struct AWSCredentialError: Error, Hashable, Sendable, CustomStringConvertible {
    package let reason: String
    package var description: String { reason }
}
