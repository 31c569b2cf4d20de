import HTTPClient
import Imaging
package import Jobs
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Asks for descriptions by OpenAI's chat completions, which vLLM, Ollama, LiteLLM and Azure's gateways speak as well.
///
/// A failed request is not sent again here: the job is tried again, at the time that the service asks for, and no
/// worker waits in between. The one exception is ``TokenLimitName``.
package final class OpenAIVisionService: VisionService {
    private let settings: OpenAISettings
    private let http: CurlClient
    private let now: @Sendable () -> Timestamp
    /// Whether the model has refused the older name, so that only one picture is sent twice.
    private let wantsNewerName = Atomic(false)

    package init(_ settings: OpenAISettings, now: @escaping @Sendable () -> Timestamp = { .now }) {
        var profile = CurlProfile()
        // Further away than a database.
        profile.connectLimit = .seconds(10)
        // While every model thinks, nothing moves on any connection.
        profile.waitingTime = settings.timeout
        http = CurlClient(profile)
        self.settings = settings
        self.now = now
    }

    package func describe(jpeg: [UInt8]) async throws -> VisionAnswer {
        let name = wantsNewerName.load(ordering: .relaxed) ? TokenLimitName.newer : .older
        var answer = try await send(jpeg, name)
        if name == .older, answer.status == 400, ChatError(answer).asksForNewerName {
            wantsNewerName.store(true, ordering: .relaxed)
            answer = try await send(jpeg, .newer)
        }
        guard answer.isSuccess else { throw error(answer) }
        return try ChatAnswer(answer).description(by: settings)
    }

    private func send(_ jpeg: [UInt8], _ name: TokenLimitName) async throws -> CurlResponse {
        let picture = "data:image/jpeg;base64," + Data(jpeg).base64EncodedString()
        let question: JSONValue = [
            "model": .string(settings.model),
            "messages": [
                [
                    "role": "user",
                    "content": [
                        ["type": "text", "text": .string(settings.prompt)],
                        ["type": "image_url", "image_url": ["url": .string(picture)]],
                    ],
                ]
            ],
            name.rawValue: .number(Double(settings.tokenLimit)),
        ]
        let encoder = JSONEncoder()
        // Base64 is full of slashes.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let request = CurlRequest(
            .post, settings.address.chatURL,
            fields: [
                "authorization": "Bearer \(settings.key)", "content-type": "application/json",
                "accept": "application/json",
            ],
            body: .bytes([UInt8](try encoder.encode(question))), destination: .memory(limit: 1 << 20),
            // A model that thinks sends nothing for a long time.
            idleLimit: settings.timeout, totalLimit: settings.timeout, leastSpeed: 0)
        do {
            return try await http.send(request)
        } catch let error as CurlError {
            let message = "asking the vision service failed: \(error)"
            throw error.isTransient ? VisionError.unavailable(message: message) : .rejected(message: message)
        }
    }

    private func error(_ answer: CurlResponse) -> VisionError {
        let status = "the vision service answered \(answer.status)"
        switch answer.status {
        // Its own words are left out: they often repeat a part of the key.
        case 401: return .keyRefused(message: "\(status): it refuses the key")
        case 403: return .keyRefused(message: "\(status): it refuses the key, or does not let it use \(settings.model)")
        case 300..<400: return .rejected(message: "\(status), a redirect, which is not followed: correct its base URL")
        default: break
        }
        let words = ChatError(answer).words(hiding: settings.key)
        let message = words.isEmpty ? status : "\(status): \(words)"
        guard answer.status == 408 || answer.status == 429 || answer.status >= 500 else {
            return .rejected(message: message)
        }
        return .unavailable(
            message: message,
            retryAfter: RetryAfter.delay(in: answer.fields, now: now(), atMost: Self.longestRetryAfter))
    }

    /// Limits that last longer, such as a day's quota, may be raised meanwhile.
    private static let longestRetryAfter = Duration.seconds(3600)
}

/// What the limit of tokens is called.
///
/// OpenAI's reasoning models refuse the older name with a 400, older versions of Azure's API refuse the newer one
/// likewise, vLLM and LiteLLM know both, and Ollama passes over the newer one in silence (ollama/ollama#7125), so that
/// nothing would limit the costs. So the older one is sent until it is refused.
enum TokenLimitName: String {
    case older = "max_tokens"
    case newer = "max_completion_tokens"
}
