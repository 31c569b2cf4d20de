import HTTPTypes
import Jobs
import ServiceLifecycle

/// `/status/{id}`, at once or when it changes; `/status?ids=` for many; `/status/{id}/events` for every change.
struct StatusResource: Resource {
    let intake: Intake

    var routes: [Route] {
        [
            Route(.get, "/status/{id}", .status) { [self] in try await status($0) },
            Route(.get, "/status", .statuses) { [self] in try await statuses($0) },
            Route(.get, "/status/{id}/events", .statusEvents) { [self] in try await events($0) },
        ]
    }

    private func status(_ request: IncomingRequest) async throws -> Answer {
        let limit = try Waiting.inQuery(request.query)
        let page = try BatchPage(request.query)
        do {
            return try await status(ofJob: request.identifier(), limit)
        } catch JobStoreError.unknown {
            return try await status(ofBatch: request.identifier(), limit, page)
        }
    }

    private func status(ofJob id: JobID, _ limit: Duration?) async throws -> Answer {
        var job = try await intake.store.job(id)
        if let limit, !job.state.isFinal {
            let before = job.state
            job = try await intake.job(id, patiently: limit) { $0.state != before }
        }
        return Answer(json: job.json, fields: Self.fresh)
    }

    private func status(ofBatch id: BatchID, _ limit: Duration?, _ page: BatchPage) async throws -> Answer {
        var batch = try await intake.store.batch(id)
        if let limit, !batch.isComplete { batch = try await intake.batch(id, patiently: limit) }
        return Answer(json: try await batch.json(page, in: intake.store), fields: Self.fresh)
    }

    private static let fresh: HTTPFields = [.cacheControl: "no-store"]

    // MARK: Many at once

    static let maxIDs = 100

    /// One that is not there takes the place of its status with a problem's code, and does not spoil the others.
    private func statuses(_ request: IncomingRequest) async throws -> Answer {
        let ids = try ids(in: request.query)
        let found = try await intake.store.jobs(ids)
        let jobs = Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var statuses: [JSON] = []
        for id in ids {
            if let job = jobs[id] { statuses.append(job.json) } else { statuses.append(try await absence(of: id)) }
        }
        return Answer(json: ["jobs": .array(statuses)], fields: Self.fresh)
    }

    private func absence(of id: JobID) async throws -> JSON {
        do {
            return try await intake.store.job(id).json
        } catch let error as JobStoreError where error == .unknown || error == .expired {
            let code: ProblemCode = error == .expired ? .expired : .notFound
            return ["job_id": JSON(id), "status": .null, "error": ["code": .string(code.rawValue)]]
        }
    }

    private func ids(in query: Fields) throws(Problem) -> [JobID] {
        let allowed = "1 to \(Self.maxIDs) ids of jobs, separated by commas"
        guard let text = query["ids"] else {
            throw Problem(.missingParameter, "ids is missing: \(allowed)", parameter: "ids")
        }
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        let ids = words.prefix(Self.maxIDs + 1).compactMap { JobID($0) }
        guard ids.count == words.count, (1...Self.maxIDs).contains(ids.count) else {
            throw Problem.invalid("ids", given: text, allowed: allowed)
        }
        return ids
    }

    // MARK: Every change

    private func events(_ request: IncomingRequest) async throws -> Answer {
        let last = request.fields[.lastEventID]
        let events: StatusEvents
        do {
            let job = try await intake.store.job(request.identifier())
            // To who has seen the end there is nothing more to say, which tells a browser to come no more (WHATWG HTML,
            // 9.2.2).
            if job.state.isFinal, last == job.version { return Answer(.noContent) }
            events = StatusEvents(of: job.id, in: intake, after: last)
        } catch JobStoreError.unknown {
            let batch = try await intake.store.batch(request.identifier())
            if batch.isComplete, last == batch.version { return Answer(.noContent) }
            events = StatusEvents(of: batch.id, in: intake, after: last)
        }
        return Answer(
            .ok, fields: StatusEvents.fields, body: .pieces { try await events.next() })
    }
}

extension Intake {
    /// As ``job(_:waiting:until:)``, but a server that shuts down ends the wait: the client gets what there is.
    func job(
        _ id: JobID, patiently limit: Duration, until condition: @escaping @Sendable (Job) -> Bool
    ) async throws -> Job {
        do {
            return try await cancelWhenGracefulShutdown {
                try await self.job(id, waiting: limit, until: condition)
            }
        } catch is CancellationError {
            return try await store.job(id)
        }
    }
}

extension Intake {
    /// Waits until a batch is complete, the time is up, or the server shuts down, and returns it as it then is.
    fileprivate func batch(_ id: BatchID, patiently limit: Duration) async throws -> Batch {
        do {
            return try await cancelWhenGracefulShutdown {
                try await self.batch(id, waiting: limit) { $0.isComplete }
            }
        } catch is CancellationError {
            return try await store.batch(id)
        }
    }
}

/// Which images of a batch to show.
struct BatchPage {
    let start: Int
    let limit: Int

    static let usualLimit = Page.limits.upperBound

    /// The first of usual length.
    init() { (start, limit) = (0, Self.usualLimit) }

    init(_ query: Fields) throws(Problem) {
        let page = try Page(query)
        limit = query["limit"] == nil ? Self.usualLimit : page.limit
        start = try page.start { text in Int(text).flatMap { (0...Int(Int32.max)).contains($0) ? $0 : nil } } ?? 0
    }
}
