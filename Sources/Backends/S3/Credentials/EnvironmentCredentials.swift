/// Keys in `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`.
struct EnvironmentCredentials: AWSCredentialSource {
    private let found: AWSCredentials

    init?(_ environment: [String: String]) {
        guard let id = environment["AWS_ACCESS_KEY_ID"], let secret = environment["AWS_SECRET_ACCESS_KEY"], !id.isEmpty,
            !secret.isEmpty
        else { return nil }
        let token = environment["AWS_SESSION_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
        found = AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: token)
    }

    func load() async throws -> AWSCredentials { found }
}
