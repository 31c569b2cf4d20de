/// Which service is asked, and what.
package struct OpenAISettings: Sendable {
    package var address = OpenAIAddress.openAI
    /// Sent as a bearer token. A service of one's own that wants none gets any text.
    package var key: String
    package var model = "gpt-4o-mini"
    package var prompt = Self.prompt
    package static let prompt = """
        Describe this image for somebody who cannot see it: what it shows, the setting, colours and mood, and any text \
        that can be read in it.
        """
    /// The most that the model may write, which bounds what a description costs.
    package var tokenLimit = 300
    /// For one request and its answer.
    package var timeout = Duration.seconds(60)

    package init(key: String) { self.key = key }

    /// Another for each model and question: what is described in another way is another description.
    package var identity: String { "\(address.chatURL)\n\(model)\n\(tokenLimit)\n\(prompt)" }
}

/// Where a service is that speaks OpenAI's chat completions: what its users know as the base URL.
package struct OpenAIAddress: Hashable, Sendable {
    package static let openAI = OpenAIAddress(chatURL: "https://api.openai.com/v1/chat/completions")

    let chatURL: String

    private init(chatURL: String) { self.chatURL = chatURL }

    /// - Parameter text: an `http` or `https` URL, with or without slashes at its end; a query, such as the
    ///   `api-version` of Azure's gateways, stays behind the path. `nil` for any other text, and for a URL with a user,
    ///   a password or a fragment.
    package init?(_ text: String) {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !text.contains("#"), var base = parts.first else {
            return nil
        }
        while base.hasSuffix("/") { base.removeLast() }
        guard let separator = base.firstRange(of: "://"),
            ["http", "https"].contains(base[..<separator.lowerBound].lowercased())
        else { return nil }
        let authority = base[separator.upperBound...].prefix { $0 != "/" }
        guard !authority.isEmpty, !authority.contains("@") else { return nil }
        chatURL = base + "/chat/completions" + parts.dropFirst().map { "?\($0)" }.joined()
    }
}
