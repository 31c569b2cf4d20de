import HTTPTypes
import Jobs
import NIOCore

/// What the operator sees first: how the deployment stands, now and as it changes, and what it did in the last hour.
struct OverviewResource: Resource {
    private let overview: Remembered<Overview>
    /// `nil` as long as the store has not told.
    private let history: Remembered<ByteBuffer?>

    init(intake: Intake, version: String, health: Remembered<DeploymentHealth>) {
        let startedAt = ContinuousClock.now
        // However many pages are open, the store is asked for all of them at once.
        overview = Remembered(for: .seconds(1)) { last in
            await Overview(
                of: health.value, in: intake.store, version: version, uptime: startedAt.duration(to: .now), after: last)
        }
        history = Remembered(for: .seconds(2)) { last in
            await History.text(of: intake.store, until: .now) ?? last ?? nil
        }
    }

    var routes: [Route] {
        [
            Route(.get, "/overview", .overview, for: .operators) { [overview] _ in
                Answer(text: await overview.value.text)
            },
            Route(.get, "/overview/events", .overviewEvents, for: .operators) { [overview] request in
                let events = StatusEvents(named: "overview", of: overview, after: request.fields[.lastEventID])
                return Answer(.ok, fields: StatusEvents.fields, body: .pieces { try await events.next() })
            },
            Route(.get, "/history", .history, for: .operators) { [history] _ in
                guard let text = await history.value else {
                    throw JobStoreError.unavailable(reason: "the history could not be read")
                }
                return Answer(text: text)
            },
        ]
    }
}

extension Answer {
    /// JSON that was written before.
    fileprivate init(text: ByteBuffer) {
        self.init(.ok, fields: [.contentType: "application/json", .cacheControl: "no-store"], body: .bytes(text))
    }
}

/// One look at the deployment, written once for all who are shown it.
struct Overview: Sendable {
    let text: ByteBuffer
    /// Another for each overview that is worth sending: times that only pass do not count.
    let version: String
    private let jobs: [WorkerID: [Job]]
    private let slot: HistorySlot?

    /// More are not listed one by one.
    private static let mostJobs = 500

    init(
        of health: DeploymentHealth, in store: any JobStore, version: String, uptime: Duration, after last: Overview?
    ) async {
        let running = try? await store.jobs(JobFilter(state: .processing), after: nil, limit: Self.mostJobs)
        let current = try? await store.history(since: HistorySlot(containing: .now).start)
        jobs = running.map(Self.byWorker) ?? last?.jobs ?? [:]
        slot = current.map(\.last) ?? last?.slot
        let changing: JSON = .object(
            [("status", .string(health.status)), ("now", slot?.json ?? .null)]
                + health.members(jobs: jobs).filter { $0.name != "components" })
        self.version = "\(Hasher.hash(changing.text))"
        let times: [(name: String, value: JSON)] = [
            ("at", JSON(Timestamp.now)), ("version", .string(version)),
            ("uptime_seconds", JSON(rounding: uptime.seconds)),
            ("paused", .bool(health.figures.isPaused)), ("status", .string(health.status)),
            ("now", slot?.json ?? .null),
        ]
        text = JSON.object(times + health.members(jobs: jobs)).text
    }

    private static func byWorker(_ jobs: [Job]) -> [WorkerID: [Job]] {
        jobs.reduce(into: [:]) { jobs, job in
            if let worker = job.worker { jobs[worker, default: []].append(job) }
        }
    }
}

extension Hasher {
    fileprivate static func hash(_ value: some Hashable) -> Int {
        var hasher = Hasher()
        hasher.combine(value)
        return hasher.finalize()
    }
}

extension StatusEvents {
    /// - Parameter name: of the events.
    fileprivate convenience init(named name: String, of overview: Remembered<Overview>, after seen: String?) {
        let end = ContinuousClock.now + .seconds(3600)
        self.init(named: name, after: seen) { seen, limit in
            let deadline = ContinuousClock.now + limit
            // Who is signed in no more, or whose token is another now, shall not watch for ever: browsers come again.
            let isLast = ContinuousClock.now >= end
            while true {
                // At most once a second, whatever changes.
                if seen != nil { try await Task.sleep(for: .seconds(1)) }
                let found = await overview.value
                if found.version != seen || ContinuousClock.now >= deadline {
                    return Status(version: found.version, isFinal: isLast, state: "the same", body: found.text)
                }
            }
        }
    }
}

// MARK: - History

enum History {
    private static let length = Duration.seconds(3600)

    /// `nil` where the store does not answer.
    fileprivate static func text(of store: any JobStore, until end: Timestamp) async -> ByteBuffer? {
        guard let slots = try? await store.history(since: end - length) else { return nil }
        return json(of: slots, until: end).text
    }

    /// The hour before `end`, with none of its slots missing; the one that is still being filled is not among them.
    static func json(of slots: [HistorySlot], until end: Timestamp) -> JSON {
        let known = Dictionary(slots.map { ($0.start, $0) }) { first, _ in first }
        let last = HistorySlot(containing: end).start
        let count = Int(length.seconds / HistorySlot.length.seconds)
        return [
            "step_seconds": .number(HistorySlot.length.seconds),
            "slots": .array(
                (1...count).reversed().map { index in
                    let start = last - HistorySlot.length * index
                    return (known[start] ?? HistorySlot(start: start)).json
                }),
        ]
    }
}

extension HistorySlot {
    fileprivate var json: JSON {
        [
            "at": JSON(start), "submitted": .integer(submitted), "done": .integer(done), "failed": .integer(failed),
            "bytes_in": .integer(bytesIn), "bytes_out": .integer(bytesOut), "depth": .integer(depth),
            "in_progress": .integer(inProgress), "wait": waits.json, "run": runs.json,
        ]
    }
}

extension DurationHistogram {
    fileprivate var json: JSON {
        guard let median = percentile(0.5), let most = percentile(0.95), let nearlyAll = percentile(0.99) else {
            return .null
        }
        return [
            "p50": JSON(microseconds: median), "p95": JSON(microseconds: most),
            "p99": JSON(microseconds: nearlyAll),
        ]
    }
}
