import HTTPTypes
import Jobs
import NIOCore
import ServiceLifecycle
import Synchronization

/// The statuses of a job or a batch as server-sent events (WHATWG HTML, section 9.2), from now to the final one.
final class StatusEvents: Sendable {
    /// What is to be told now.
    struct Status: Sendable {
        /// Another for each status that is worth telling.
        let version: String
        let isFinal: Bool
        let state: String
        /// JSON.
        let body: ByteBuffer
    }

    /// Waits until the version is another than this, or for so long at most.
    typealias Look = @Sendable (_ seen: String?, _ limit: Duration) async throws -> Status

    private let name: String
    private let quiet: Duration
    private let look: Look
    private let state: Mutex<State>

    private struct State {
        /// The version that the client has seen.
        var seen: String?
        var isOver = false
    }

    /// - Parameters:
    ///   - name: of the events.
    ///   - seen: the last version that the client got on an earlier connection.
    ///   - quiet: how long nothing is sent at most: proxies take a silent connection for a dead one.
    init(named name: String = "status", after seen: String?, quiet: Duration = .seconds(15), look: @escaping Look) {
        self.name = name
        self.quiet = quiet
        self.look = look
        state = Mutex(State(seen: seen))
    }

    /// What goes with an answer of events.
    static let fields: HTTPFields = [
        .contentType: "text/event-stream", .cacheControl: "no-store", .xAccelBuffering: "no",
    ]

    /// The next event, or a comment where there is none for long; `nil` after the final one, or when the server shuts down.
    func next() async throws -> ByteBuffer? {
        let (seen, isOver) = state.withLock { ($0.seen, $0.isOver) }
        if isOver { return nil }
        let status: Status
        do {
            status = try await cancelWhenGracefulShutdown { [look, quiet] in try await look(seen, quiet) }
        } catch is CancellationError {
            return nil
        } catch JobStoreError.unknown, JobStoreError.expired {
            // It was deleted meanwhile: whoever asks again is told so.
            return nil
        }
        guard status.version != seen else { return ByteBuffer(string: ": still \(status.state)\n\n") }
        state.withLock { $0 = State(seen: status.version, isOver: status.isFinal) }
        var event = ByteBuffer(string: "event: \(name)\nid: \(status.version)\ndata: ")
        event.writeImmutableBuffer(status.body)
        event.writeString("\n\n")
        return event
    }
}

extension StatusEvents {
    convenience init(of job: JobID, in intake: Intake, after seen: String?, quiet: Duration = .seconds(15)) {
        self.init(after: seen, quiet: quiet) { seen, limit in
            let found = try await intake.job(job, waiting: limit) { $0.version != seen }
            return Status(
                version: found.version, isFinal: found.state.isFinal, state: found.state.rawValue, body: found.json.text
            )
        }
    }

    convenience init(of batch: BatchID, in intake: Intake, after seen: String?, quiet: Duration = .seconds(15)) {
        self.init(after: seen, quiet: quiet) { seen, limit in
            // A batch that is worked on is another all the time.
            if seen != nil { try await Task.sleep(for: min(.seconds(1), limit)) }
            let found = try await intake.batch(batch, waiting: limit) { $0.version != seen }
            return Status(
                version: found.version, isFinal: found.isComplete, state: found.isComplete ? "complete" : "processing",
                body: try await found.json(BatchPage(), in: intake.store).text)
        }
    }
}

extension Job {
    /// Another for each status that is worth telling.
    var version: String { "\(state.rawValue)-\(fence)-\(attempts)-\(Int(progress * 100))" }
}

extension Batch {
    /// Another for each status that is worth telling.
    var version: String { "\(isComplete ? "complete" : "processing")-\(done)-\(failed)" }
}
