import Jobs
import Synchronization
import Testing

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

/// Asks again and again, for what a server does in its own time.
func eventually(
    within time: Duration = .seconds(10), _ isTrue: () async throws -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let end = ContinuousClock.now + time
    while try await !isTrue() {
        guard ContinuousClock.now < end else {
            Issue.record("it did not come true within \(time)", sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// Calls again and again while the server is away, as callers of the service would.
func persistently<R>(within time: Duration = .seconds(20), _ step: () async throws -> R) async throws -> R {
    let end = ContinuousClock.now + time
    while true {
        do {
            return try await step()
        } catch JobStoreError.unavailable where ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

/// Expects that the backend is called away, and soon.
func expectUnavailable(
    within limit: Duration = .seconds(2), sourceLocation: SourceLocation = #_sourceLocation,
    _ step: () async throws -> Void
) async {
    let start = ContinuousClock.now
    await #expect(sourceLocation: sourceLocation) {
        try await step()
    } throws: { error in
        if case JobStoreError.unavailable = error { true } else { false }
    }
    // A little more than promised: the machine of the tests has few cores and many tests.
    #expect(ContinuousClock.now - start < limit + .milliseconds(500), sourceLocation: sourceLocation)
}
