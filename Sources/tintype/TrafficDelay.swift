import Server
import ServiceLifecycle

/// Keeps the HTTP server from closing for a while after `/health/ready` has said no: a load balancer sends requests until
/// its next check, and those that would meet a closed socket are lost to their clients.
struct TrafficDelay: Service {
    let readiness: Readiness
    /// From the moment of the signal.
    let delay: Duration

    func run() async throws {
        try await gracefulShutdown()
        guard let since = readiness.drainingSince else { return }
        try? await Task.sleep(until: since + delay, clock: .continuous)
    }
}
