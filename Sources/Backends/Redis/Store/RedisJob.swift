import Imaging
import Jobs

extension Job {
    /// Reads what the scripts answer of a job; ``Lua/jobs`` names the fields.
    init(_ fields: Fields) throws {
        self.init(
            id: try fields["id"].asID(), file: try fields["file"].asID(), source: try fields["src"].asBlob(),
            plan: try PlanTexts.shared.plan(try fields["text"].asText()),
            cacheKey: CacheKey(stored: try fields["key"].asText()), publicURL: try fields["url"].asText(),
            priority: try fields["pri"].asPriority(), createdAt: try fields["at"].asTimestamp())
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
        expiresAt = try fields.find("gone")?.asTimestamp()
    }
}

extension JobResult {
    /// What a job's field `info` holds: `webp 800 600 43210`.
    var text: String { "\(format.rawValue) \(size.width) \(size.height) \(byteCount)" }

    fileprivate init(blob: BlobKey, text: String) throws {
        let parts = text.split(separator: " ")
        let numbers = parts.dropFirst().compactMap { Int($0) }
        guard let name = parts.first, let format = ImageFormat(rawValue: String(name)), numbers.count == 3 else {
            throw UnreadableReply(found: text)
        }
        self.init(
            blob: blob, format: format, size: Size(width: numbers[0], height: numbers[1]), byteCount: numbers[2])
    }
}
