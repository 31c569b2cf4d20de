/// A model elsewhere that puts a picture into words.
package protocol VisionService: Sendable {
    /// - Parameter jpeg: at most 1024 pixels a side.
    /// - Throws: ``VisionError``, or `CancellationError`.
    func describe(jpeg: [UInt8]) async throws -> VisionAnswer
}

package struct VisionAnswer: Hashable, Sendable {
    /// Not empty, with no white space at its ends.
    package let text: String
    /// What the service says that it used: often a dated version of the one that was asked for.
    package let model: String
    /// `nil` where the service does not say.
    package let usage: VisionUsage?

    package init(text: String, model: String, usage: VisionUsage?) {
        self.text = text
        self.model = model
        self.usage = usage
    }
}

/// What a description is charged by, in tokens.
package struct VisionUsage: Codable, Hashable, Sendable {
    package let promptTokens: Int
    package let completionTokens: Int
    package let totalTokens: Int

    package init(promptTokens: Int, completionTokens: Int, totalTokens: Int) {
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.totalTokens = totalTokens
    }

    private enum CodingKeys: String, CodingKey {
        case promptTokens = "prompt_tokens"
        case completionTokens = "completion_tokens"
        case totalTokens = "total_tokens"
    }
}

/// Why there is no description. No message has the service's key or address in it.
package enum VisionError: Error, Hashable, Sendable {
    /// The service cannot be reached, is overloaded, or limits how often it may be asked; `retryAfter` is its own wish.
    case unavailable(message: String, retryAfter: Duration? = nil)
    case keyRefused(message: String)
    /// The service will not take what it was sent, whoever sends it.
    case rejected(message: String)
    /// The model, or a filter around it, does not want to describe this picture.
    case declined(message: String)
    /// The model was done without a word.
    case empty(message: String)
    /// What came is no answer of such a service.
    case unreadable(message: String)

    /// Whether the same picture may be described another time, with nothing changed.
    package var isRetryable: Bool {
        if case .unavailable = self { true } else { false }
    }

    package var retryAfter: Duration? {
        if case .unavailable(_, let retryAfter) = self { retryAfter } else { nil }
    }

    /// For people: what happened, and what to change where that would help.
    package var message: String {
        switch self {
        case .unavailable(let message, _), .keyRefused(let message), .rejected(let message), .declined(let message),
            .empty(let message), .unreadable(let message):
            message
        }
    }
}
