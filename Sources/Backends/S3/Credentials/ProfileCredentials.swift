import FoundationEssentials

/// Keys in a profile of the file that AWS's tools share: `~/.aws/credentials`, or `AWS_SHARED_CREDENTIALS_FILE`.
struct ProfileCredentials: AWSCredentialSource {
    private let path: String?
    private let profile: String

    init(_ environment: [String: String]) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        path = value("AWS_SHARED_CREDENTIALS_FILE") ?? value("HOME").map { "\($0)/.aws/credentials" }
        profile = value("AWS_PROFILE") ?? "default"
    }

    func load() async throws -> AWSCredentials {
        guard let path, let text = try? String(contentsOf: URL(filePath: path), encoding: .utf8) else {
            throw AWSCredentialError(
                reason:
                    "neither AWS_ACCESS_KEY_ID nor a container's endpoint is set, and \(path ?? "HOME") cannot be read")
        }
        let values = Self.values(of: profile, in: text)
        guard let id = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] else {
            throw AWSCredentialError(reason: "\(path) has no keys for the profile \(profile)")
        }
        return AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: values["aws_session_token"])
    }

    /// Of the lines `name = value` under `[profile]`; `#` and `;` begin a comment line.
    static func values(of profile: String, in text: String) -> [String: String] {
        var values: [String: String] = [:]
        var isInside = false
        for line in text.split(whereSeparator: \.isNewline) {
            let line = trimmed(line)
            if line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("["), line.hasSuffix("]") {
                isInside = trimmed(line.dropFirst().dropLast()) == profile
            } else if isInside, let equals = line.firstIndex(of: "=") {
                values[trimmed(line[..<equals]).lowercased()] = trimmed(line[line.index(after: equals)...])
            }
        }
        return values
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop(while: \.isWhitespace)
        return start.lastIndex { !$0.isWhitespace }.map { String(start[...$0]) } ?? ""
    }

}
