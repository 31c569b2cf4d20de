import FoundationEssentials
import HTTPClient
import Jobs
import SystemPackage

/// The role's keys, from the endpoint that ECS or EKS gives a container: AWS SDKs and Tools, "Container credential provider".
struct ContainerCredentials: AWSCredentialSource {
    private enum Token {
        case none
        case text(String)
        /// Written anew from time to time.
        case file(String)
    }

    private let client: CurlClient
    private let url: String
    private let token: Token

    init?(_ environment: [String: String]) throws(S3SetupError) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

        if let path = value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            guard path.hasPrefix("/") else {
                throw .setting("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with a slash")
            }
            url = "http://169.254.170.2\(path)"
        } else if let full = value("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
            guard full.hasPrefix("http://") || full.hasPrefix("https://") else {
                throw .setting("AWS_CONTAINER_CREDENTIALS_FULL_URI is no http or https URL")
            }
            url = full
        } else {
            return nil
        }
        if let file = value("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            token = .file(file)
        } else {
            token = value("AWS_CONTAINER_AUTHORIZATION_TOKEN").map { .text($0) } ?? .none
        }
        var profile = CurlProfile()
        // Decided where the connection is made, a name may not lead anywhere else either.
        if url.hasPrefix("http://") { profile.mayConnect = Self.mayServeInClearText }
        client = CurlClient(profile)
    }

    /// This host, ECS's agent and EKS's pod identity agent: no one else sees what goes there.
    static func mayServeInClearText(_ address: ResolvedAddress) -> Bool {
        switch address.bytes.count {
        case 4:
            return address.bytes[0] == 127 || address.bytes == [169, 254, 170, 2]
                || address.bytes == [169, 254, 170, 23]
        case 16:
            let zeros = [UInt8](repeating: 0, count: 11)
            return address.bytes == zeros + [0, 0, 0, 0, 1]
                || address.bytes == [0xFD, 0x00, 0x0E, 0xC2] + zeros + [0x23]
        default: return false
        }
    }

    func load() async throws -> AWSCredentials {
        var fields = ["accept": "application/json"]
        fields["authorization"] = try tokenText()
        let request = CurlRequest(
            .get, url, fields: fields, destination: .memory(limit: 64 * 1024), totalLimit: .seconds(2))
        let answer: CurlResponse
        do {
            answer = try await client.send(request)
        } catch let error as CurlError {
            throw AWSCredentialError(reason: "the container's credentials endpoint: \(error)")
        }
        guard answer.status == 200 else {
            throw AWSCredentialError(reason: "the container's credentials endpoint answered \(answer.status)")
        }
        return try Self.credentials(in: answer.body)
    }

    private func tokenText() throws -> String? {
        switch token {
        case .none: return nil
        case .text(let text): return text
        case .file(let path):
            guard let text = try? String(contentsOf: URL(filePath: path), encoding: .utf8) else {
                throw AWSCredentialError(reason: "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, \(path), cannot be read")
            }
            return text.filter { !$0.isNewline }
        }
    }

    private struct Document: Decodable {
        let AccessKeyId: String
        let SecretAccessKey: String
        let Token: String?
        let Expiration: String?
    }

    static func credentials(in json: [UInt8]) throws -> AWSCredentials {
        // The decoder's own error could quote a secret.
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(json)) else {
            throw AWSCredentialError(reason: "the container's credentials endpoint answered with no credentials")
        }
        let expiresAt = try document.Expiration.map { text in
            guard let time = Timestamp(wholeSecondsOf: text) else {
                throw AWSCredentialError(reason: "the container's credentials expire at \(text), which is no time")
            }
            return time
        }
        return AWSCredentials(
            accessKeyID: document.AccessKeyId, secretAccessKey: document.SecretAccessKey, sessionToken: document.Token,
            expiresAt: expiresAt)
    }
}

extension Timestamp {
    /// Reads `2026-11-21T05:24:00Z` or `2026-11-21T05:24:00.123Z`, and leaves out the fraction.
    init?(wholeSecondsOf text: String) {
        let whole = text.prefix { $0 != "." && $0 != "Z" } + "Z"
        guard let date = try? Date(String(whole), strategy: .iso8601) else { return nil }
        self.init(milliseconds: Int64(date.timeIntervalSince1970) * 1000)
    }
}
