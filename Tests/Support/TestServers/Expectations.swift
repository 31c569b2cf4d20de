import Jobs
package import Testing

/// Expects that a backend is called away, and soon.
/// - Returns: the reason that it gave.
@discardableResult
package func expectUnavailable(
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
    // A little more than promised: the machine of the tests has few cores and many tests.
    #expect(ContinuousClock.now - start < limit + .milliseconds(500), sourceLocation: sourceLocation)
    return reason
}

/// Calls again and again while a backend is away, as callers of the service would.
package func persistently<R>(within time: Duration = .seconds(20), _ step: () async throws -> R) async throws -> R {
    let end = ContinuousClock.now + time
    while true {
        do {
            return try await step()
        } catch JobStoreError.unavailable where ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}

/// Asks again and again, for what a server does in its own time.
package func eventually(
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
