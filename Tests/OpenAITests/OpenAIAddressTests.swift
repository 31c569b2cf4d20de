import Testing

@testable import OpenAIBackend

@Suite struct `The address of a vision service` {
    @Test(arguments: [
        ("https://api.openai.com/v1", "https://api.openai.com/v1/chat/completions"),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1/chat/completions"),
        ("http://localhost:11434/v1//", "http://localhost:11434/v1/chat/completions"),
        ("HTTP://[::1]:8000", "HTTP://[::1]:8000/chat/completions"),
        (
            "https://x.example/openai/deployments/eye/?api-version=2024-10-21",
            "https://x.example/openai/deployments/eye/chat/completions?api-version=2024-10-21"
        ),
    ])
    func `is a base URL, however it ends`(_ text: String, _ expected: String) {
        #expect(OpenAIAddress(text)?.chatURL == expected)
    }

    @Test func `is OpenAI's, unless it is set`() {
        #expect(OpenAISettings(key: "k").address == OpenAIAddress("https://api.openai.com/v1/"))
    }

    @Test(arguments: [
        "", "api.openai.com/v1", "ftp://a/v1", "https://", "https:///v1", "https://user:word@a/v1", "https://a/v1#b",
        "https://a b/v1", "https://ä/v1", "https://a/v1\n", "https://?a",
    ])
    func `is nothing else`(_ text: String) { #expect(OpenAIAddress(text) == nil) }
}
