import Synchronization

/// Whether the process takes new work: what a load balancer asks before it sends traffic.
package final class Readiness: Sendable {
    private let draining = Atomic(false)

    package init() {}

    package var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// From now on `/health/ready` says no; everything else keeps answering.
    package func beginDraining() { draining.store(true, ordering: .relaxed) }
}
