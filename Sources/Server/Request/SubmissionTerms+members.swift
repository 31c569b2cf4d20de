import Imaging
import Jobs

extension SubmissionTerms {
    /// The members that say so, beside those of the work.
    static let memberNames = ["priority", "webhook_url"]

    /// Takes them out of the members of a request; each may be left out, or null.
    ///
    /// - Throws: a ``Problem``.
    init(takenFrom members: inout [String: JSONValue], publicURL: String) throws(Problem) {
        self.init(publicURL: publicURL)
        func take(_ name: String) -> JSONValue? {
            let given = members.removeValue(forKey: name)
            return given == .null ? nil : given
        }
        if let given = take("priority") {
            guard case .string(let name) = given, let priority = Priority(rawValue: name) else {
                throw .invalid(
                    "priority", given: given.brief, allowed: Priority.allCases.map(\.rawValue).joined(separator: ", "))
            }
            self.priority = priority
        }
        if let given = take("webhook_url") { webhookURL = try SourceURL(given, in: "webhook_url") }
    }

    /// What two requests must have in common that are one.
    var meaning: String { "\(priority.rawValue) \(webhookURL.map { "\($0)" } ?? "")" }
}

extension SourceURL {
    /// - Parameter name: of the member that has it.
    /// - Throws: a ``Problem``.
    init(_ given: JSONValue, in name: String) throws(Problem) {
        guard case .string(let text) = given else {
            throw Problem.invalid(name, given: given.brief, allowed: "an http or https URL")
        }
        do throws(SourceURLError) { try self.init(text) } catch { throw Problem(error, in: name) }
    }
}
