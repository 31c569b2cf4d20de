package import Jobs
import NIOCore

/// What receivers are told.
package enum WebhookBody {
    /// Of a job its status, of a batch its counts and where the rest is.
    package static func text(of owed: OwedWebhook) -> String {
        let json =
            switch owed {
            case .job(let job): job.json
            case .batch(let batch): batch.summary
            }
        return String(buffer: json.text)
    }
}
