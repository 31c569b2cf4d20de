import Jobs

func someJobs(_ count: Int, _ priority: Priority = .normal) -> [ReadyJob] {
    (0..<count).map { _ in ReadyJob(id: JobID(), priority: priority) }
}

/// Takes rings, and acknowledges each, until as many have come as were asked for, or no time is left.
func take(
    _ count: Int, from queue: any JobQueue, limit: Int = 100, within time: Duration = .seconds(10),
    pausing pause: Duration = .zero
) async throws -> [JobID] {
    let end = ContinuousClock.now + time
    var jobs: [JobID] = []
    while jobs.count < count, ContinuousClock.now < end {
        let rings = try await queue.next(limit: min(limit, count - jobs.count))
        jobs += rings.compactMap(\.job)
        try await queue.acknowledge(rings)
        try await Task.sleep(for: pause)
    }
    return jobs
}
