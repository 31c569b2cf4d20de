/// The jobs of one CSV, and what became of them.
package struct Batch: Sendable, Hashable {
    package let id: BatchID
    /// Where the client reached us, for the absolute URLs in its CSV.
    package let publicURL: String
    /// How many images it has, those that cannot be used among them.
    package let total: Int
    package let createdAt: Timestamp
    /// How long it is kept after its end.
    package let retention: Duration
    /// Who is told when it is complete: a URL, or ``Receiver/operators``.
    package let webhookURL: String?

    /// How many images have ended well, and how many otherwise.
    package var done = 0
    package var failed = 0
    /// When the last image ended.
    package var finishedAt: Timestamp?

    package init(
        id: BatchID, publicURL: String, total: Int, createdAt: Timestamp, retention: Duration, webhookURL: String?
    ) {
        self.id = id
        self.publicURL = publicURL
        self.total = total
        self.createdAt = createdAt
        self.retention = retention
        self.webhookURL = webhookURL
    }

    /// Whether every image has ended.
    package var isComplete: Bool { finishedAt != nil }
}

/// One image of a batch.
package struct BatchImage: Sendable {
    package let entry: BatchEntry
    /// What works on it; `nil` where the entry cannot be used, and where the job has expired.
    package let job: Job?

    package init(entry: BatchEntry, job: Job?) {
        self.entry = entry
        self.job = job
    }
}
