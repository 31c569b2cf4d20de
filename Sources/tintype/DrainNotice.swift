import ServiceLifecycle
import Server

/// Takes the process out of the load balancer's hands as soon as it is asked to stop.
struct DrainNotice: Service {
    let readiness: Readiness

    func run() async throws {
        try await gracefulShutdown()
        readiness.beginDraining()
    }
}
