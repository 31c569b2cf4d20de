/// Posts webhooks to wherever their receivers are.
package protocol WebhookSender: Sendable {
    /// Tries once to deliver.
    ///
    /// - Parameters:
    ///   - body: JSON.
    ///   - id: of the event, the same on every try.
    /// - Throws: `CancellationError` alone: whatever else goes wrong is an outcome.
    func send(_ body: [UInt8], id: String, to url: SourceURL) async throws -> WebhookOutcome
}
