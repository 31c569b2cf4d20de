import Jobs
import Testing

/// Expects that a server is called away, and soon.
@discardableResult
func expectUnavailable(
    within limit: Duration = .seconds(2), sourceLocation: SourceLocation = #_sourceLocation,
    _ step: () async throws -> Void
) async -> String? {
    let start = ContinuousClock.now
    var reason: String?
    await #expect(sourceLocation: sourceLocation) {
        try await step()
    } throws: { error in
        guard case JobStoreError.unavailable(let text) = error else { return false }
        reason = text
        return true
    }
    #expect(ContinuousClock.now - start < limit, sourceLocation: sourceLocation)
    return reason
}

/// Tries again while the server is away, as callers do.
func persistently<R>(within time: Duration = .seconds(10), _ step: () async throws -> R) async throws -> R {
    let end = ContinuousClock.now + time
    while true {
        do {
            return try await step()
        } catch JobStoreError.unavailable where ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}

/// Asks again and again, for what comes in its own time.
func eventually(
    within time: Duration = .seconds(10), sourceLocation: SourceLocation = #_sourceLocation,
    _ isTrue: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + time
    while try await !isTrue() {
        guard ContinuousClock.now < end else {
            Issue.record("it did not come true within \(time)", sourceLocation: sourceLocation)
            return
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}
