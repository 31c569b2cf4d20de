import Synchronization
import Threads

/// Sends HTTP requests by libcurl: one multi handle on one thread of its own, which any number of tasks wait for.
///
/// Only `http` and `https`, HTTP/1.1, no proxies from the environment, no redirects, no cookies, no passwords from files.
package final class CurlClient: Sendable {
    private struct Running {
        let loop: CurlLoop
        /// Its one thread runs the loop, until the client goes.
        let thread: BlockingThreads
    }

    private let profile: CurlProfile
    /// Begins with the first request, since many processes never send one: libcurl's TLS alone takes megabytes.
    private let running = Mutex<Running?>(nil)

    package init(_ profile: CurlProfile = CurlProfile()) { self.profile = profile }

    deinit { running.withLock { $0?.loop.stop() } }

    private func startedLoop() throws(CurlError) -> CurlLoop {
        try running.withLock { running throws(CurlError) in
            if let running { return running.loop }
            let loop = try CurlLoop(profile)
            let thread = BlockingThreads(count: 1, limit: 1)
            thread.submit { loop.run() }
            running = Running(loop: loop, thread: thread)
            return loop
        }
    }

    /// Sends a request and waits for the whole answer, of whatever status.
    ///
    /// - Throws: ``CurlError``, or `CancellationError` once the task is cancelled: the connection is then closed.
    package func send(_ request: CurlRequest) async throws -> CurlResponse {
        let loop = try startedLoop()
        let id = loop.nextID()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                loop.take(CurlOrder(id: id, request: request, submittedAt: .now, continuation: continuation))
                // The handler below may have run before there was anything to cancel.
                if Task.isCancelled { loop.cancel(id) }
            }
        } onCancel: {
            loop.cancel(id)
        }
    }
}

/// A request that somebody waits for.
struct CurlOrder: Sendable {
    let id: UInt64
    let request: CurlRequest
    let submittedAt: ContinuousClock.Instant
    let continuation: CheckedContinuation<CurlResponse, any Error>
}
