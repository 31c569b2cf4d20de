import Jobs
import Synchronization

/// Plays the receivers of webhooks: answers as the test says, and remembers what came.
final class PlayedReceiver: WebhookSender {
    struct Webhook: Hashable {
        let body: String
        let id: String
        let url: String
    }

    private let arrived = Mutex<[Webhook]>([])
    private let answers = Mutex<[WebhookOutcome]>([])
    private let silence = Mutex<Set<String>>([])
    private let bell = Bell()

    /// Answers so, one after another, and then well.
    func answer(_ outcomes: WebhookOutcome...) { answers.withLock { $0 = outcomes } }

    /// Never answers what goes to this host.
    func fallSilent(at host: String) { silence.withLock { _ = $0.insert(host) } }

    var webhooks: [Webhook] { arrived.withLock { $0 } }

    /// Waits until so many have come, in whatever order.
    func first(_ count: Int) async -> [Webhook] {
        while webhooks.count < count { await bell.wait() }
        return webhooks
    }

    func send(_ body: [UInt8], id: String, to url: SourceURL) async throws -> WebhookOutcome {
        arrived.withLock { $0.append(Webhook(body: String(decoding: body, as: UTF8.self), id: id, url: "\(url)")) }
        bell.ring()
        if case .name(let host) = url.host, silence.withLock({ $0.contains(host) }) {
            try await Task.sleep(for: .seconds(3600))
        }
        return answers.withLock { $0.isEmpty ? .delivered : $0.removeFirst() }
    }
}
