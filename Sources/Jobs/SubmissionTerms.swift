/// What comes with a request for work, whatever the work is.
package struct SubmissionTerms: Sendable {
    /// Scheme and host that the client reached us under.
    package var publicURL: String
    /// Its share of the work while others wait.
    package var priority: Priority
    /// Who is told of the end; where it is `nil` the operator's receiver, if there is one.
    package var webhookURL: SourceURL?

    package init(publicURL: String, priority: Priority = .normal, webhookURL: SourceURL? = nil) {
        self.publicURL = publicURL
        self.priority = priority
        self.webhookURL = webhookURL
    }
}
