import HTTPTypes
import Jobs
import NIOCore
import Synchronization

/// A receiver to try webhooks with: `POST /webhook/` checks what comes and remembers it, `GET /webhook/` shows it.
struct WebhookResource: Resource {
    let secrets: [WebhookSecret]
    private let received = ReceivedWebhooks()

    init(secrets: [WebhookSecret]) { self.secrets = secrets }

    var routes: [Route] {
        [
            Route(.post, "/webhook", .receiveWebhook) { [self] in try await receive($0) },
            Route(.get, "/webhook", .listReceivedWebhooks, for: .operators) { [self] _ in
                Answer(json: ["received": .array(received.newestFirst)], fields: [.cacheControl: "no-store"])
            },
        ]
    }

    private func receive(_ request: IncomingRequest) async throws -> Answer {
        let body = try await request.collectedBody()
        var fields: [String: String] = [:]
        for field in request.fields { fields[field.name.canonicalName] = field.value }
        var reason: WebhookSignatureError?
        if !secrets.isEmpty {
            do throws(WebhookSignatureError) {
                try WebhookSignature.verify(
                    fields, body: Array(body.readableBytesView), secrets: secrets, now: .now)
            } catch {
                reason = error
            }
        }
        received.add([
            "webhook_id": JSON(fields[WebhookSignature.idField]), "received_at": JSON(Timestamp.now),
            "verified": .bool(!secrets.isEmpty && reason == nil), "error": JSON(reason),
            "body": .string(String(decoding: body.readableBytesView, as: UTF8.self)),
        ])
        if let reason { throw Problem(.unverifiedWebhook, "\(reason)") }
        return Answer(.noContent)
    }
}

/// The last that came to this process.
private final class ReceivedWebhooks: Sendable {
    private let entries = Mutex<[JSON]>([])
    private static let capacity = 100

    var newestFirst: [JSON] { entries.withLock { $0.reversed() } }

    func add(_ entry: JSON) {
        entries.withLock { entries in
            entries.append(entry)
            if entries.count > Self.capacity { entries.removeFirst() }
        }
    }
}
