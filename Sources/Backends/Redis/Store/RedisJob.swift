import Imaging
import Jobs

extension Job {
    /// Reads what the scripts answer of a job; ``Lua/jobs`` names the fields.
    init(_ fields: Fields) throws {
        let content = try TaskTexts.shared.content(try fields["text"].asText())
        let source: JobSource =
            if let url = content.url { .url(url) } else {
                .file(try fields["file"].asID(), try fields["src"].asBlob())
            }
        self.init(
            id: try fields["id"].asID(), source: source, task: content.task,
            cacheKey: CacheKey(stored: try fields["key"].asText()), publicURL: try fields["url"].asText(),
            priority: try fields["pri"].asLine().priority ?? .normal, createdAt: try fields["at"].asTimestamp())
        state = try fields["state"].asState()
        progress = state == .done ? 1 : try fields.find("prog")?.asNumber() ?? 0
        attempts = try fields.find("try")?.asInt() ?? 0
        crashes = try fields.find("crash")?.asInt() ?? 0
        fence = try fields.find("fence")?.asInt() ?? 0
        runAt = try fields.find("run")?.asTimestamp() ?? createdAt
        startedAt = try fields.find("began")?.asTimestamp()
        finishedAt = try fields.find("ended")?.asTimestamp()
        failure = try fields.find("code").map { code in
            JobFailure(
                code: try code.asText(), message: try fields["why"].asText(),
                isRetryable: try fields["again"].asInt() == 1)
        }
        result = try fields.find("out").map { try JobResult(blob: $0.asBlob(), text: fields["info"].asText()) }
        isCached = fields.find("hit") != nil
        batch = try fields.find("batch")?.asID()
        webhookURL = try fields.find("hook")?.asText()
        expiresAt = try fields.find("gone")?.asTimestamp()
        worker = try fields.find("who")?.asID()
        if let text = try fields.find("tries")?.asText() { tries = Tries(text: text) }
    }
}

extension JobResult {
    /// What a job's field `info` holds: `webp 800 600 43210`, or `json 4321` for a description; then facts, if any.
    var text: String {
        ([contentText] + (facts.isEmpty ? [] : [facts.text])).joined(separator: " ")
    }

    private var contentText: String {
        switch content {
        case .picture(let format, let size): "\(format.rawValue) \(size.width) \(size.height) \(byteCount)"
        case .description: "json \(byteCount)"
        }
    }

    fileprivate init(blob: BlobKey, text: String) throws {
        let parts = text.split(separator: " ")
        let numbers = parts.dropFirst().prefix { !$0.contains("=") }.compactMap { Int($0) }
        let facts = [Fact](text: parts.dropFirst(1 + numbers.count).joined(separator: " "))
        let name = String(parts.first ?? "")
        switch (ImageFormat(rawValue: name), numbers.count) {
        case (let format?, 3):
            let size = Size(width: numbers[0], height: numbers[1])
            self.init(blob: blob, content: .picture(format, size), byteCount: numbers[2], facts: facts)
        case (nil, 1) where name == "json":
            self.init(blob: blob, content: .description, byteCount: numbers[0])
        default: throw UnreadableReply(found: text)
        }
    }
}
