import Synchronization

/// Whether the process takes new work: what a load balancer asks before it sends traffic.
package final class Readiness: Sendable {
    private let end = Mutex<ContinuousClock.Instant?>(nil)

    package init() {}

    /// When it stopped to take new work; `nil` before.
    package var drainingSince: ContinuousClock.Instant? { end.withLock { $0 } }

    package var isDraining: Bool { drainingSince != nil }

    /// From now on `/health/ready` says no, and connections end with the answer they wait for; all requests are still
    /// answered.
    package func beginDraining() { end.withLock { $0 = $0 ?? .now } }
}
