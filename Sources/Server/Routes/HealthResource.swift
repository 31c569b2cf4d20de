import HTTPTypes
import Jobs

/// `/health` and its two short forms.
struct HealthResource: Resource {
    let version: String
    let startedAt: ContinuousClock.Instant
    let readiness: Readiness
    let health: Remembered<DeploymentHealth>

    var routes: [Route] {
        [
            Route(.get, "/health/live", .live) { _ in Answer(json: ["status": "live"]) },
            Route(.get, "/health/ready", .ready) { [readiness] _ in
                if readiness.isDraining {
                    throw Problem(.draining, "no new work is taken here any more")
                }
                return Answer(json: ["status": "ready"])
            },
            Route(.get, "/health", .health) { [self] _ in await report() },
        ]
    }

    private func report() async -> Answer {
        let health = await health.value
        let live = health.workers.count
        let figures = health.figures
        let json: JSON = [
            "status": .string(health.status),
            "version": .string(version),
            "uptime_seconds": .number(rounded((ContinuousClock.now - startedAt).seconds)),
            "redis": .string(redis(health)),
            "components": [
                "store": component(health.store), "queue": component(health.queue),
                "storage": component(health.storage),
            ],
            "queue": [
                "depth": .integer(figures.depth), "delayed": .integer(figures.delayed),
                "in_progress": .integer(figures.inProgress), "dead": .integer(figures.dead),
                "oldest_seconds": .number(rounded(figures.oldestSeconds)),
                "enqueued_per_second": .number(rounded(figures.enqueuedPerSecond)),
                "done_per_second": .number(rounded(figures.donePerSecond)),
            ],
            "workers": [
                "live": .integer(live),
                "slots": .integer(health.workers.reduce(0) { $0 + $1.slots }),
                "busy": .integer(health.workers.reduce(0) { $0 + $1.busy }),
                "list": .array(health.workers.map(worker)),
            ],
            "backlog_per_worker": .number(rounded(figures.backlogPerWorker(live: live))),
        ]
        return Answer(health.store.isUp ? .ok : .serviceUnavailable, json: json)
    }

    private func redis(_ health: DeploymentHealth) -> String {
        let parts = [health.store, health.queue].filter { $0.kind == "redis" }
        if parts.isEmpty { return "not configured" }
        return parts.allSatisfy(\.isUp) ? "connected" : "disconnected"
    }

    private func component(_ component: DeploymentHealth.Component) -> JSON {
        [
            "kind": .string(component.kind), "status": component.isUp ? "up" : "down",
            "latency_ms": .number(rounded(component.latency.seconds * 1000)),
        ]
    }

    private func worker(_ worker: WorkerPresence) -> JSON {
        [
            "id": JSON(worker.id), "host": .string(worker.host), "slots": .integer(worker.slots),
            "busy": .integer(worker.busy), "version": .string(worker.version), "seen_at": JSON(worker.seenAt),
        ]
    }

    /// To three places: more is noise.
    private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
}
