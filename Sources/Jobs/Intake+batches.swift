package import Imaging

extension Intake {
    /// Has a plan applied to each picture that a CSV names.
    ///
    /// Where it is cut short, what was added goes on; the same request under the same key adds what is missing.
    ///
    /// - Parameters:
    ///   - entries: one at least, and one of them can be used.
    /// - Throws: ``PlanFileError``, ``IntakeError/forbiddenWebhookURL``, ``JobStoreError``.
    package func submit(
        _ entries: [BatchEntry], plan: Plan, on terms: SubmissionTerms, key: IdempotencyKey? = nil
    ) async throws -> (batch: Batch, isRepeated: Bool) {
        _ = try await store.files(of: plan)
        let fresh = Batch(
            id: BatchID(at: now()), publicURL: terms.publicURL, total: entries.count, createdAt: now(),
            retention: policy.retention, webhookURL: try webhookURL(for: terms))
        let (batch, isRepeated) = try await store.begin(fresh, key: key)
        var position = 0
        var repeats: [String: Int] = [:]
        while position < entries.count {
            let part = entries[position..<min(position + Self.imagesAtOnce, entries.count)]
            let images = part.map { entry in
                BatchImage(entry: entry, job: job(for: entry, of: batch, plan, terms.priority, &repeats))
            }
            let ready = try await add(images, at: position, to: batch.id)
            if !isRepeated { for image in images where image.job != nil { Measures.submitted(isCached: false) } }
            await queue.ring(for: ready, orLogTo: logger)
            position += part.count
        }
        // It may have nothing left to do already.
        if batch.webhookURL != nil { changes.webhookBell.ring() }
        return (batch, isRepeated)
    }

    /// As the store's own, which may be said again: a short absence of the store shall not leave half a batch.
    private func add(_ images: [BatchImage], at position: Int, to batch: BatchID) async throws -> [ReadyJob] {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do {
                return try await store.add(images, at: position, to: batch)
            } catch JobStoreError.unavailable where ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    private static var patience: Duration { .seconds(10) }

    /// How many are added in one step, so that it never holds the store for long.
    private static var imagesAtOnce: Int { 250 }

    /// How many images share one fetch at most: they end in one step of the store.
    private static var sharers: Int { 200 }

    /// - Parameter repeats: how often each URL has been met.
    private func job(
        for entry: BatchEntry, of batch: Batch, _ plan: Plan, _ priority: Priority, _ repeats: inout [String: Int]
    ) -> Job? {
        guard entry.failure == nil, let url = try? SourceURL(entry.url) else { return nil }
        let text = "\(url)"
        let part = repeats[text, default: 0] / Self.sharers
        repeats[text, default: 0] += 1
        var job = Job(
            id: JobID(at: now()), source: .url(text), task: .develop(plan),
            cacheKey: CacheKey(url: text, plan: plan, in: batch.id, part: part), publicURL: batch.publicURL,
            priority: priority, createdAt: now())
        job.batch = batch.id
        return job
    }

    /// Waits until `condition` holds of a batch, or the time is up, and returns it as it then is.
    ///
    /// - Throws: ``JobStoreError``, `CancellationError`.
    package func batch(
        _ id: BatchID, waiting limit: Duration, until condition: (Batch) -> Bool
    ) async throws -> Batch {
        let deadline = ContinuousClock.now + limit
        while true {
            let batch = try await store.batch(id)
            let left = ContinuousClock.now.duration(to: deadline)
            if condition(batch) || left <= .zero { return batch }
            try await Task.sleep(for: min(left, .seconds(1)))
        }
    }

    /// What is wrong with a URL in a CSV; `nil` for nothing.
    package func failure(ofURL text: String) -> JobFailure? {
        do throws(SourceURLError) {
            let url = try SourceURL(text)
            if urlRules.allows(url) { return nil }
            return JobFailure(
                code: "forbidden_url", message: "the URL names a port or an address that may not be asked",
                isRetryable: false)
        } catch {
            return JobFailure(code: "forbidden_url", message: "\(error)", isRetryable: false)
        }
    }
}
