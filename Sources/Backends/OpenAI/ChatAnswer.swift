import HTTPClient
import Imaging
import Jobs

/// The body of a success.
struct ChatAnswer {
    private let json: JSONValue?

    init(_ answer: CurlResponse) { json = JSONValue(answer.body) }

    func description(by settings: OpenAISettings) throws(VisionError) -> VisionAnswer {
        guard let choice = json?["choices"]?.elements.first, let message = choice["message"] else {
            throw .unreadable(
                message: "what the vision service answered is no chat completion: its base URL may be wrong")
        }
        let end = choice["finish_reason"]?.text
        if message.isRefusal {
            throw .declined(message: "the model \(settings.model) refuses to describe this picture")
        }
        guard end != "content_filter" else {
            throw .declined(message: "the vision service's content filter withheld the description")
        }
        let text = message.written.trimmed
        guard !text.isEmpty else {
            let limit = "used up its \(settings.tokenLimit) tokens before it wrote a word: raise the limit"
            throw .empty(message: "the model \(settings.model) \(end == "length" ? limit : "wrote nothing")")
        }
        return VisionAnswer(text: text, model: json?["model"]?.text ?? settings.model, usage: usage)
    }

    private var usage: VisionUsage? {
        guard let prompt = json?["usage"]?["prompt_tokens"]?.count,
            let completion = json?["usage"]?["completion_tokens"]?.count
        else { return nil }
        return VisionUsage(
            promptTokens: prompt, completionTokens: completion,
            totalTokens: json?["usage"]?["total_tokens"]?.count ?? prompt + completion)
    }
}

/// The body of an answer that is no success.
struct ChatError {
    private let json: JSONValue?

    init(_ answer: CurlResponse) { json = JSONValue(answer.body) }

    /// Whether the service wants the limit of tokens under its newer name.
    var asksForNewerName: Bool {
        json?["error"]?["param"]?.text == TokenLimitName.older.rawValue
            || message.contains(TokenLimitName.newer.rawValue)
    }

    /// The service's own words: on one line, not many of them, and with the key replaced wherever it stands in them.
    func words(hiding key: String) -> String {
        let line = (key.isEmpty ? message : message.replacing(key, with: "(key)"))
            .split { $0.isWhitespace || ($0.asciiValue ?? 0x20) < 0x20 }.joined(separator: " ")
        return line.count > 200 ? line.prefix(199) + "…" : line
    }

    /// OpenAI's form, and those of servers that are less exact.
    private var message: String {
        let error = json?["error"]
        return error?["message"]?.text ?? error?.text ?? json?["message"]?.text ?? json?["detail"]?.text ?? ""
    }
}
