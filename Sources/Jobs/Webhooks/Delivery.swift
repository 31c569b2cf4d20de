import Imaging

/// What a delivery tells, and of what.
package struct Delivery: Sendable, Hashable {
    package enum Subject: Sendable, Hashable {
        case job(JobID)
        case batch(BatchID)
    }

    package let subject: Subject
    /// JSON as it was when the subject had ended: every try says the same, whatever became of it since.
    package let body: String

    package init(subject: Subject, body: String) {
        self.subject = subject
        self.body = body
    }
}

/// What has ended, and whose receiver is to be told.
package enum OwedWebhook: Sendable {
    case job(Job)
    case batch(Batch)

    package var subject: Delivery.Subject {
        switch self {
        case .job(let job): .job(job.id)
        case .batch(let batch): .batch(batch.id)
        }
    }

    package var webhookURL: String? {
        switch self {
        case .job(let job): job.webhookURL
        case .batch(let batch): batch.webhookURL
        }
    }

    package var publicURL: String {
        switch self {
        case .job(let job): job.publicURL
        case .batch(let batch): batch.publicURL
        }
    }

    /// When it ended. It may run again and end again, and is then owed another.
    package var finishedAt: Timestamp? {
        switch self {
        case .job(let job): job.finishedAt
        case .batch(let batch): batch.finishedAt
        }
    }
}

/// A delivery that is to be recorded, and what it is owed for.
package struct NewDelivery: Sendable {
    package let owed: OwedWebhook
    package let job: Job

    package init(of owed: OwedWebhook, as job: Job) {
        self.owed = owed
        self.job = job
    }
}

// MARK: - As JSON

extension Delivery {
    var json: JSONValue {
        switch subject {
        case .job(let id): ["job": .string("\(id)"), "body": .string(body)]
        case .batch(let id): ["batch": .string("\(id)"), "body": .string(body)]
        }
    }

    /// Reads ``json``.
    init?(_ json: JSONValue) {
        guard case .object(let members) = json, case .string(let body)? = members["body"] else { return nil }
        switch (members["job"], members["batch"]) {
        case (.string(let text)?, nil):
            guard let id = JobID(text) else { return nil }
            self.init(subject: .job(id), body: body)
        case (nil, .string(let text)?):
            guard let id = BatchID(text) else { return nil }
            self.init(subject: .batch(id), body: body)
        default: return nil
        }
    }
}
