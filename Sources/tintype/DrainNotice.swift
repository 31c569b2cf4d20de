import Logging
import Server
import ServiceLifecycle

/// Takes the process out of the load balancer's hands as soon as it is asked to stop, and sees that it does stop.
struct DrainNotice: Service {
    let readiness: Readiness
    /// How long a drain may take: the grace time of jobs, and a little for what they leave to be written down.
    let limit: Duration
    let logger: Logger

    func run() async throws {
        try await gracefulShutdown()
        readiness.beginDraining()
        // Nobody waits for it: it outlives every service, for what ends none of them. A client that reads no more, a full
        // disk or a decoder without end would keep the process for ever. What is cut off is what a crash would cut off,
        // and that loses nothing.
        Task.detached { [limit, logger] in
            try? await Task.sleep(for: limit)
            logger.warning("the drain took too long, and is ended")
            Exit.now()
        }
    }
}
